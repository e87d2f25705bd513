"""The names of ``werkzeug.routing.map``."""

from __future__ import annotations

from erlen.routing.adapter import MapAdapter
from erlen.routing.map import Map

__all__ = [
    "Map",
    "MapAdapter",
]
