"""The names of ``flask.sansio.scaffold``."""

from __future__ import annotations

from erlen.app.locations import find_package, get_root_path
from erlen.app.scaffold import Scaffold, _endpoint_from_view_func
from erlen.app.setupmethod import setupmethod

__all__ = [
    "Scaffold",
    "_endpoint_from_view_func",
    "find_package",
    "get_root_path",
    "setupmethod",
]
