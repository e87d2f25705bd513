"""Whose token a request brings."""

from __future__ import annotations

from erlen import Blueprint, Response, g, request
from erlen.http.auth import WWWAuthenticate
from erlen.http.exceptions import Unauthorized

from ..database import db
from ..models import Person
from ..services import tokens

#: What a program calls to get its first token.
_OPEN = frozenset({"api.create_token"})


def init_app(blueprint: Blueprint) -> None:
    blueprint.before_request(_authenticate)
    blueprint.after_request(_keep_nowhere)


def refuse(description: str, *, error: str | None = None) -> Unauthorized:
    """A 401 that says which authentication is wanted (RFC 6750, section 3)."""
    parameters: dict[str, str | None] = {"realm": "Chirp"}
    if error is not None:
        parameters["error"] = error
    return Unauthorized(description, www_authenticate=WWWAuthenticate("bearer", parameters))


def _authenticate() -> None:
    if request.endpoint in _OPEN:
        return
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        raise refuse("Send a token: 'Authorization: Bearer ...'.")
    person = tokens.person_for(db(), given.token)
    if person is None:
        raise refuse("This token is none, or not any more.", error="invalid_token")
    g.api_person = person


def person() -> Person:
    """Who sent this request."""
    found: Person = g.api_person
    return found


def _keep_nowhere(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
