"""The time lines that a page can show, by the names that pages and live connections use.

``home``, ``everyone``, ``person:7`` and ``replies:12``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy.orm import Session

from erlen import abort

from ..converters import LARGEST_ID
from ..models import Person
from ..services import audience, people, timelines
from ..services.audience import Audience
from ..services.pages import Page
from ..services.timelines import ChirpView

# Without a bound, int() would take its time.
_NUMBER = re.compile(r"[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Stream:
    """A time line."""

    kind: str
    subject: int = 0

    def __str__(self) -> str:
        return f"{self.kind}:{self.subject}" if self.subject else self.kind

    @classmethod
    def parse(cls, text: str) -> Stream:
        """
        :raises HTTPException: 404, for a text that names none
        """
        if text in ("home", "everyone"):
            return cls(text)
        kind, _, number = text.partition(":")
        if kind not in ("person", "replies") or not _NUMBER.fullmatch(number):
            abort(404)
        subject = int(number)
        if subject > LARGEST_ID:
            abort(404)
        return cls(kind, subject)

    def page(self, session: Session, viewer: Person | None, cursor: str | None) -> Page[ChirpView]:
        """One page of it as the viewer sees it.

        :raises BadCursor: for a cursor that no page gave out
        """
        match self.kind:
            case "home":
                if viewer is None:
                    abort(403)
                return timelines.personal(session, viewer, cursor)
            case "person":
                person = people.get(session, self.subject)
                if person is None:
                    abort(404)
                return timelines.of_person(session, person, viewer, cursor)
            case "replies":
                return timelines.of_replies(session, self.subject, viewer, cursor)
        return timelines.public(session, viewer, cursor)

    def audience(self, session: Session, viewer: Person | None) -> Audience:
        """Whether an event changes it."""
        match self.kind:
            case "home":
                if viewer is None:
                    abort(403)
                return audience.home(session, viewer.id)
            case "person":
                return audience.of_author(self.subject)
            case "replies":
                return audience.of_replies(self.subject)
        return audience.everyone()
