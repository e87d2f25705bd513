"""Colours, where a terminal shows them and nobody has said no."""

from __future__ import annotations

import logging
import os
import re
from typing import Any

_RESET = "\x1b[0m"
_RED, _GREEN, _YELLOW, _CYAN = "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[36m"
_BOLD_RED = "\x1b[1;31m"
# How a line begins, or a request was answered, and its colour.
_COLOURS = [
    (re.compile(pattern), colour)
    for pattern, colour in (
        (r"WARNING: ", _BOLD_RED),
        (r" \* Running on ", _GREEN),
        (r"Press CTRL\+C to quit", _YELLOW),
        (r'.*" 3\d\d in \d+ ms\Z', _CYAN),
        (r'.*" 4\d\d in \d+ ms\Z', _YELLOW),
        (r'.*" 5\d\d in \d+ ms\Z', _RED),
    )
]


def wanted_colours() -> bool | None:
    """What ``NO_COLOR`` and ``FORCE_COLOR`` say; ``None`` if neither is set.

    See https://no-color.org and https://force-color.org.
    """
    if os.environ.get("NO_COLOR"):
        return False
    return True if os.environ.get("FORCE_COLOR") else None


def shows_colours(stream: Any) -> bool:
    """Whether a stream is to have colours: a terminal, unless the environment says otherwise."""
    wanted = wanted_colours()
    if wanted is not None:
        return wanted
    if os.environ.get("TERM") == "dumb" or (os.name == "nt" and "WT_SESSION" not in os.environ):
        return False
    return bool(getattr(stream, "isatty", bool)())


class ColouredLines(logging.Formatter):
    """Colours the lines of the development server: requests by their status, errors."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        if record.levelno >= logging.ERROR:
            # The first line alone: a traceback is long.
            head, end, rest = text.partition("\n")
            return f"{_RED}{head}{_RESET}{end}{rest}"
        for pattern, colour in _COLOURS:
            if pattern.match(text):
                return f"{colour}{text}{_RESET}"
        return text
