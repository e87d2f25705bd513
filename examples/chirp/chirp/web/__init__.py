"""Chirp's pages: views, forms and what all pages share."""

from __future__ import annotations

from erlen import Erlen
from erlen.protection.csrf import CSRF

from . import (
    account,
    auth,
    avatars,
    errors,
    filters,
    headers,
    live,
    login,
    people,
    search,
    sessions,
    timeline,
)

csrf = CSRF()


def init_app(app: Erlen) -> None:
    """Add the pages, in the order in which their hooks run."""
    sessions.init_app(app)
    csrf.init_app(app)
    errors.init_app(app)
    filters.init_app(app)
    headers.init_app(app)
    live.init_app(app)
    login.init_app(app)
    for blueprint in (
        auth.blueprint,
        timeline.blueprint,
        people.blueprint,
        search.blueprint,
        account.blueprint,
        avatars.blueprint,
    ):
        app.register_blueprint(blueprint)
