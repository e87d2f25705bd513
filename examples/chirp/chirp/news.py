"""What happens, told to the pages that are open: see ``services.live`` and ``services.audience``.

Views call these after what they tell of is stored.
"""

from __future__ import annotations

from erlen import current_app

from .models import Chirp, Person
from .services.live import Broadcaster
from .services.timelines import ChirpView


def broadcaster() -> Broadcaster:
    """The broadcaster of the current application."""
    found: Broadcaster = current_app.extensions["chirp.broadcaster"]
    return found


def posted(chirp: Chirp | ChirpView) -> None:
    _tell("chirp", chirp)


def gone(chirp: Chirp | ChirpView) -> None:
    _tell("gone", chirp)


def _tell(what: str, chirp: Chirp | ChirpView) -> None:
    broadcaster().publish(
        {"type": what, "id": chirp.id, "author": chirp.author_id, "reply_to": chirp.reply_to_id}
    )


def follow_changed(follower: Person, followed: Person, *, on: bool) -> None:
    broadcaster().publish(
        {"type": "follow", "follower": follower.id, "followed": followed.id, "on": on}
    )
