"""Response headers as ASGI wants them: names in lower case, as bytes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache


def encode_headers(pairs: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """The headers, encoded."""
    return [(key.lower().encode("latin-1"), value.encode("latin-1")) for key, value in pairs]


# PERF: the one or two headers that plain answers have; clients cannot make it grow for ever.
encoded_pairs: dict[tuple[str, str], tuple[bytes, bytes]] = {}
_MOST_PAIRS = 64


def encoded(pair: tuple[str, str]) -> tuple[bytes, bytes]:
    """One header, encoded, and kept in :data:`encoded_pairs`."""
    [found] = encode_headers([pair])
    if len(encoded_pairs) < _MOST_PAIRS:
        encoded_pairs[pair] = found
    return found


@lru_cache(maxsize=1024)
def length_pair(length: int) -> tuple[bytes, bytes]:
    """``Content-Length``, encoded."""
    return b"content-length", b"%d" % length
