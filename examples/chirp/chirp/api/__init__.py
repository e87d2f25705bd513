"""The JSON API under ``/api/v1``.

A program sends ``Authorization: Bearer <token>``; it has the token of a person by ``POST /tokens``.
Cookies mean nothing here, so that pages of other sites cannot act for a visitor.
"""

from __future__ import annotations

from erlen import Blueprint, Erlen

from ..web import csrf
from . import auth, chirps, errors, people, timelines, tokens

PREFIX = "/api/v1"


def init_app(app: Erlen) -> None:
    blueprint = Blueprint("api", __name__, url_prefix=PREFIX)
    errors.init_app(app, blueprint, PREFIX)
    auth.init_app(blueprint)
    for part in (tokens, timelines, chirps, people):
        part.add_to(blueprint)
    # What carries a token of the API cannot be forged by a page, and no cookie is looked at.
    csrf.exempt(blueprint)
    app.register_blueprint(blueprint)
