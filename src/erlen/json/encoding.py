"""The standard library's JSON encoder, made once for its options."""

from __future__ import annotations

import json
from collections.abc import Callable
from json import encoder as _library
from typing import Any


def make_encode(**options: Any) -> Callable[[Any], str]:
    """A function that encodes as ``json.JSONEncoder(**options).encode`` does.

    PERF: ``encode`` makes the C encoder anew at each call.  That interface is CPython's own: where
    it is missing or another one, ``encode`` itself is returned.
    """
    whole = json.JSONEncoder(**options)
    make: Any = getattr(_library, "c_make_encoder", None)
    if make is None or whole.indent is not None:
        return whole.encode
    text: Any = _library.encode_basestring_ascii if whole.ensure_ascii else None
    if text is None:
        text = getattr(_library, "encode_basestring", None)
    try:
        # Without a table of the containers on the way, which is not for several threads.
        pieces = make(
            None,
            whole.default,
            text,
            None,
            whole.key_separator,
            whole.item_separator,
            whole.sort_keys,
            whole.skipkeys,
            whole.allow_nan,
        )
        if "".join(pieces([None, "a"], 0)) != whole.encode([None, "a"]):
            return whole.encode
    except TypeError:
        return whole.encode

    def encode(obj: Any) -> str:
        if obj.__class__ is str:
            return text(obj)
        try:
            return "".join(pieces(obj, 0))
        except RecursionError:
            # It refers to itself, or is too deep: the whole encoder tells which.
            return whole.encode(obj)

    return encode
