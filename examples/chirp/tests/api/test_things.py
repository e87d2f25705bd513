"""Chirps, time lines, follows and likes by the API."""

from __future__ import annotations

import re

import pytest

BIG = 10**30


class TestChirps:
    def test_post_read_delete(self, as_ada, as_bob):
        answer = as_ada("POST", "/chirps", json={"text": " Hello <b> "})
        assert answer.status_code == 201
        document = answer.json
        assert answer.headers["Location"].endswith(document["url"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document.pop("created_at"))
        number = document.pop("id")
        assert document == {
            "url": f"/api/v1/chirps/{number}",
            "text": "Hello <b>",
            "author": {"name": "Ada", "url": "/api/v1/people/Ada"},
            "likes": 0,
            "liked": False,
            "replies": 0,
            "reply_to": None,
            "mine": True,
        }
        path = f"/chirps/{number}"
        assert as_bob("GET", path).json["mine"] is False
        assert as_bob("DELETE", path).status_code == 403
        assert as_ada("DELETE", path).status_code == 204
        for method in ("GET", "DELETE"):
            assert as_ada(method, path).status_code == 404

    @pytest.mark.parametrize("text", [None, 5, ["a"], "", "  ", "x" * 281, "a\0b", "\ud800"])
    def test_refused_texts(self, as_ada, text):
        answer = as_ada("POST", "/chirps", json={"text": text})
        assert (answer.status_code, answer.json["error"]["field"]) == (422, "text")

    def test_a_text_is_needed(self, as_ada):
        assert as_ada("POST", "/chirps", json={}).status_code == 422

    def test_sent_again_with_its_key_it_is_one(self, as_ada):
        headers = {"Idempotency-Key": "4d2c"}
        first, again = (
            as_ada("POST", "/chirps", json={"text": "Hello"}, headers=headers) for _ in range(2)
        )
        assert first.status_code == again.status_code == 201
        assert first.json["id"] == again.json["id"]
        assert len(as_ada("GET", "/timelines/public").json["items"]) == 1
        too_long = {"Idempotency-Key": "x" * 256}
        assert as_ada("POST", "/chirps", json={"text": "a"}, headers=too_long).status_code == 400

    def test_replies(self, as_ada, as_bob):
        question = as_ada.post("Question")
        answer = as_bob.post("Answer", reply_to=question["id"])
        assert answer["reply_to"] == {"id": question["id"], "name": "Ada"}
        page = as_ada("GET", f"/chirps/{question['id']}/replies").json
        assert [item["id"] for item in page["items"]] == [answer["id"]]
        assert as_ada("GET", question["url"]).json["replies"] == 1

    @pytest.mark.parametrize(
        ("reply_to", "status"),
        [("1", 422), (True, 422), (1.5, 422), (10**9, 404), (BIG, 404), (-1, 404)],
    )
    def test_replies_to_nothing(self, as_ada, reply_to, status):
        answer = as_ada("POST", "/chirps", json={"text": "Answer", "reply_to": reply_to})
        assert answer.status_code == status

    def test_likes(self, as_ada, as_bob):
        path = as_ada.post("Hello")["url"]
        for _ in range(2):
            assert as_bob("PUT", path + "/like").status_code == 204
        seen = as_bob("GET", path).json
        assert (seen["likes"], seen["liked"]) == (1, True)
        assert as_ada("GET", path).json["liked"] is False
        for _ in range(2):
            assert as_bob("DELETE", path + "/like").status_code == 204
        assert as_bob("GET", path).json["likes"] == 0

    @pytest.mark.parametrize("number", [0, 10**9, 2**63 - 1, 2**63, BIG])
    def test_what_is_not_there(self, as_ada, number):
        for method, path in (
            ("GET", ""),
            ("DELETE", ""),
            ("GET", "/replies"),
            ("PUT", "/like"),
            ("DELETE", "/like"),
        ):
            assert as_ada(method, f"/chirps/{number}{path}").status_code == 404
        assert as_ada("DELETE", f"/tokens/{number}").status_code == 404


class TestTimelines:
    def test_pages_follow_each_other(self, as_ada, as_bob):
        made = [as_ada.post(f"Number {n}")["id"] for n in range(5)]
        as_bob("PUT", "/people/ada/follow")
        for path in ("/timelines/public", "/timelines/personal", "/people/Ada/chirps"):
            found, cursor = [], None
            for _ in range(3):
                query = f"?limit=2&cursor={cursor}" if cursor else "?limit=2"
                page = as_bob("GET", path + query).json
                found += [item["id"] for item in page["items"]]
                cursor = page["next_cursor"]
            assert cursor is None
            assert found == made[::-1]

    def test_personal_is_of_those_one_follows(self, as_ada, as_bob):
        hers, his = as_ada.post("Hers")["id"], as_bob.post("His")["id"]

        def seen():
            return [item["id"] for item in as_bob("GET", "/timelines/personal").json["items"]]

        assert seen() == [his]
        as_bob("PUT", "/people/Ada/follow")
        assert seen() == [his, hers]
        as_bob("DELETE", "/people/Ada/follow")
        assert seen() == [his]


class TestPeople:
    def test_seen_by_others_without_the_address(self, as_ada, as_bob):
        seen = as_bob("GET", "/people/ADA")
        assert (seen.json["name"], seen.json["followed"]) == ("Ada", False)
        assert "@" not in seen.text

    def test_follows(self, as_ada, as_bob):
        for _ in range(2):
            assert as_bob("PUT", "/people/Ada/follow").status_code == 204
        assert as_bob("GET", "/people/Ada").json["followed"] is True
        for path in ("/people/Ada/followers", "/people/Bob/following"):
            assert len(as_ada("GET", path).json["items"]) == 1
        assert as_ada("GET", "/people/Ada/following").json == {"items": [], "next_cursor": None}
        for _ in range(2):
            assert as_bob("DELETE", "/people/Ada/follow").status_code == 204
        assert as_ada("GET", "/people/Ada/followers").json["items"] == []

    def test_not_oneself(self, as_ada):
        answer = as_ada("PUT", "/people/Ada/follow")
        assert (answer.status_code, answer.json["error"]["field"]) == (422, "name")

    @pytest.mark.parametrize("name", ["nobody", "%00", "%ff", "x" * 5000])
    def test_nobody(self, as_ada, name):
        for method, path in (
            ("GET", ""),
            ("GET", "/chirps"),
            ("PUT", "/follow"),
            ("DELETE", "/follow"),
        ):
            assert as_ada(method, f"/people/{name}{path}").status_code == 404


def test_the_open_pages_hear_of_it(app, as_ada, as_bob, bob, monkeypatch):
    told = []
    monkeypatch.setattr(app.extensions["chirp.broadcaster"], "publish", told.append)
    as_bob("PUT", "/people/Ada/follow")
    made = as_ada.post("Hello")
    as_ada("DELETE", made["url"])
    as_bob("DELETE", "/people/Ada/follow")
    assert [event["type"] for event in told] == ["follow", "chirp", "gone", "follow"]
    assert told[1]["id"] == told[2]["id"] == made["id"]
    assert [told[0]["on"], told[3]["on"]] == [True, False]
