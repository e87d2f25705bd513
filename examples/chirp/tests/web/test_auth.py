"""Registering, logging in and out."""

from __future__ import annotations

import re

import pytest
from chirp.services import people

PASSWORD = "correct horse"
NEW = {"name": "Ada", "email": "ada@example.org", "password": PASSWORD}


def test_register_logs_in(visitor):
    response = visitor.send("/register", **NEW)
    assert (response.status_code, response.headers["Location"]) == (303, "/")
    page = visitor.get("/")
    assert "Welcome, Ada!" in page.text and "Log out" in page.text
    assert "Welcome, Ada!" not in visitor.get("/").text


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "", "Choose a name."),
        ("name", "a", "Use 2 to 32 letters"),
        ("name", "a b", "Use 2 to 32 letters"),
        ("name", "x" * 33, "Use 2 to 32 letters"),
        ("name", "<script>alert(1)</script>", "Use 2 to 32 letters"),
        ("name", "ada\x00", "Use 2 to 32 letters"),
        ("name", "\u0440\u0430ypal", "letters of one script"),
        ("email", "", "Write your e-mail address."),
        ("email", "nobody", "Write an e-mail address like"),
        ("email", "a@b@c.de", "Write an e-mail address like"),
        ("email", "x" * 300 + "@example.org", "Write an e-mail address like"),
        ("password", "", "Choose a password."),
        ("password", "short", "at least 8"),
        ("password", "x" * 1001, "at most 1000"),
    ],
)
def test_each_field_says_what_is_wrong_and_the_others_keep_what_was_typed(
    visitor, field, value, message
):
    response = visitor.send("/register", **{**NEW, field: value})
    assert response.status_code == 422
    assert f'id="{field}-error"' in response.text
    assert message in response.text
    assert "<script>alert" not in response.text
    for other in {"name", "email"} - {field}:
        assert f'value="{NEW[other]}"' in response.text
    # A password never comes back.
    assert PASSWORD not in response.text


@pytest.mark.parametrize(
    ("typed", "messages"),
    [
        (
            {"name": "a b", "email": "nobody", "password": "short"},
            {"name": "Use 2 to 32", "email": "like name@example", "password": "at least 8"},
        ),
        (
            {"name": "", "email": "nobody", "password": "short"},
            {"name": "Choose a name.", "email": "like name@example", "password": "at least 8"},
        ),
        (
            {"name": "ada", "email": "ADA@example.org", "password": ""},
            {"name": "is taken", "email": "is taken", "password": "Choose a password."},
        ),
    ],
)
def test_all_that_is_wrong_is_said_at_once(person, visitor, typed, messages):
    person("Ada")
    response = visitor.send("/register", **typed)
    assert response.status_code == 422
    found = dict(re.findall(r'id="(\w+)-error">(.*?)<', response.text))
    assert found.keys() == messages.keys()
    for field, message in messages.items():
        assert message in found[field]


@pytest.mark.parametrize("taken", ["Ada", "ada", "ADA"])
def test_a_name_that_is_taken(person, visitor, taken):
    person("Ada")
    response = visitor.send("/register", **{**NEW, "name": taken, "email": "b@example.org"})
    assert response.status_code == 422
    assert 'id="name-error">This name is taken.' in response.text


def test_the_late_one_of_two_with_the_same_name_sees_it_at_the_field(person, visitor, monkeypatch):
    """Both forms were checked before either was stored: the database decides."""
    hashed = people.passwords.hashed
    asked = []

    def meanwhile(password):
        if not asked:
            asked.append(password)
            person("Ada")
        return hashed(password)

    monkeypatch.setattr(people.passwords, "hashed", meanwhile)
    response = visitor.send("/register", **{**NEW, "email": "other@example.org"})
    assert asked and response.status_code == 422
    assert 'id="name-error">This name is taken.' in response.text


@pytest.mark.parametrize("login", ["Ada", "ada", "Ada@example.org", "  ada "])
def test_log_in_by_name_or_address_and_out(person, visitor, login):
    person("Ada")
    response = visitor.log_in(login)
    assert (response.status_code, response.headers["Location"]) == (303, "/")
    assert "Hello, Ada!" in visitor.get("/").text
    response = visitor.send("/", "/logout")
    assert (response.status_code, response.headers["Location"]) == (303, "/")
    page = visitor.get("/")
    assert "You are logged out." in page.text and "Join Chirp" in page.text
    assert visitor.get("/settings/").status_code == 303


def test_unknown_people_and_wrong_passwords_get_the_same_words(person, visitor):
    person("Ada")
    wrong = visitor.log_in("Ada", "not her password")
    unknown = visitor.log_in("Nobody", "not her password")
    assert wrong.status_code == unknown.status_code == 422
    for response in (wrong, unknown):
        assert "That name and password do not fit." in response.text
    assert 'value="Ada"' in wrong.text
    assert "not her password" not in wrong.text


@pytest.mark.parametrize(
    ("login", "password", "message"),
    [
        ("", "x", "Write your user name"),
        ("x", "", "Write your password."),
        ("x" * 100_000, "x", "do not fit"),
        ("Ada", "x" * 100_000, "do not fit"),
        ("Ada\x00", "x", "do not fit"),
        ("' OR 1=1 --", "x", "do not fit"),
    ],
    ids=["no name", "no password", "long name", "long password", "zero", "SQL"],
)
def test_bad_log_ins(person, visitor, login, password, message):
    person("Ada")
    response = visitor.log_in(login, password)
    assert response.status_code == 422
    assert message in response.text


def test_attempts_are_limited_and_the_answer_says_until_when(person, visitor):
    person("Ada")
    for _ in range(100):
        response = visitor.log_in("Ada", "guessing a password")
        if response.status_code != 422:
            break
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0
    assert "Too many attempts" in response.text
    # The right password does not open it either.
    assert visitor.log_in("Ada").status_code == 429


def test_the_session_is_another_one_after_the_log_in(person, visitor):
    person("Ada")
    token = visitor.form("/login").fields["csrf_token"]
    before = visitor.client.get_cookie("chirp").value
    visitor.log_in("Ada")
    assert visitor.client.get_cookie("chirp").value != before
    # A form from before it is worth nothing.
    assert visitor.client.post("/logout", data={"csrf_token": token}).status_code == 400


def test_remember_me_keeps_the_cookie_and_otherwise_it_ends_with_the_browser(person, visitor):
    person("Ada")
    response = visitor.log_in("Ada")
    [cookie] = response.headers.getlist("Set-Cookie")
    assert "Expires" not in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    visitor.send("/", "/logout")
    [cookie] = visitor.log_in("Ada", remember="y").headers.getlist("Set-Cookie")
    assert "Expires" in cookie


@pytest.mark.parametrize(
    ("after", "goes_to"),
    [
        ("/everyone?cursor=x", "/everyone?cursor=x"),
        ("/@Ada", "/@Ada"),
        ("https://evil.test/", "/"),
        ("//evil.test/", "/"),
        ("/\\evil.test", "/"),
        ("\\/evil.test", "/"),
        ("javascript:alert(1)", "/"),
        ("/\tevil", "/"),
        ("http://localhost.evil.test/", "/"),
        ("", "/"),
    ],
)
def test_log_in_goes_where_the_person_wanted_and_to_no_other_site(person, visitor, after, goes_to):
    person("Ada")
    response = visitor.log_in("Ada", next=after)
    assert (response.status_code, response.headers["Location"]) == (303, goes_to)


def test_a_page_that_needs_a_person_comes_back_after_the_log_in(person, visitor):
    person("Ada")
    response = visitor.get("/settings/tokens?a=b")
    assert response.status_code == 303
    login = response.headers["Location"]
    assert login == "/login?next=/settings/tokens?a%3Db"
    page = visitor.send(login, login="Ada", password=PASSWORD)
    assert page.headers["Location"] == "/settings/tokens?a=b"


def test_who_is_logged_in_needs_no_log_in_page(person):
    ada = person("Ada")
    for path in ("/login", "/register"):
        assert ada.get(path).headers["Location"] == "/"


def test_a_deleted_person_is_not_logged_in_any_more(app, person, stored):
    ada, other = person("Ada"), person("Bob")
    with app.extensions["chirp.database"].session() as session:
        people.delete(session, session.merge(stored("Ada")), PASSWORD)
    assert ada.get("/settings/").status_code == 303
    assert "Join Chirp" in ada.get("/").text
    assert other.get("/settings/").status_code == 200


def test_a_session_that_somebody_else_signed_is_nobodys(app, person, visitor):
    ada = person("Ada")
    value = ada.client.get_cookie("chirp").value
    visitor.client.set_cookie("chirp", value[:-3] + ("AAA" if value[-3:] != "AAA" else "BBB"))
    assert "Join Chirp" in visitor.get("/").text
