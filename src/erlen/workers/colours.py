"""The colour of a function: whether calling it gives something to await."""

from __future__ import annotations

import sys
from functools import partial
from opcode import opmap
from types import CodeType
from typing import Any

_CO_COROUTINE = 0x80
# What an await ends in, where it has to wait (CPython; elsewhere any code may).
_YIELD = opmap.get("YIELD_VALUE") if sys.implementation.name == "cpython" else None


def is_coroutine_function(f: Any) -> bool:
    """Whether calling ``f`` gives a coroutine to await: ``async def``, also inside of
    ``functools.partial``, as a bound method, or marked by ``inspect.markcoroutinefunction``."""
    f = getattr(f, "__func__", f)
    code = getattr(f, "__code__", None)
    if code is not None:
        if code.co_flags & _CO_COROUTINE:
            return True
        if not getattr(f, "__dict__", None):
            return False
    if isinstance(f, partial):
        return is_coroutine_function(f.func)
    # Neither a function nor a method, or one with attributes, of which a mark may be one: rare
    # enough for the library that knows the rest.
    from inspect import iscoroutinefunction

    return iscoroutinefunction(f)


def may_suspend(f: Any) -> bool:
    """Whether what an ``async def`` does may wait for something; one without any ``await`` cannot.
    ``True`` where its code does not tell."""
    code = getattr(getattr(f, "__func__", f), "__code__", None)
    if type(code) is not CodeType or _YIELD is None or not code.co_flags & _CO_COROUTINE:
        # That of a mock is a mock, which tells another class.
        return True
    # An instruction is two bytes, of which the first says what it does.
    return _YIELD in code.co_code[::2]
