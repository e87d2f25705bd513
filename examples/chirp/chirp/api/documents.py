"""What the API shows of things, and of pages of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from erlen import Response, url_for

from ..models import Person, Token
from ..services.pages import Page
from ..services.timelines import ChirpView

T = TypeVar("T")

Document = dict[str, Any]


def of_page(page: Page[T], of_item: Callable[[T], Document]) -> Document:
    """``next_cursor`` is for the parameter ``cursor`` of the next request; null at the end."""
    return {"items": [of_item(item) for item in page.items], "next_cursor": page.next_cursor}


def of_chirp(chirp: ChirpView) -> Document:
    reply_to = None
    if chirp.reply_to_id is not None:
        reply_to = {"id": chirp.reply_to_id, "name": chirp.reply_to_name}
    return {
        "id": chirp.id,
        "url": url_for("api.chirp", chirp_id=chirp.id),
        "text": chirp.text,
        "author": {
            "name": chirp.author_name,
            "url": url_for("api.person", name=chirp.author_name),
        },
        "created_at": _time(chirp.created_at),
        "likes": chirp.likes,
        "liked": chirp.liked,
        "replies": chirp.replies,
        "reply_to": reply_to,
        "mine": chirp.mine,
    }


def of_person(person: Person) -> Document:
    """What everybody may know of a person: not the e-mail address."""
    return {
        "name": person.name,
        "url": url_for("api.person", name=person.name),
        "biography": person.biography,
        "created_at": _time(person.created_at),
    }


def of_token(token: Token) -> Document:
    return {"id": token.id, "name": token.name, "created_at": _time(token.created_at)}


def nothing() -> Response:
    """The answer to a change that has nothing to show."""
    return Response(status=204)


def _time(moment: datetime) -> str:
    """RFC 3339, in UTC: ``2026-11-21T08:42:02Z``."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
