"""The names of ``werkzeug.datastructures.range``."""

from __future__ import annotations

from erlen.http.ranges import ContentRange, IfRange, Range

__all__ = [
    "ContentRange",
    "IfRange",
    "Range",
]
