"""The settings of what guards an application, and what they come to."""

from __future__ import annotations

from copy import deepcopy
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..app.application import Erlen

T = TypeVar("T")


def register(app: Erlen, key: str, extension: object, defaults: Mapping[str, Any]) -> None:
    """Keep an extension in ``app.extensions``, and its settings where they are not set.

    :raises RuntimeError: if the application has one already
    """
    if key in app.extensions:
        name = type(extension).__name__
        raise RuntimeError(
            f"This application has its {name} already: call {name}(app) or init_app(app) once, and"
            " import the object elsewhere (erlen.protection.preset has one too)."
        )
    app.extensions[key] = extension
    for name, value in defaults.items():
        app.config.setdefault(name, value)


class Derived(Generic[T]):
    """What settings come to, made anew where one of them has changed.

    :param names: of the settings, two or more
    :param make: makes it of a dictionary of them
    """

    def __init__(self, names: Mapping[str, Any], make: Callable[[dict[str, Any]], T]) -> None:
        self._names = names
        self._read = itemgetter(*names)
        self._make = make
        self._known: tuple[Any, T] | None = None

    def of(self, config: Mapping[str, Any]) -> T:
        """Of the settings as they are now."""
        settings = self._read(config)
        known = self._known
        if known is None or known[0] != settings:
            made = self._make(dict(zip(self._names, settings, strict=True)))
            # A copy: its lists and dictionaries may be changed in place.
            known = self._known = deepcopy(settings), made
        return known[1]
