"""What the values of headers have in common: they print themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from .callback_dict import CallbackDict

V = TypeVar("V")


class HeaderValue:
    """A value that as text is what stands in its header."""

    __slots__ = ()

    def to_header(self) -> str:
        """The value as it is sent."""
        raise NotImplementedError

    def __str__(self) -> str:
        return self.to_header()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.to_header()!r}>"


class Directives(HeaderValue, CallbackDict[str, V]):
    """A dictionary of directives.

    :param values: the directives
    :param on_update: called when they are changed
    """

    def __init__(
        self,
        values: Mapping[str, V] | Iterable[tuple[str, V]] | None = (),
        on_update: Callable[[Any], None] | None = None,
    ) -> None:
        # PERF: what the bases do.
        dict.__init__(self, values or ())
        self.on_update = on_update
        self.provided: bool = values is not None

    def __repr__(self) -> str:
        parts = " ".join(f"{k}={v!r}" for k, v in sorted(self.items()))
        return f"<{type(self).__name__} {parts}>"
