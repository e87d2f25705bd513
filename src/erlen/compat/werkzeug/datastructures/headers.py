"""The names of ``werkzeug.datastructures.headers``."""

from __future__ import annotations

from erlen.http.headers import EnvironHeaders, Headers

__all__ = [
    "EnvironHeaders",
    "Headers",
]
