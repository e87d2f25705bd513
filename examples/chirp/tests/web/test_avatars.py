"""Generated pictures, and Gravatar's above them."""

from __future__ import annotations

import hashlib
from xml.etree import ElementTree

import pytest
from chirp import create_app


@pytest.mark.parametrize(
    ("name", "letter"), [("Ada", "A"), ("雪乃", "雪"), ("élan", "É"), ("_x", "_")]
)
def test_a_picture_is_generated_from_the_name(visitor, name, letter):
    response = visitor.get(f"/avatars/{name}.svg")
    assert response.status_code == 200
    assert response.mimetype == "image/svg+xml"
    assert response.headers["Cache-Control"] == "public, max-age=604800"
    picture = ElementTree.fromstring(response.text)
    assert picture.find("{*}text").text == letter


def test_it_is_the_same_for_each_spelling_and_another_for_another_name(visitor):
    pictures = {name: visitor.get(f"/avatars/{name}.svg").data for name in ("ada", "ADA", "grace")}
    assert pictures["ada"] == pictures["ADA"] != pictures["grace"]


def test_nobody_learns_from_it_who_is_there(visitor):
    assert visitor.get("/avatars/nobody.svg").status_code == 200


@pytest.mark.parametrize(
    "name", ["%3Cscript%3E", "a%22b", "a%20b", "x" * 33, "%00", "..%2f..", "a.b"]
)
def test_what_is_no_name_has_no_picture(visitor, name):
    assert visitor.get(f"/avatars/{name}.svg").status_code == 404


def test_gravatar_lies_above_and_the_policy_lets_it_in(app, person, visitor):
    person("Ada").chirp("Hello")
    hashed = hashlib.sha256(b"ada@example.org").hexdigest()
    page = visitor.get("/")
    assert "gravatar" not in page.text + page.headers["Content-Security-Policy"]
    assert hashed not in page.text
    other = create_app({**app.config, "CHIRP_AVATARS": "gravatar", "CHIRP_HTTPS": "0"})
    page = other.test_client().get("/")
    assert f'src="https://gravatar.com/avatar/{hashed}?s=192&amp;d=blank"' in page.text
    assert 'src="/avatars/Ada.svg"' in page.text
    assert "img-src 'self' data: https://gravatar.com;" in page.headers["Content-Security-Policy"]
    other.extensions["chirp.database"].close()


def test_another_kind_is_a_mistake_of_the_operator():
    with pytest.raises(ValueError, match="CHIRP_AVATARS"):
        create_app({"CHIRP_AVATARS": "portraits", "SECRET_KEY": "x"})
