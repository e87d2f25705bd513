"""The standard library's JSON decoder, made once for its options."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

# RFC 8259, section 2.
_BLANKS = " \t\n\r"


def make_decode(**options: Any) -> Callable[[str], Any]:
    """A function that decodes text as ``json.loads(text, **options)`` does.

    PERF: ``loads`` looks for blanks around the value by two regular expressions, and most text has
    none.  What stands in front of the value is left to the library, a byte order mark too.  So is
    everything where the library has no such scanner.
    """
    # Gives the value that begins at an index, and where it ends.
    scan: Any = getattr(json.JSONDecoder(**options), "scan_once", None)
    if scan is None:
        return partial(json.loads, **options)

    def decode(text: str) -> Any:
        try:
            value, end = scan(text, 0)
        except StopIteration as error:
            if error.value == 0:
                return json.loads(text, **options)
            raise json.JSONDecodeError("Expecting value", text, error.value) from None
        if end != len(text):
            rest = text[end:].lstrip(_BLANKS)
            if rest:
                raise json.JSONDecodeError("Extra data", text, len(text) - len(rest))
        return value

    return decode
