"""services.follows: who follows whom."""

from __future__ import annotations

import pytest
from chirp.models import Follow
from chirp.services import follows, people
from chirp.services.errors import Invalid, NotFound
from sqlalchemy import func, select


def count(session):
    return session.scalar(select(func.count()).select_from(Follow))


def test_twice_is_once(session, ada, bob):
    for _ in range(2):
        assert follows.follow(session, ada, "bob").id == bob.id
    assert count(session) == 1
    assert follows.is_following(session, ada, bob)
    assert not follows.is_following(session, bob, ada)


def test_stops_and_may_stop_twice(session, ada, bob):
    follows.follow(session, ada, "Bob")
    follows.follow(session, bob, "Ada")
    for _ in range(2):
        follows.unfollow(session, ada, "Bob")
    assert not follows.is_following(session, ada, bob)
    assert follows.is_following(session, bob, ada)


def test_not_oneself(session, ada):
    with pytest.raises(Invalid) as refused:
        follows.follow(session, ada, "ADA")
    assert refused.value.field == "name"
    assert count(session) == 0


@pytest.mark.parametrize("name", ["nobody", "", "\0", "x" * 10_000])
def test_not_nobody(session, ada, name):
    with pytest.raises(NotFound):
        follows.follow(session, ada, name)
    with pytest.raises(NotFound):
        follows.unfollow(session, ada, name)


def test_not_when_one_was_deleted_meanwhile(session, database, ada, bob):
    with database.session() as other:
        people.delete(other, people.by_name(other, "Ada"), "correct horse")
    with pytest.raises(NotFound):
        follows.follow(session, ada, "Bob")


def test_lists_are_pages(session, register, ada):
    others = [register(f"person_{n}") for n in range(5)]
    for other in others:
        follows.follow(session, other, "Ada")
        follows.follow(session, ada, other.name)
    for listed in (follows.followers, follows.following):
        names, cursor = [], None
        for expected in (2, 2, 1):
            page = listed(session, ada, cursor, limit=2)
            assert len(page.items) == expected
            names += [person.name for person in page.items]
            cursor = page.next_cursor
        assert cursor is None
        assert names == [person.name for person in reversed(others)]
    assert follows.following(session, others[0]).items == [ada]
    assert follows.followers(session, register("alone")).items == []
