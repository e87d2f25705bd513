"""The page that looks for people and chirps."""

from __future__ import annotations

import re


def test_people_and_chirps_are_found(person, visitor):
    ada, bob = person("Ada"), person("Bob")
    ada.post("/@Bob/follow")
    bob.chirp("<b>The Engine</b> & I")
    page = visitor.get("/search?q=bo").text
    assert 'aria-label="Bob"' in page and "1 follower<" in page
    page = visitor.get("/search?q=the+engine").text
    assert "&lt;b&gt;The Engine&lt;/b&gt; &amp; I" in page
    assert 'value="the engine"' in page
    assert "People</h2>" not in page


def test_without_words_there_is_a_form_alone(visitor):
    for path in ("/search", "/search?q=", "/search?q=%20"):
        page = visitor.get(path)
        assert page.status_code == 200
        assert 'role="search"' in page.text and "Nothing is found" not in page.text


def test_nothing_is_found(visitor):
    page = visitor.get("/search?q=%3Cscript%3E").text
    assert "Nothing is found for “&lt;script&gt;”." in page


def test_too_short_is_said_at_the_field(visitor):
    page = visitor.get("/search?q=x")
    assert page.status_code == 422
    assert 'id="q-error">Search for 2 to 100 characters.' in page.text


def test_pages_keep_the_words_and_a_like_comes_back(person):
    ada = person("Ada")
    for n in range(21):
        ada.chirp(f"needle & {n}")
    page = ada.get("/search?q=needle+%26").text
    assert page.count('class="chirp"') == 20
    [href] = re.findall('rel="next" href="(.*?)"', page)
    older = ada.get("/search" + href.replace("&amp;", "&")).text
    assert older.count('class="chirp"') == 1 and "needle &amp; 0<" in older
    [back] = set(re.findall(r'name="next" value="(/search\?q=needle[^"#]*)', older))
    assert ada.get(back.replace("&amp;", "&")).text.count('class="chirp"') == 1


def test_a_cursor_of_nobody(visitor):
    assert visitor.get("/search?q=needle&cursor=no-cursor").status_code == 400
