"""Who is let in, and how the API says no."""

from __future__ import annotations

import pytest
from chirp.services import people


@pytest.fixture
def database_url(sqlite_url):
    """What is asked here is decided before any database is."""
    return sqlite_url


PATHS = [
    ("GET", "/me"),
    ("GET", "/tokens"),
    ("DELETE", "/tokens/1"),
    ("GET", "/timelines/public"),
    ("GET", "/timelines/personal"),
    ("POST", "/chirps"),
    ("GET", "/chirps/1"),
    ("DELETE", "/chirps/1"),
    ("GET", "/chirps/1/replies"),
    ("PUT", "/chirps/1/like"),
    ("DELETE", "/chirps/1/like"),
    ("GET", "/people/Ada"),
    ("GET", "/people/Ada/chirps"),
    ("GET", "/people/Ada/followers"),
    ("GET", "/people/Ada/following"),
    ("PUT", "/people/Ada/follow"),
    ("DELETE", "/people/Ada/follow"),
]


def test_every_address_is_in_the_list(app):
    """So that the next test leaves none out."""
    known = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and rule.endpoint != "api.create_token"
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert len(known) == len(PATHS)


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_nothing_without_a_token(program, method, path):
    answer = program()(method, path)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer realm=")
    assert answer.json["error"]["status"] == 401


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer chirp_x",
        "Basic QWRhOmNvcnJlY3QgaG9yc2U=",
        "chirp_x",
        "Bearer a b",
    ],
)
def test_nothing_with_another(program, ada, header):
    answer = program()("GET", "/me", headers={"Authorization": header})
    assert answer.status_code == 401
    assert "WWW-Authenticate" in answer.headers


def test_no_page_of_another_site_acts_by_a_cookie(client, ada):
    """A log-in of the pages is none for the API, whose requests no form token protects."""
    with client.session_transaction() as session:
        session["person"], session["epoch"] = ada.id, ada.session_epoch
    assert client.post("/api/v1/chirps", json={"text": "forged"}).status_code == 401


def test_a_token_is_enough_whatever_the_origin(as_ada):
    answer = as_ada(
        "POST", "/chirps", json={"text": "Hello"}, headers={"Origin": "https://other.example"}
    )
    assert answer.status_code == 201


def test_answers_are_kept_nowhere(as_ada):
    assert as_ada("GET", "/me").headers["Cache-Control"] == "no-store"


class TestTokens:
    def ask(self, program, **values):
        sent = {"login": "Ada", "password": "correct horse", "name": "phone", **values}
        return program()("POST", "/tokens", json=sent)

    def test_by_name_and_password_once(self, program, ada):
        answer = self.ask(program)
        assert answer.status_code == 201
        assert answer.headers["Location"].endswith("/api/v1/tokens")
        headers = {"Authorization": "Bearer " + answer.json["token"]}
        assert program()("GET", "/me", headers=headers).json["email"] == "Ada@example.org"
        listed = program()("GET", "/tokens", headers=headers)
        assert [token["name"] for token in listed.json["items"]] == ["phone"]
        assert answer.json["token"] not in listed.text
        token_id = answer.json["id"]
        assert program()("DELETE", f"/tokens/{token_id}", headers=headers).status_code == 204
        assert program()("GET", "/me", headers=headers).status_code == 401

    def test_wrong_ones_look_the_same(self, program, ada):
        wrong, unknown = self.ask(program, password="wrong"), self.ask(program, login="nobody")
        assert wrong.status_code == unknown.status_code == 401
        assert wrong.json == unknown.json

    def test_a_name_is_used_once(self, program, ada):
        assert self.ask(program).status_code == 201
        again = self.ask(program)
        assert (again.status_code, again.json["error"]["field"]) == (409, "name")

    def test_guessing_ends(self, program, ada):
        for _ in range(5):
            assert self.ask(program, password="wrong").status_code == 401
        refused = self.ask(program)
        assert refused.status_code == 429
        assert 0 < int(refused.headers["Retry-After"]) <= 900

    @pytest.mark.parametrize("field", ["login", "password", "name"])
    @pytest.mark.parametrize("value", [None, 1, ["a"], {"a": 1}])
    def test_fields_are_strings(self, program, ada, field, value):
        answer = self.ask(program, **{field: value})
        assert (answer.status_code, answer.json["error"]["field"]) == (422, field)

    def test_half_a_character_breaks_nothing(self, program, ada):
        for field in ("login", "password"):
            sent = (
                b'{"login": "Ada", "password": "x", "name": "n", "%s": "\\ud800"}' % field.encode()
            )
            answer = program()("POST", "/tokens", data=sent, content_type="application/json")
            assert answer.status_code == 401


class TestMistakes:
    @pytest.mark.parametrize(
        ("body", "kind", "status"),
        [
            ("{", "application/json", 400),
            ("[]", "application/json", 400),
            ("null", "application/json", 400),
            ("", "application/json", 400),
            ("[" * 100_000, "application/json", 400),
            ('{"text": "a"}', "text/plain", 415),
            ("text=a", "application/x-www-form-urlencoded", 415),
            ('{"text": "' + "a" * 300_000 + '"}', "application/json", 413),
        ],
    )
    def test_bodies(self, as_ada, body, kind, status):
        answer = as_ada("POST", "/chirps", data=body, content_type=kind)
        assert answer.status_code == status
        assert answer.json["error"]["status"] == status

    @pytest.mark.parametrize("path", ["/nothing", "/chirps/x", "/chirps/-1", "/", "/people/"])
    def test_addresses_that_are_none(self, as_ada, path):
        answer = as_ada("GET", path)
        assert answer.status_code == 404
        assert answer.json["error"]["status"] == 404

    def test_methods_that_are_none(self, as_ada):
        answer = as_ada("PUT", "/chirps")
        assert (answer.status_code, answer.json["error"]["status"]) == (405, 405)
        assert "POST" in answer.headers["Allow"]

    @pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "limit=", "limit=-1",
                                       "limit=٣", "cursor=", "cursor=x", "cursor=%00"])  # fmt: skip
    @pytest.mark.parametrize("path", ["/timelines/public", "/timelines/personal",
                                      "/people/Ada/chirps", "/people/Ada/followers"])  # fmt: skip
    def test_pages_that_are_none(self, as_ada, path, query):
        answer = as_ada("GET", f"{path}?{query}")
        assert answer.status_code == 400, answer.text

    def test_a_fault_is_json_as_well(self, app, as_ada, monkeypatch):
        def broken(*args):
            raise RuntimeError("broken")

        app.testing = False
        monkeypatch.setattr(people, "by_name", broken)
        answer = as_ada("GET", "/people/Ada")
        assert (answer.status_code, answer.json["error"]["status"]) == (500, 500)
        assert "broken" not in answer.text
