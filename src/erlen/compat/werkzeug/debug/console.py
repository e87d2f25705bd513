"""The names of ``werkzeug.debug.console``."""

from __future__ import annotations

from erlen.debug.console import Console, HTMLStringO, ThreadedStream, _displayhook

__all__ = [
    "Console",
    "HTMLStringO",
    "ThreadedStream",
    "_displayhook",
]
