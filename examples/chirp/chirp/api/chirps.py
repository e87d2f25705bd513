"""Chirps: post, read, delete, reply, like."""

from __future__ import annotations

from erlen import Blueprint
from erlen.typing import ResponseReturnValue

from .. import news
from ..database import db
from ..services import chirps
from . import auth, bodies
from .documents import nothing, of_chirp, of_page


def add_to(blueprint: Blueprint) -> None:
    blueprint.post("/chirps")(post)
    blueprint.get("/chirps/<int:chirp_id>")(chirp)
    blueprint.delete("/chirps/<int:chirp_id>")(delete)
    blueprint.get("/chirps/<int:chirp_id>/replies")(replies)
    blueprint.put("/chirps/<int:chirp_id>/like")(like)
    blueprint.delete("/chirps/<int:chirp_id>/like")(unlike)


def post() -> ResponseReturnValue:
    """``{"text", "reply_to"}``. With ``Idempotency-Key``, sending it again changes nothing."""
    sent = bodies.body()
    text = bodies.string(sent, "text")
    reply_to_id = bodies.number_or_none(sent, "reply_to")
    made = chirps.post(db(), auth.person(), text, reply_to_id, bodies.idempotency_key())
    news.posted(made)
    document = of_chirp(chirps.get(db(), made.id, auth.person()))
    return document, 201, {"Location": document["url"]}


def chirp(chirp_id: int) -> ResponseReturnValue:
    return of_chirp(chirps.get(db(), chirp_id, auth.person()))


def delete(chirp_id: int) -> ResponseReturnValue:
    found = chirps.get(db(), chirp_id, auth.person())
    chirps.delete(db(), auth.person(), chirp_id)
    news.gone(found)
    return nothing()


def replies(chirp_id: int) -> ResponseReturnValue:
    chirps.get(db(), chirp_id, auth.person())
    page = chirps.replies(db(), chirp_id, auth.person(), bodies.cursor(), bodies.limit())
    return of_page(page, of_chirp)


def like(chirp_id: int) -> ResponseReturnValue:
    chirps.like(db(), auth.person(), chirp_id)
    return nothing()


def unlike(chirp_id: int) -> ResponseReturnValue:
    chirps.unlike(db(), auth.person(), chirp_id)
    return nothing()
