"""Where an exception comes from, in the code of the application."""

from __future__ import annotations

import linecache
import os
import traceback
from types import TracebackType

from ..context import real_flask
from .libraries import is_library

_HERE = os.path.dirname(os.path.dirname(__file__)) + os.sep


def _is_machinery(tb: TracebackType) -> bool:
    """Whether a frame is Erlen's, or belongs to the import system."""
    name = tb.tb_frame.f_code.co_filename
    return name.startswith((_HERE, "<frozen importlib"))


def _origin(error: BaseException) -> BaseException:
    """The error that the command line wrapped into one of its own."""
    cause = error.__cause__
    return error if cause is None or not hasattr(error, "format_message") else cause


def _shown(path: str) -> str:
    """A path as a person of this folder writes it."""
    here = os.getcwd() + os.sep
    return path.removeprefix(here)


def describe_failure(error: BaseException) -> str:
    """Where the error is, what it says, and the line that it is about.

    >>> describe_failure(error)
    'app.py, line 6: SyntaxError: invalid syntax\\n    TEXT = = 1'
    """
    error = _origin(error)
    # Its notes, which come last, are of several lines.
    told = traceback.TracebackException(type(error), error, None)
    told.__notes__ = None
    what = list(told.format_exception_only())[-1].strip()
    if isinstance(error, SyntaxError) and error.filename:
        path, number = error.filename, error.lineno or 0
    else:
        frames = [tb for tb in _frames(error) if not _is_machinery(tb)]
        own = [tb for tb in frames if not _is_library(tb)] or frames
        if not own:
            return what
        path, number = own[-1].tb_frame.f_code.co_filename, own[-1].tb_lineno
    # What was read before is out of date in a process that lives on.
    linecache.checkcache(path)
    line = linecache.getline(path, number).strip()
    return f"{_shown(path)}, line {number}: {what}" + (f"\n    {line}" if line else "")


def _frames(error: BaseException) -> list[TracebackType]:
    found = []
    tb = error.__traceback__
    while tb is not None:
        found.append(tb)
        tb = tb.tb_next
    return found


def _is_library(tb: TracebackType) -> bool:
    return is_library(tb.tb_frame.f_code.co_filename)


def own_traceback(error: BaseException) -> TracebackType | None:
    """The traceback from the application's first frame on; a syntax error has none but its own
    place."""
    tb = error.__traceback__
    while tb is not None and _is_machinery(tb):
        tb = tb.tb_next
    return tb


def format_failure(error: BaseException) -> str:
    """The error as Python writes it, from the application's first frame on, and up to its last one
    where Erlen refuses what that asks for."""
    error = _origin(error)
    real_flask.explain(error)
    told = traceback.TracebackException(type(error), error, own_traceback(error))
    _drop_refusal(told.stack)
    return "".join(told.format())


def _drop_refusal(frames: traceback.StackSummary) -> None:
    """Drop the frames of Erlen at the end, if the last one is a ``raise``: its text says what to
    write. What Erlen itself stumbles over keeps them."""
    if not frames or not (frames[-1].line or "").startswith("raise "):
        return
    own = [place for place, frame in enumerate(frames) if not frame.filename.startswith(_HERE)]
    if own:
        del frames[own[-1] + 1 :]
