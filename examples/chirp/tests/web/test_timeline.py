"""The time lines and the chirps in them."""

from __future__ import annotations

import re

import pytest

IDS = re.compile(r'id="chirp-(\d+)"')


def ids_of(response):
    return [int(number) for number in IDS.findall(response.text)]


def test_a_chirp_is_posted_and_shown(person, visitor):
    ada = person("Ada")
    response = ada.send("/", "/chirps", text="  A loop within\r\na loop. ")
    assert (response.status_code, response.headers["Location"]) == (303, "/")
    assert '<p class="chirp-text" dir="auto">A loop within\na loop.</p>' in ada.get("/").text
    for path in ("/", "/everyone", "/@Ada"):
        assert "A loop within" in visitor.get(path).text


def test_what_people_write_is_text_and_never_markup(person, visitor):
    ada = person("Ada")
    ada.chirp('<script>alert("x")</script> <b>bold</b> & "quoted" \'once\'')
    ada.chirp("javascript:alert(1) http://x.test/\"onmouseover='alert(1)' @Ada <img src=x>")
    page = visitor.get("/everyone").text
    assert "<script>alert" not in page and "<b>bold" not in page and "<img src=x" not in page
    assert "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;" in page
    assert 'href="javascript' not in page and '"onmouseover' not in page
    assert '<a href="/@Ada">@Ada</a>' in page
    assert '<a href="http://x.test/" rel="nofollow noopener">' in page


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Write something."),
        (" \n ", "Write something."),
        ("\u200b\u200d", "Write something."),
        ("x" * 281, "at most 280 characters; this text has 281"),
        ("👩‍👩‍👧‍👦" * 281, "at most 280"),
        ("x" * 100_000, "at most 280"),
        ("bell \x07", "control characters"),
        ("zero \x00", "control characters"),
        ("turn \u202e around", "control characters"),
    ],
    ids=["empty", "blank", "invisible", "281", "281 families", "a book", "bell", "zero", "turn"],
)
def test_a_text_that_cannot_be_taken_is_kept_in_the_form(person, text, message):
    ada = person("Ada")
    response = ada.send("/", "/chirps", text=text)
    assert response.status_code == 422
    assert 'id="text-error"' in response.text and message in response.text
    assert 'aria-invalid="true"' in response.text
    if text == "x" * 281:
        assert f">\r\n{text}</textarea>" in response.text
    assert ids_of(ada.get("/everyone")) == []


def test_280_characters_as_a_person_counts_them(person):
    ada = person("Ada")
    ada.chirp("👩‍👩‍👧‍👦" * 280)
    ada.chirp("é" * 280)
    assert len(ids_of(ada.get("/"))) == 2


def test_a_form_that_is_sent_twice_is_one_chirp(person):
    ada = person("Ada")
    form = ada.form("/", "/chirps")
    for _ in range(3):
        response = ada.client.post("/chirps", data={**form.fields, "text": "once"})
        assert response.status_code == 303
    assert len(ids_of(ada.get("/"))) == 1
    ada.chirp("once")
    assert len(ids_of(ada.get("/"))) == 2


def test_replies(person, visitor):
    ada, bob = person("Ada"), person("Bob")
    first = ada.chirp("Who is there?")
    page = f"/chirps/{first}"
    response = bob.send(page, f"{page}/replies", text="Bob is.")
    assert (response.status_code, response.headers["Location"]) == (303, page)
    shown = visitor.get(page)
    assert "Bob is." in shown.text and f'Replying to <a href="{page}">Ada</a>' in shown.text
    assert '<span>1</span><span class="visually-hidden">reply</span>' in shown.text
    response = bob.send(page, f"{page}/replies", text="x" * 300)
    assert response.status_code == 422
    assert "at most 280" in response.text and "Who is there?" in response.text


def test_likes(person, visitor):
    ada, bob = person("Ada"), person("Bob")
    chirp = ada.chirp("Like me")
    for _ in range(2):
        response = bob.post(f"/chirps/{chirp}/like", next="/everyone")
        assert (response.status_code, response.headers["Location"]) == (303, "/everyone")
    page = bob.get("/everyone").text
    assert 'aria-pressed="true"' in page
    assert '<span>1</span><span class="visually-hidden">like</span>' in page
    assert 'aria-pressed="false"' in ada.get("/everyone").text
    for _ in range(2):
        assert bob.post(f"/chirps/{chirp}/unlike").status_code == 303
    assert '<span></span><span class="visually-hidden">Like</span>' in visitor.get("/").text


def test_a_script_that_likes_gets_the_card_alone(person):
    ada = person("Ada")
    chirp = ada.chirp("Like me")
    answer = ada.client.post(
        f"/chirps/{chirp}/like",
        data={"csrf_token": ada.token(), "next": "/everyone"},
        headers={"X-Requested-Part": "card"},
    )
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith("<article") and "<html" not in answer.text
    assert f'value="/everyone#chirp-{chirp}"' in answer.text


def test_one_deletes_ones_own_chirp_and_is_asked_first(person, visitor):
    ada = person("Ada")
    chirp = ada.chirp("Regret")
    page = f"/chirps/{chirp}/delete?next=/@Ada"
    assert "Delete this chirp?" in ada.get(page).text
    response = ada.send(page)
    assert (response.status_code, response.headers["Location"]) == (303, "/@Ada")
    assert ids_of(visitor.get("/")) == []
    assert visitor.get(f"/chirps/{chirp}").status_code == 404


def test_nobody_deletes_anothers_chirp(person):
    ada, bob = person("Ada"), person("Bob")
    chirp = ada.chirp("Mine")
    for response in (
        bob.get(f"/chirps/{chirp}/delete"),
        bob.post(f"/chirps/{chirp}/delete"),
    ):
        assert response.status_code == 403
        assert "This is not yours" in response.text
    assert ids_of(ada.get("/")) == [chirp]


@pytest.mark.parametrize(
    "chirp",
    ["0", "-1", "12345", "9223372036854775807", "9223372036854775808", "9" * 5000, "x"],
    ids=["zero", "negative", "unknown", "largest", "too large", "long", "no number"],
)
def test_a_chirp_that_is_not_there(person, chirp):
    ada = person("Ada")
    assert ada.get(f"/chirps/{chirp}").status_code == 404
    for action in ("like", "unlike", "replies", "delete"):
        assert ada.post(f"/chirps/{chirp}/{action}", text="x").status_code == 404


def test_a_change_needs_a_log_in(person, visitor):
    ada = person("Ada")
    chirp = f"/chirps/{ada.chirp('Here')}"
    for path in ("/chirps", f"{chirp}/like", f"{chirp}/replies", f"{chirp}/delete", "/@Ada/follow"):
        response = visitor.post(path, text="x", next="/@Ada")
        assert response.status_code == 303
        assert response.headers["Location"] == "/login?next=/@Ada"
    assert len(ids_of(ada.get("/everyone"))) == 1


def test_a_personal_time_line_has_ones_own_chirps_and_those_of_whom_one_follows(person):
    ada, bob, eve = person("Ada"), person("Bob"), person("Eve")
    assert "See what everyone writes" in ada.get("/").text
    mine, his, hers = ada.chirp("mine"), bob.chirp("his"), eve.chirp("hers")
    ada.send("/@Bob", "/@Bob/follow")
    assert ids_of(ada.get("/")) == [his, mine]
    assert ids_of(ada.get("/everyone")) == [hers, his, mine]
    ada.send("/@Bob", "/@Bob/unfollow")
    assert ids_of(ada.get("/")) == [mine]


def test_pages_stay_stable_while_new_chirps_arrive(person):
    ada = person("Ada")
    made = [ada.chirp(f"chirp {n}") for n in range(45)]
    first = ada.get("/")
    older = re.search(r'rel="next" href="([^"]+)"', first.text)[1]
    ada.chirp("one more")
    second = ada.get("/" + older)
    older = re.search(r'rel="next" href="([^"]+)"', second.text)[1]
    third = ada.get("/" + older)
    assert ids_of(first) + ids_of(second) + ids_of(third) == made[::-1]
    assert 'rel="next"' not in third.text and "Back to the newest" in third.text
    # A page of older chirps is not live, and has no form.
    assert "data-fresh" not in second.text and "composer" not in second.text


@pytest.mark.parametrize(
    "cursor",
    ["x", "-1", "' OR 1=1", "A" * 1000, "\x00", "é", "____________"],
    ids=["short", "negative", "SQL", "long", "zero", "not ASCII", "too large"],
)
def test_a_cursor_that_no_page_gave_out(person, cursor):
    ada = person("Ada")
    for path in ("/", "/everyone", "/@Ada", "/@Ada/followers"):
        response = ada.get(path, query_string={"cursor": cursor})
        assert response.status_code == 400
        assert "This is not a cursor" in response.text


def test_fresh_gives_what_is_newer(person, visitor):
    ada = person("Ada")
    made = [ada.chirp(f"chirp {n}") for n in range(3)]
    answer = visitor.get(f"/fresh?stream=everyone&after={made[0]}&back=/everyone")
    assert ids_of(answer) == [made[2], made[1]]
    assert "<html" not in answer.text and "X-Gap" not in answer.headers
    assert ids_of(visitor.get(f"/fresh?stream=everyone&after={made[2]}")) == []
    many = [ada.chirp(f"more {n}") for n in range(21)]
    answer = ada.get(f"/fresh?stream=home&after={made[2]}")
    assert answer.headers["X-Gap"] == "1" and ids_of(answer) == many[:0:-1]
    assert "X-Gap" not in ada.get(f"/fresh?stream=home&after={many[1]}").headers


@pytest.mark.parametrize(
    ("stream", "status"),
    [
        ("home", 403),
        ("everyone", 200),
        ("person:9", 404),
        ("person:99999999999999999999", 404),
        ("person:x", 404),
        ("person", 404),
        ("replies:9", 200),
        ("replies:-1", 404),
        ("secrets", 404),
        ("", 404),
        ("everyone\x00", 404),
        ("person:1٣", 404),
    ],
)
def test_streams_that_a_stranger_asks_for(visitor, stream, status):
    answer = visitor.get("/fresh", query_string={"stream": stream, "after": "x"})
    assert answer.status_code == status


def test_a_reader_who_is_not_logged_in_gets_no_cookie(person, visitor):
    chirp = f"/chirps/{person('Ada').chirp('Hello')}"
    for path in ("/", "/everyone", "/@Ada", chirp, "/@Ada/followers"):
        assert "Set-Cookie" not in visitor.get(path).headers
