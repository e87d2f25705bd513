"""Chirp: short messages, from people one follows. See docs/chirp.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from erlen import Erlen

from . import api, commands, converters, database, demo, migrations, proxies, settings, web


def create_app(config: Mapping[str, Any] | None = None) -> Erlen:
    """The application.

    :param config: settings that come before those of the environment, see :mod:`chirp.settings`
    """
    app = Erlen(__name__)
    settings.load(app, config)
    proxies.init_app(app)
    converters.init_app(app)
    database.init_app(app)
    migrations.init_app(app)
    web.init_app(app)
    api.init_app(app)
    commands.init_app(app)
    demo.init_app(app)
    return app
