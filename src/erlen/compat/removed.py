"""Names that Flask had once; courses, books and older extensions still import them."""

from __future__ import annotations

import sys
import warnings
from importlib import import_module
from typing import Any

# Where each of them lives now, and what to write instead.
_MOVED = {
    "Markup": ("markupsafe", "from markupsafe import Markup"),
    "escape": ("markupsafe", "from markupsafe import escape"),
    "safe_join": ("erlen.security", "from werkzeug.utils import safe_join"),
}


class ContextStack:
    """What is left of the stacks of contexts: the context on the top.

    :param name: the name of the current proxy or context variable in :mod:`erlen.context.proxies`
    """

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def top(self) -> Any:
        """The current context, or ``None``."""
        return getattr(import_module("erlen.context.proxies"), self._name).get(None)


_STACKS = {
    "_app_ctx_stack": ("_cv_app", "from flask.globals import app_ctx"),
    "_request_ctx_stack": ("_cv_request", "from flask.globals import request_ctx"),
}


def get(name: str) -> Any:
    """The object that ``flask`` had under ``name``, with a warning that says what to write.

    :raises AttributeError: if it had none, and has none now
    """
    if name == "__version__":
        from .distributions import VERSIONS

        _warn(name, 'use importlib.metadata.version("flask")')
        return VERSIONS["Flask"]
    if name in _MOVED:
        module, instead = _MOVED[name]
        _warn(name, f"write: {instead}")
        return getattr(import_module(module), name)
    if name in _STACKS:
        variable, instead = _STACKS[name]
        _warn(name, f"write: {instead}")
        return ContextStack(variable)
    from .missing import get as get_else

    return get_else("flask", name, sys._getframe(2))


def _warn(name: str, advice: str) -> None:
    warnings.warn(f"'flask.{name}' is deprecated: {advice}.", DeprecationWarning, stacklevel=4)
