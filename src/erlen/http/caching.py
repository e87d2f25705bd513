"""The ``Cache-Control`` header (RFC 9111, section 5.2; RFC 5861; RFC 8246)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from .grammar import digits, dump_header, parse_dict_header
from .header_value import Directives
from .immutable import ImmutableDictMixin

if TYPE_CHECKING:
    from .properties import Attribute

    # Directives without a value, with a number, and with text, or without it as True.
    Flag: TypeAlias = Attribute[bool, bool | None]
    Number: TypeAlias = Attribute[int | None, int | None]
    Text: TypeAlias = Attribute[str | bool | None, str | bool | None]

C = TypeVar("C", bound="CacheControl")


def cache_control_property(
    key: str, empty: Any, kind: type[Any] | None, doc: str | None = None
) -> Any:
    """An attribute for a directive.

    :param empty: what a directive without its value reads as
    :param kind: ``bool`` for one without a value, ``int``, or ``None`` for text
    """
    return property(
        lambda self: self._get_directive(key, empty, kind),
        lambda self, value: self._set_directive(key, value, kind),
        lambda self: self._del_directive(key),
        doc or f"The ``{key}`` directive.",
    )


class CacheControl(Directives[Any]):
    """Directives, as attributes and as a dictionary.

    The arguments are those of :class:`~.header_value.Directives`.
    """

    no_store: Flag = cache_control_property("no-store", None, bool)
    max_age: Number = cache_control_property("max-age", None, int)
    no_transform: Flag = cache_control_property("no-transform", None, bool)
    stale_if_error: Number = cache_control_property("stale-if-error", None, int)

    def _get_directive(self, key: str, empty: Any, kind: type[Any] | None) -> Any:
        if kind is bool:
            return key in self
        if key not in self:
            return None
        value = self[key]
        if value is None:
            return empty
        if kind is None:
            return value
        try:
            # RFC 9111, 1.2.2: delta-seconds.
            return digits(str(value)) if kind is int else kind(value)
        except ValueError:
            return None

    def _set_directive(self, key: str, value: Any, kind: type[Any] | None) -> None:
        if kind is bool:
            if value:
                self[key] = None
            else:
                self.pop(key, None)
        elif value is None or value is False:
            self.pop(key, None)
        elif value is True:
            self[key] = None
        else:
            # As a parsed header has it: text.
            self[key] = str(value if kind is None else kind(value))

    def _del_directive(self, key: str) -> None:
        self.pop(key, None)

    @staticmethod
    def cache_property(key: str, empty: Any, type: type[Any] | None) -> Any:
        """An attribute for one more directive, in a subclass."""
        return cache_control_property(key, empty, type)

    def to_header(self) -> str:
        """The directives as a header value."""
        return dump_header(self)


class RequestCacheControl(ImmutableDictMixin[str, Any], CacheControl):
    """What a client says of caching; it cannot be changed."""

    no_cache: Flag = cache_control_property("no-cache", None, bool)
    max_stale: Number = cache_control_property("max-stale", True, int)
    min_fresh: Number = cache_control_property("min-fresh", None, int)
    only_if_cached: Flag = cache_control_property("only-if-cached", None, bool)


class ResponseCacheControl(CacheControl):
    """What a server says of caching."""

    no_cache: Text = cache_control_property("no-cache", True, None)
    public: Flag = cache_control_property("public", None, bool)
    private: Text = cache_control_property("private", True, None)
    must_revalidate: Flag = cache_control_property("must-revalidate", None, bool)
    proxy_revalidate: Flag = cache_control_property("proxy-revalidate", None, bool)
    s_maxage: Number = cache_control_property("s-maxage", None, int)
    immutable: Flag = cache_control_property("immutable", None, bool)
    must_understand: Flag = cache_control_property("must-understand", None, bool)
    stale_while_revalidate: Number = cache_control_property("stale-while-revalidate", None, int)


def parse_cache_control_header(
    value: str | None,
    on_update: Callable[[Any], None] | None = None,
    cls: type[C] | None = None,
) -> C:
    """The directives of a ``Cache-Control`` header, read as :func:`~.grammar.parse_dict_header`
    does, with their names in lower case (RFC 9111, section 5.2).  A number that is none is there as
    text, and ``None`` as an attribute.

    :param cls: the class of the result, by default that of requests
    """
    kind: type[Any] = RequestCacheControl if cls is None else cls
    found = parse_dict_header(value) if value else {}
    if value and not value.islower():
        found = {name.lower(): text for name, text in found.items()}
    directives: C = kind(found, on_update)
    return directives
