"""Tokens: a program gets one with a person's name and password, once."""

from __future__ import annotations

from erlen import Blueprint, request, url_for
from erlen.typing import ResponseReturnValue

from ..database import db
from ..services import people, tokens
from . import auth, bodies, documents


def add_to(blueprint: Blueprint) -> None:
    blueprint.post("/tokens")(create_token)
    blueprint.get("/tokens")(list_tokens)
    blueprint.delete("/tokens/<int:token_id>")(revoke_token)
    blueprint.get("/me")(me)


def create_token() -> ResponseReturnValue:
    """``{"login", "password", "name"}``; the answer has the secret, which is not shown again."""
    sent = bodies.body()
    login, password, name = (bodies.string(sent, field) for field in ("login", "password", "name"))
    person = people.authenticate(db(), login, password, request.remote_addr or "")
    if person is None:
        raise auth.refuse("Nobody has this name and password.")
    token, secret = tokens.create(db(), person, name)
    document = documents.of_token(token) | {"token": secret}
    return document, 201, {"Location": url_for("api.list_tokens")}


def list_tokens() -> ResponseReturnValue:
    return {"items": [documents.of_token(t) for t in tokens.of_person(db(), auth.person())]}


def revoke_token(token_id: int) -> ResponseReturnValue:
    tokens.revoke(db(), auth.person(), token_id)
    return documents.nothing()


def me() -> ResponseReturnValue:
    """The person whose token this is, with the e-mail address."""
    person = auth.person()
    return documents.of_person(person) | {"email": person.email}
