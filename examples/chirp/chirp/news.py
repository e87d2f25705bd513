"""What happens, told to the pages that are open: see ``services.live``."""

from __future__ import annotations

from erlen import Erlen, current_app

from .services.live import Broadcaster, broadcaster_for


def init_app(app: Erlen) -> None:
    """Set the broadcaster up: between workers by ``REDIS_URL``, else within this process."""
    broadcaster = broadcaster_for(app.config.get("REDIS_URL") or None)
    app.extensions["chirp.live"] = broadcaster
    app.after_serving(broadcaster.close)


def broadcaster() -> Broadcaster:
    """The broadcaster of the current application."""
    return current_app.extensions["chirp.live"]


def posted(chirp_id: int, author_id: int) -> None:
    """A chirp is there, and stored; who listens looks at it with their own eyes."""
    broadcaster().publish({"type": "chirp", "id": chirp_id, "author_id": author_id})


def deleted(chirp_id: int) -> None:
    """A chirp is gone."""
    broadcaster().publish({"type": "deleted", "id": chirp_id})
