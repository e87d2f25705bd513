"""The names of the package ``werkzeug``, as of Werkzeug 3.1.9."""

from __future__ import annotations

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
    if not name.startswith("__"):
        from ..names import target_of

        target = target_of(f"werkzeug.{name}")
        if target is not None:
            module = globals()[name] = import_module(target)
            return module
    raise AttributeError(f"module 'werkzeug' has no attribute {name!r}")
