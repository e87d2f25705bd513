"""What templates can call."""

from __future__ import annotations

from datetime import UTC, datetime

from markupsafe import Markup

from erlen import Erlen, current_app, url_for

from ..services.profiles import MOST_COUNTED
from ..services.text import to_html
from . import avatars
from .addresses import here


def init_app(app: Erlen) -> None:
    app.add_template_filter(linked)
    app.add_template_filter(utc)
    app.add_template_filter(up_to_most)
    app.add_template_global(here)
    app.add_template_global(poll_seconds)
    app.add_template_global(avatars.gravatar, "gravatar")
    app.add_template_global(avatars.gravatar_of, "gravatar_of")


def linked(text: str) -> Markup:
    """The text of a chirp with its links; ``@ada`` leads to her page."""
    return to_html(text, lambda name: url_for("people.profile", name=name))


# The pages are in English, whatever the language of the server's machine.
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def utc(moment: datetime, show: str = "exact") -> str:
    """A time where no script makes it local; ``times.js`` writes the same, without the zone.

    :param show: ``"day"`` for the day alone

    >>> utc(datetime(2026, 11, 21, 8, 42, tzinfo=UTC))
    '21 Nov 2026, 08:42 UTC'
    >>> utc(datetime(2026, 11, 21, 8, 42, tzinfo=UTC), "day")
    '21 Nov 2026'
    """
    moment = moment.astimezone(UTC)
    day = f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"
    return day if show == "day" else f"{day}, {moment:%H:%M} UTC"


def up_to_most(number: int) -> str:
    """A number of followers; they are counted to a limit."""
    return f"{number:,}+" if number >= MOST_COUNTED else f"{number:,}"


def poll_seconds() -> float:
    return current_app.config["CHIRP_POLL_SECONDS"]
