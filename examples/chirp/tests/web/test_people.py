"""People's pages, and who follows whom."""

from __future__ import annotations

import re

import pytest


def test_a_profile(person, visitor):
    ada = person("Ada")
    ada.send("/settings/", biography="Engines & <poems>. See @Ada")
    page = visitor.get("/@Ada").text
    assert "Engines &amp; &lt;poems&gt;" in page
    assert '<a href="/@Ada">@Ada</a>' in page
    assert "has not written yet" in page
    assert "Edit my page" in ada.get("/@Ada").text
    # Nobody sees the address.
    assert "example.org" not in page


def test_a_page_has_one_address(person, visitor):
    person("Ada")
    response = visitor.get("/@ADA")
    assert (response.status_code, response.headers["Location"]) == (301, "/@Ada")


def test_any_script(person, visitor):
    person("雪乃").chirp("山です @雪乃")
    page = visitor.get("/@雪乃")
    assert page.status_code == 200
    assert '<a href="/@%E9%9B%AA%E4%B9%83">@雪乃</a>' in page.text


@pytest.mark.parametrize("name", ["nobody", "x" * 5000, "%00", "a%00b", "%F0%9F%90%A6", "%ff", "'"])
def test_people_who_are_not_there(visitor, name):
    for path in ("", "/followers", "/following"):
        response = visitor.get(f"/@{name}{path}")
        assert response.status_code == 404
        assert "<h1" in response.text


def test_following_and_its_lists(person, visitor):
    ada = person("Ada")
    bob = person("Bob")
    for _ in range(2):
        response = ada.post("/@Bob/follow", next="/everyone")
        assert (response.status_code, response.headers["Location"]) == (303, "/everyone")
    assert "You follow Bob now." in ada.get("/").text
    assert 'action="/@Bob/unfollow"' in ada.get("/@Bob").text
    assert "<strong>1</strong> follower<" in visitor.get("/@Bob").text
    assert 'aria-label="Ada"' in visitor.get("/@Bob/followers").text
    assert 'aria-label="Bob"' in visitor.get("/@Ada/following").text
    assert "Nobody yet." in visitor.get("/@Ada/followers").text
    for _ in range(2):
        assert ada.post("/@Bob/unfollow").headers["Location"] == "/@Bob"
    assert "Nobody yet." in bob.get("/@Bob/followers").text


def test_people_to_meet_are_those_whom_one_does_not_follow(person, visitor):
    ada = person("Ada")
    for name in ("Bob", "Eve", "Dan", "Kim"):
        person(name)
    page = ada.get("/").text
    assert re.findall('action="/@(.*?)/follow"', page) == ["Kim", "Dan", "Eve"]
    ada.post("/@Dan/follow")
    assert re.findall('action="/@(.*?)/follow"', ada.get("/").text) == ["Kim", "Eve", "Bob"]
    assert "People to meet" not in visitor.get("/").text


def test_nobody_follows_themselves(person):
    ada = person("Ada")
    assert ada.post("/@Ada/follow").status_code == 303
    assert "You cannot follow yourself." in ada.get("/").text
    assert "<strong>0</strong> followers" in ada.get("/@Ada").text


def test_one_follows_nobody_who_is_not_there(person):
    ada = person("Ada")
    assert ada.post("/@nobody/follow").status_code == 404
    assert ada.post("/@nobody/unfollow").status_code == 404


def test_lists_have_pages(app, person, visitor):
    from chirp.services import follows, people

    person("Ada")
    database = app.extensions["chirp.database"]
    with database.session() as session:
        for n in range(25):
            fan = people.register(session, f"fan{n}", f"fan{n}@example.org", "correct horse")
            follows.follow(session, fan, "Ada")
    page = visitor.get("/@Ada/followers").text
    assert page.count('class="person"') == 20
    href = page.split('rel="next" href="')[1].split('"')[0]
    assert visitor.get("/@Ada/followers" + href).text.count('class="person"') == 5
