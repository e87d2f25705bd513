"""Compact JSON by orjson, where it is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# What the library knows also where it is subclassed, as orjson does not.
_KNOWN = (str, int, float, list, tuple, dict)


def make_compact(
    encode: Callable[[Any], str], default: Callable[[Any], Any], ensure_ascii: bool, sort_keys: bool
) -> Callable[[Any], str]:
    """A function that encodes by orjson what orjson can encode, and anything else by ``encode``,
    which is returned if orjson is not installed.

    :param encode: the library's encoder with the same options and without white space
    """
    try:
        import orjson
    except ImportError:
        return encode
    dumps = orjson.dumps
    option = (
        orjson.OPT_PASSTHROUGH_DATACLASS
        | orjson.OPT_PASSTHROUGH_DATETIME
        | orjson.OPT_PASSTHROUGH_SUBCLASS
    )
    if sort_keys:
        option |= orjson.OPT_SORT_KEYS

    def unknown(o: Any) -> Any:
        if isinstance(o, _KNOWN):
            raise TypeError
        return default(o)

    def compact(obj: Any) -> str:
        try:
            data = dumps(obj, unknown, option)
        except TypeError:
            # A large number, a key that is no text, a surrogate, an error of default(): the
            # library writes it, or says what is wrong.
            return encode(obj)
        # orjson writes no escapes for what is not ASCII.
        return data.decode() if data.isascii() or not ensure_ascii else encode(obj)

    return compact
