"""Finding people and chirps, on every database."""

from __future__ import annotations

import pytest
from chirp.services import chirps, follows, people, search
from chirp.services.errors import BadCursor, Invalid


@pytest.fixture
def ada(session):
    return people.register(session, "Ada", "ada@example.org", "correct horse")


@pytest.mark.parametrize("query", ["Ada", "@ada", "aD", "  ADA "])
def test_people_are_found_by_the_beginning_of_their_names(session, ada, query):
    bob = people.register(session, "Bob", "bob@example.org", "correct horse")
    people.register(session, "Canada", "canada@example.org", "correct horse")
    follows.follow(session, bob, "Ada")
    found = search.people(session, query)
    assert [(one.person.name, one.followers) for one in found] == [("Ada", 1)]


def test_people_come_by_name_and_are_few(session):
    for name in "fgabcde":
        people.register(session, f"x{name}", f"{name}@example.org", "correct horse")
    assert [one.person.name for one in search.people(session, "x" + "a")] == ["xa"]
    assert [one.person.name for one in search.people(session, "@xb")] == ["xb"]


@pytest.mark.parametrize(
    ("text", "query", "finds"),
    [
        ("The engine weaves", "ENGINE", True),
        ("The engine weaves", "gine w", True),
        ("The engine weaves", "engines", False),
        ("Ärger in ÉCOLE", "ärger in école", True),
        ("Ärger in ÉCOLE", "ÄRGER", True),
        # Nothing is a pattern.
        ("100 of all", "100%", False),
        ("100% of all", "100%", True),
        ("snake_case", "e_c", True),
        ("snakeXcase", "e_c", False),
        ("really! so", "y! s", True),
        ("a\\b", "a\\b", True),
        ("it's", "'s", True),
        ("雪乃 山", "乃 山", True),
    ],
)
def test_chirps_are_found_by_a_part_of_their_text(session, ada, text, query, finds):
    written = chirps.post(session, ada, text)
    chirps.post(session, ada, "something else")
    found = search.chirps(session, query, ada).items
    assert [one.id for one in found] == ([written.id] if finds else [])
    assert all(one.mine for one in found)


def test_pages_go_on_where_the_last_one_ended(session, ada):
    written = [chirps.post(session, ada, f"number {n}").id for n in range(25)]
    first = search.chirps(session, "number", None)
    second = search.chirps(session, "number", None, first.next_cursor)
    assert [one.id for one in (*first.items, *second.items)] == written[::-1]
    assert second.next_cursor is None
    with pytest.raises(BadCursor):
        search.chirps(session, "number", None, "no cursor")


def test_the_newest_alone_are_looked_through(session, ada, monkeypatch):
    chirps.post(session, ada, "old needle")
    for _ in range(3):
        chirps.post(session, ada, "hay")
    monkeypatch.setattr(search, "LOOKED_THROUGH", 3)
    assert search.chirps(session, "needle", None).items == []
    monkeypatch.setattr(search, "LOOKED_THROUGH", 4)
    assert len(search.chirps(session, "needle", None).items) == 1


@pytest.mark.parametrize("query", ["x", " x ", "y" * 101, "y" * 100_000])
def test_what_is_too_short_or_too_long(session, query):
    for find in (search.people, lambda *a: search.chirps(*a, None)):
        with pytest.raises(Invalid, match="2 to 100") as refused:
            find(session, query)
        assert refused.value.field == "q"


@pytest.mark.parametrize("query", ["\0\0", "\ud800\ud800", "@@", "%%", "__"])
def test_nothing_that_is_typed_fails(session, ada, query):
    assert search.people(session, query) == []
    assert search.chirps(session, query, ada).items == []
