"""The logger of an application, and that of the development server with its colours."""

from __future__ import annotations

import logging
import os
import re
import sys
from functools import cache
from typing import Any, Protocol

from .context.contexts import current_request_context, has_request_context
from .context.local import LocalProxy

# Controls and line ends would forge lines or colour the terminal.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def escape_log_value(value: str) -> str:
    """Text of a request for a log line, with its control characters escaped."""
    return _CONTROL.sub(lambda match: match.group().encode("unicode_escape").decode(), value)


def _errors_stream() -> Any:
    if has_request_context():
        return current_request_context().request.environ["wsgi.errors"]
    return sys.stderr


#: The error stream of the request that is being handled, or ``sys.stderr``.
wsgi_errors_stream: Any = LocalProxy(_errors_stream)


def has_level_handler(logger: logging.Logger) -> bool:
    """Whether a handler of the logger or of those above takes messages of its level."""
    level = logger.getEffectiveLevel()
    current: logging.Logger | None = logger
    while current:
        if any(handler.level <= level for handler in current.handlers):
            return True
        if not current.propagate:
            break
        current = current.parent
    return False


#: Writes to the error stream, if nothing else is configured.
default_handler: logging.StreamHandler[Any] = logging.StreamHandler(wsgi_errors_stream)
default_handler.setFormatter(
    logging.Formatter("[%(asctime)s] %(levelname)s in %(module)s: %(message)s")
)


class Logged(Protocol):
    """What a logger has to know of its application."""

    @property
    def name(self) -> Any: ...

    @property
    def debug(self) -> bool: ...


def create_logger(app: Logged) -> logging.Logger:
    """The logger with the application's name: DEBUG and up in debug mode, and the default
    handler where no other takes its messages."""
    logger = logging.getLogger(app.name)
    if app.debug and not logger.level:
        logger.setLevel(logging.DEBUG)
    if not has_level_handler(logger):
        logger.addHandler(default_handler)
    return logger


# -- the development server ---------------------------------------------------------------

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


@cache
def _server_logger() -> logging.Logger:
    # The name that existing configurations know.
    logger = logging.getLogger("werkzeug")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.INFO)
    if not has_level_handler(logger):
        handler = logging.StreamHandler()
        if shows_colours(handler.stream):
            handler.setFormatter(ColouredLines())
        logger.addHandler(handler)
    return logger


def log_server(kind: str, message: str, *args: Any, **kwargs: Any) -> None:
    """Log a line of the development server; its logger writes to ``sys.stderr`` if nobody
    configured it.

    :param kind: the name of the level: ``"info"``, ``"error"`` …
    """
    getattr(_server_logger(), kind)(message.rstrip(), *args, **kwargs)
