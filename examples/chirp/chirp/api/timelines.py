"""The time lines."""

from __future__ import annotations

from erlen import Blueprint
from erlen.typing import ResponseReturnValue

from ..database import db
from ..services import people, timelines
from . import auth, bodies
from .documents import of_chirp, of_page


def add_to(blueprint: Blueprint) -> None:
    blueprint.get("/timelines/public")(public)
    blueprint.get("/timelines/personal")(personal)
    blueprint.get("/people/<name>/chirps")(of_person)


def public() -> ResponseReturnValue:
    page = timelines.public(db(), auth.person(), bodies.cursor(), bodies.limit())
    return of_page(page, of_chirp)


def personal() -> ResponseReturnValue:
    page = timelines.personal(db(), auth.person(), bodies.cursor(), bodies.limit())
    return of_page(page, of_chirp)


def of_person(name: str) -> ResponseReturnValue:
    person = people.by_name(db(), name)
    page = timelines.of_person(db(), person, auth.person(), bodies.cursor(), bodies.limit())
    return of_page(page, of_chirp)
