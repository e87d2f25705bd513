"""A person's own settings."""

from __future__ import annotations

import re

import pytest

PASSWORD = "correct horse"
NEW = "another battery"


def test_biography(person, visitor):
    ada = person("Ada")
    response = ada.send("/settings/", biography="First line\r\nsecond")
    assert (response.status_code, response.headers["Location"]) == (303, "/@Ada")
    assert ada.form("/settings/").fields["biography"] == "First line\nsecond"
    response = ada.send("/settings/", biography="x" * 501)
    assert response.status_code == 422
    assert 'id="biography-error"' in response.text
    assert ada.send("/settings/", biography="").status_code == 303
    assert "First line" not in visitor.get("/@Ada").text


def test_a_new_password_ends_the_log_ins_elsewhere(person, visitor):
    ada = person("Ada")
    visitor.log_in("Ada")
    assert visitor.get("/settings/").status_code == 200
    response = ada.send("/settings/password", old=PASSWORD, new=NEW, again=NEW)
    assert (response.status_code, response.headers["Location"]) == (303, "/settings/")
    assert "The password is changed." in ada.get("/settings/").text
    assert visitor.get("/settings/").status_code == 303
    assert visitor.log_in("Ada").status_code == 422
    assert visitor.log_in("Ada", NEW).status_code == 303


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"old": "wrong"}, "old", "not your password"),
        ({"old": ""}, "old", "Write your password."),
        ({"new": "short", "again": "short"}, "new", "at least 8"),
        ({"again": "something else"}, "again", "not the same as above"),
    ],
)
def test_a_new_password_that_is_not_taken(person, visitor, typed, field, message):
    ada = person("Ada")
    response = ada.send(
        "/settings/password", **{"old": PASSWORD, "new": NEW, "again": NEW, **typed}
    )
    assert response.status_code == 422
    assert re.search(rf'id="{field}-error">[^<]*{message}', response.text)
    assert visitor.log_in("Ada").status_code == 303


def test_tokens(person):
    ada, bob = person("Ada"), person("Bob")
    made = ada.send("/settings/tokens", name="robot")
    assert made.status_code == 201
    secret = re.search(r'<code class="secret">(\w[\w-]+)</code>', made.text)[1]
    page = ada.get("/settings/tokens").text
    assert 'class="fw-bold">robot<' in page and secret not in page
    response = ada.send("/settings/tokens", name="robot")
    assert response.status_code == 422
    assert 'id="name-error">You have a token of this name.' in response.text
    revoke = re.search(r'action="(/settings/tokens/\d+/revoke)"', page)[1]
    # A foreign id is as good as none.
    assert bob.post(revoke).status_code == 404
    assert ada.send("/settings/tokens", revoke).status_code == 303
    assert 'class="fw-bold">robot<' not in ada.get("/settings/tokens").text
    assert ada.post(revoke).status_code == 404


def test_leaving_takes_all_with_it(person, visitor):
    ada, bob = person("Ada"), person("Bob")
    chirp = ada.chirp("I was here")
    bob.send(f"/chirps/{chirp}", f"/chirps/{chirp}/replies", text="So was I")
    response = ada.send("/settings/delete", password="wrong")
    assert response.status_code == 422
    assert 'id="password-error">This is not your password.' in response.text
    assert ada.send("/settings/delete", password=PASSWORD).status_code == 303
    assert "Farewell!" in ada.get("/").text
    assert visitor.get("/@Ada").status_code == 404
    assert visitor.get(f"/chirps/{chirp}").status_code == 404
    page = visitor.get("/everyone").text
    assert "I was here" not in page and "So was I" in page
    assert visitor.log_in("Ada").status_code == 422


@pytest.mark.parametrize("path", ["", "password", "tokens", "delete"])
def test_settings_need_a_log_in(visitor, path):
    response = visitor.get(f"/settings/{path}")
    assert response.status_code == 303
    assert response.headers["Location"] == f"/login?next=/settings/{path}"
