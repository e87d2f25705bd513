"""Who is logged in: the session keeps a person's id and the epoch of their log-ins."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from sqlalchemy.orm import Session

from erlen import Erlen, flash, g, redirect, request, session, url_for

from ..database import db
from ..models import Person
from ..services import people
from .addresses import here

_PERSON, _EPOCH = "person", "epoch"


def init_app(app: Erlen) -> None:
    app.add_template_global(current_person, "current_person")


def log_in(person: Person, *, remember: bool) -> None:
    """Begin the session of a person; nothing of the one before is left, its id included."""
    session.clear()
    session.regenerate()
    session[_PERSON] = person.id
    session[_EPOCH] = person.session_epoch
    session.permanent = remember
    g.person = person


def log_out() -> None:
    session.clear()
    g.person = None


def renew(person: Person) -> None:
    """Keep this log-in where all others of the person have ended."""
    log_in(person, remember=session.permanent)


def current_person() -> Person | None:
    """The person who is logged in. A deleted person, and one who has changed the password since, is
    not."""
    if "person" not in g:
        g.person = person_of(db)
        if g.person is None and _PERSON in session:
            session.clear()
    return g.person


def person_of(opened: Callable[[], Session]) -> Person | None:
    """The same for code that does not run in a request of its own.

    :param opened: gives a session of the database, if one is needed
    """
    person_id = session.get(_PERSON)
    if not isinstance(person_id, int):
        return None
    person = people.get(opened(), person_id)
    if person is None or person.session_epoch != session.get(_EPOCH):
        return None
    return person


def login_required(view: Callable[..., Any]) -> Callable[..., Any]:
    """Send people who are not logged in to the log-in first, and back afterwards; the view takes
    the person as its first argument."""

    @wraps(view)
    def guarded(**values: Any) -> Any:
        person = current_person()
        if person is None:
            flash("Please log in first.", "warning")
            # A form cannot be sent again by a redirect: its page can.
            back = here() if request.method == "GET" else request.form.get("next")
            return redirect(url_for("auth.login", next=back), 303)
        return view(person, **values)

    return guarded
