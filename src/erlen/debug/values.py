"""Values as text that is short, has no secrets in it, and is there in time.

What an object says of itself is code of the application: it may raise, never end, be of any length,
or refer to itself.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from itertools import islice
from threading import Thread
from time import monotonic
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

from .masks import MASK, is_a, is_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .masks import Masks

# Seconds for one value, and for those of a page that take longer.
_PATIENCE = 0.5
_WHOLE_PATIENCE = 2.0
_MOST_CHARACTERS = 2000
_MOST_ITEMS = 50
_MOST_NESTED = 4
# An integer of more bits takes long to be written, or is refused.
_MOST_BITS = 8000
_SHOWN_PLAINLY = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodType)
_BRACKETS: dict[Any, tuple[str, str]] = {
    dict: ("{", "}"),
    list: ("[", "]"),
    tuple: ("(", ")"),
    set: ("{", "}"),
    frozenset: ("frozenset({", "})"),
    deque: ("deque([", "])"),
}
_OF_TEXT: tuple[Any, ...] = (str.__repr__, bytes.__repr__, bytearray.__repr__)
# They have words of their own, which tell nothing else and have no limit.
_LIKE_DICT: tuple[Any, ...] = (
    OrderedDict.__repr__,
    defaultdict.__repr__,
    Counter.__repr__,
    dict.__repr__,
)


class _GivenUp(BaseException):
    """Ends a thread that nobody waits for any more."""


class Values:
    """Makes text of values.

    :param masks: what is not shown
    """

    def __init__(self, masks: Masks) -> None:
        self._masks = masks
        self._patience = _WHOLE_PATIENCE

    def describe(self, named: Sequence[tuple[object, object]]) -> list[str]:
        """The texts of values, each given with its name."""
        return self.compute([(name, partial(_same, value)) for name, value in named])

    def compute(self, named: Sequence[tuple[object, Callable[[], object]]]) -> list[str]:
        """The texts of what functions return, each given with the name of its value."""
        found: list[str] = []
        context = copy_context()
        while len(found) < len(named):
            if self._patience <= 0:
                found.append("<not shown: other values took too long>")
                continue
            # Another thread can be given up.
            texts: list[str] = []
            run = context.copy().run
            thread = Thread(target=run, args=(self._fill, named[len(found) :], texts), daemon=True)
            begun = monotonic()
            thread.start()
            count = -1
            while thread.is_alive() and len(texts) > count:
                count = len(texts)
                thread.join(min(_PATIENCE, self._patience))
            is_hung = thread.is_alive()
            found += texts[: len(named) - len(found)]
            if len(found) < len(named):
                found.append(f"<not shown: its repr() took longer than {_PATIENCE} s>")
            if is_hung:
                _give_up(thread)
                self._patience -= monotonic() - begun
        return found

    def _fill(self, named: Sequence[tuple[object, Callable[[], object]]], texts: list[str]) -> None:
        try:
            for name, get in named:
                try:
                    text = _Text(self._masks).of(get(), name)
                except _GivenUp:
                    return
                except BaseException as error:
                    text = _broken(error)
                texts.append(text)
        except _GivenUp:
            # It comes between any two steps.
            return


def _same(value: object) -> object:
    return value


def _broken(error: BaseException) -> str:
    try:
        text = str(error)[:200]
    except BaseException:
        text = "?"
    return f"<broken repr: {type(error).__name__}: {text}>"


def _give_up(thread: Thread) -> None:
    """End a thread that runs Python; one that waits for something goes on waiting."""
    with suppress(Exception):
        import ctypes

        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident or 0), ctypes.py_object(_GivenUp)
        )


def is_data(value: object) -> bool:
    """Whether a value could be a secret: functions, classes, modules and flags are none."""
    if type(value) in (str, bytes):
        return bool(value)
    return not (value is None or is_a(value, (bool, *_SHOWN_PLAINLY)))


class _Text:
    """The text of one value."""

    def __init__(self, masks: Masks) -> None:
        self._masks = masks
        self._open: list[int] = []
        self._left = _MOST_CHARACTERS

    def of(self, value: object, name: object) -> str:
        if is_secret(name) and is_data(value):
            self._masks.learn_named(name, value)
            return MASK
        # With what is said behind a text that was cut.
        return _cut(self._masks.hide(self._text(value)), _MOST_CHARACTERS + 100)

    def _text(self, value: Any) -> str:
        if self._left <= 0:
            return "…"
        kind = type(value)
        if is_a(value, (str, bytes, bytearray)):
            text = self._of_text(value)
        elif is_a(value, int) and value.bit_length() > _MOST_BITS:
            return f"<an integer of {value.bit_length()} bits>"
        else:
            brackets = self._brackets_of(value, kind)
            if brackets is not None:
                return self._of_container(value, *brackets)
            text = repr(value)
            # What is shown of it has no part of a secret at its end.
            text = _cut(self._masks.hide(text[: 10 * _MOST_CHARACTERS]), _MOST_CHARACTERS)
        self._left -= len(text)
        return text

    def _of_text(self, value: Any) -> str:
        if type(value).__repr__ not in _OF_TEXT:
            return repr(value)
        length = len(value)
        limit = max(self._left, 20)
        piece = value[: 10 * _MOST_CHARACTERS]
        if is_a(piece, str):
            piece = self._masks.hide(piece)
        text = _cut(self._masks.hide(repr(piece[:limit])), limit + 40)
        return text if len(piece) <= limit else f"{text}… ({length:,} in all)"

    def _brackets_of(self, value: Any, kind: type) -> tuple[Any, str, str] | None:
        if issubclass(kind, dict) and kind.__repr__ in _LIKE_DICT:
            if kind is dict:
                return dict, "{", "}"
            return dict, f"{kind.__name__}({{", "})"
        for base, (left, right) in _BRACKETS.items():
            if issubclass(kind, base) and kind.__repr__ is base.__repr__:
                if kind is base:
                    return base, left, right
                return base, f"{kind.__name__}({left}", f"{right})"
        return None

    def _of_container(self, value: Any, base: Any, left: str, right: str) -> str:
        if id(value) in self._open or len(self._open) >= _MOST_NESTED:
            return f"{left}…{right}"
        length = base.__len__(value)
        if base in (set, frozenset, deque, list, dict) and not length:
            return repr(base()) if type(value) is base else f"{left}{right}"
        self._open.append(id(value))
        try:
            text = ", ".join(self._items(value, base, length))
            return f"{left}{text}{',' if base is tuple and length == 1 else ''}{right}"
        finally:
            self._open.pop()

    def _items(self, value: Any, base: Any, length: int) -> Iterator[str]:
        shown = _MOST_ITEMS if len(self._open) == 1 else _MOST_ITEMS // 5
        if base is dict:
            for key, item in list(islice(dict.items(value), shown)):
                if self._left <= 0:
                    break
                yield f"{self._text(key)}: {self._of_item(item, key)}"
                length -= 1
        else:
            items = list(islice(base.__iter__(value), shown))
            # (b"authorization", b"Basic …")
            is_pair = base in (tuple, list) and len(items) == 2
            for number, item in enumerate(items):
                if self._left <= 0:
                    break
                name = items[0] if is_pair and number and is_a(item, (str, bytes)) else None
                yield self._of_item(item, name)
                length -= 1
        if length > 0:
            yield f"… {length:,} more"

    def _of_item(self, item: object, name: object) -> str:
        if is_secret(name) and is_data(item):
            self._masks.learn_named(name, item)
            return MASK
        return self._text(item)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]}…"
