"""Erlen's HTTP errors by Werkzeug's names, as agents read them: their rules of what to ignore say
``werkzeug.exceptions.NotFound`` or ``werkzeug.exceptions:NotFound``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import erlen.http.exceptions
import erlen.routing.exceptions

if TYPE_CHECKING:
    from types import ModuleType

_ALIASES = {
    erlen.http.exceptions: "werkzeug.exceptions",
    erlen.routing.exceptions: "werkzeug.routing.exceptions",
}


def give_names() -> None:
    """Let the classes say that they are of Werkzeug's modules, which lead to them."""
    for module, alias in _ALIASES.items():
        _rename(module, module.__spec__.name, alias)  # type: ignore[union-attr]


def take_names() -> None:
    """Undo :func:`give_names`."""
    for module, alias in _ALIASES.items():
        _rename(module, alias, module.__spec__.name)  # type: ignore[union-attr]


def _rename(module: ModuleType, old: str, new: str) -> None:
    for value in list(vars(module).values()):
        if isinstance(value, type) and issubclass(value, Exception) and value.__module__ == old:
            value.__module__ = new
