"""People: who they are, whom they follow."""

from __future__ import annotations

from erlen import Blueprint
from erlen.typing import ResponseReturnValue

from .. import news
from ..database import db
from ..services import follows, people
from . import auth, bodies
from .documents import nothing, of_page, of_person


def add_to(blueprint: Blueprint) -> None:
    blueprint.get("/people/<name>")(person)
    blueprint.get("/people/<name>/followers")(followers)
    blueprint.get("/people/<name>/following")(following)
    blueprint.put("/people/<name>/follow")(follow)
    blueprint.delete("/people/<name>/follow")(unfollow)


def person(name: str) -> ResponseReturnValue:
    found = people.by_name(db(), name)
    return of_person(found) | {"followed": follows.is_following(db(), auth.person(), found)}


def followers(name: str) -> ResponseReturnValue:
    found = people.by_name(db(), name)
    page = follows.followers(db(), found, bodies.cursor(), bodies.limit())
    return of_page(page, of_person)


def following(name: str) -> ResponseReturnValue:
    found = people.by_name(db(), name)
    page = follows.following(db(), found, bodies.cursor(), bodies.limit())
    return of_page(page, of_person)


def follow(name: str) -> ResponseReturnValue:
    followed = follows.follow(db(), auth.person(), name)
    news.follow_changed(auth.person(), followed, on=True)
    return nothing()


def unfollow(name: str) -> ResponseReturnValue:
    followed = follows.unfollow(db(), auth.person(), name)
    news.follow_changed(auth.person(), followed, on=False)
    return nothing()
