"""The names of the package ``werkzeug``, as of Werkzeug 3.1.9."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from erlen.http.request import Request as Request
from erlen.http.response import Response as Response

if TYPE_CHECKING:
    from erlen.serve.development import run_simple as run_simple
    from erlen.testing import Client as Client

__all__ = ["Client", "Request", "Response", "run_simple"]

# Where the names are that a served application does not need.
_LATE = {"Client": "erlen.testing", "run_simple": "erlen.serve.development"}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _LATE:
        return getattr(import_module(_LATE[name]), name)
    from ..missing import attach, get
    from ..names import target_of

    target = None if name.startswith("__") else target_of(f"werkzeug.{name}")
    if target is None:
        return get("werkzeug", name, sys._getframe(1))
    module = globals()[name] = import_module(target)
    attach(module, f"werkzeug.{name}")
    return module
