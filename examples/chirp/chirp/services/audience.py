"""Whom an event concerns: which open pages hear of a chirp.

An event is a small dictionary, so that it travels through Redis as JSON::

    {"type": "chirp", "id": 7, "author": 1, "reply_to": None}     somebody wrote
    {"type": "gone", "id": 7, "author": 1, "reply_to": None}      a chirp was deleted
    {"type": "follow", "follower": 2, "followed": 1, "on": True}  a personal time line is another
    {"type": "resync"}                                            events were lost: look again
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..models import Follow

Event: TypeAlias = Mapping[str, Any]
Audience: TypeAlias = Callable[[Event], bool]


def everyone() -> Audience:
    """Those who see the public time line."""
    return lambda event: event["type"] in ("chirp", "gone", "resync")


def of_author(author_id: int) -> Audience:
    """Those who see one person's time line."""
    return lambda event: event["type"] == "resync" or event.get("author") == author_id


def of_replies(chirp_id: int) -> Audience:
    """Those who see the replies to a chirp."""
    return lambda event: event["type"] == "resync" or event.get("reply_to") == chirp_id


class Home:
    """One person, who sees the chirps of those whom they follow; it hears whom from now on.

    :param authors: whom they follow already
    """

    def __init__(self, person_id: int, authors: Iterable[int]) -> None:
        self._person_id = person_id
        self._authors = {person_id, *authors}

    def __call__(self, event: Event) -> bool:
        if event["type"] == "follow":
            if event["follower"] == self._person_id:
                change = self._authors.add if event["on"] else self._authors.discard
                change(event["followed"])
            return False
        return event["type"] == "resync" or event.get("author") in self._authors


def home(session: Session, person_id: int) -> Home:
    """The audience of a personal time line: one statement, when its page is opened."""
    followed = select(Follow.followed_id).where(Follow.follower_id == person_id)
    return Home(person_id, session.scalars(followed))
