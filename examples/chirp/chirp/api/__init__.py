"""The JSON API under ``/api/v1``."""

from __future__ import annotations

from erlen import Blueprint, Erlen

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


def init_app(app: Erlen) -> None:
    app.register_blueprint(blueprint)
