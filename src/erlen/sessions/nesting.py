"""How deeply the content of a session may be nested."""

from __future__ import annotations

from typing import Any

from ..http.exceptions import BadRequest

# Far from where the interpreter gives up, for what is written by a short stack of calls and read
# by a long one.
_MOST = 100
_PLAIN: frozenset[type] = frozenset({str, int, float, bool, type(None)})


def check_nesting(content: dict[str, Any]) -> None:
    """Look at what is to be written.

    :raises BadRequest: (400) for containers more than a hundred deep, as JSON of a client may be:
        what is too deep to be read again would end the session
    """
    # PERF: one pass in C tells of most that nothing is nested.
    if _PLAIN.issuperset(map(type, content.values())):
        return
    inside: list[Any] = list(content.values())
    for _ in range(_MOST):
        inside = [
            item
            for value in inside
            if isinstance(value, (dict, list, tuple))
            for item in (value.values() if isinstance(value, dict) else value)
            if item.__class__ not in _PLAIN
        ]
        if not inside:
            return
    raise BadRequest(f"The session cannot keep data that is nested more than {_MOST} times.")
