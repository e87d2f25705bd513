"""Values as HTML, for the console and for dumps of variables."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from re import Pattern
from typing import Any

from markupsafe import Markup, escape

# What is folded away at first, and what is not shown at all.
_SHOWN_ITEMS = 8
_SHOWN_PAIRS = 4
_MOST_ITEMS = 1000
_SHOWN_CHARACTERS = 70
_MOST_CHARACTERS = 20_000
_MOST_NESTED = 20
_MISSING: Any = object()
_BASES: tuple[Any, ...] = (str, bytes, dict, list, tuple, set, frozenset, deque)


def debug_repr(obj: object) -> str:
    """A value as HTML.

    >>> debug_repr([1])
    '[<span class="number">1</span>]'
    """
    return DebugReprGenerator().repr(obj)


def print_html(html: str) -> None:
    """Print to the console of the debugger; elsewhere without the tags."""
    write = getattr(sys.stdout, "_write", None)
    if write is None:
        sys.stdout.write(f"{Markup(html).striptags()}\n")
    else:
        write(html)


def dump(obj: object = _MISSING) -> None:
    """Print the attributes of an object, or without one the local variables."""
    generator = DebugReprGenerator()
    if obj is _MISSING:
        print_html(generator.dump_locals(sys._getframe(1).f_locals))
    else:
        print_html(generator.dump_object(obj))


class Helper:
    """What ``help`` is in the console."""

    def __repr__(self) -> str:
        return "Type help(object) for help about object."

    def __call__(self, topic: object = _MISSING) -> None:
        """Print what is documented about an object."""
        if topic is _MISSING:
            print_html(f'<span class="help">{escape(repr(self))}</span>')
            return
        import pydoc

        title, _, text = pydoc.plain(pydoc.render_doc(topic, "Help on %s")).partition("\n")
        print_html(
            Markup('<div class="box"><h3>{}</h3><pre class="help">{}</pre></div>').format(
                title, text.strip("\n")
            )
        )


helper: Helper = Helper()


def _fold(pieces: Iterable[str], shown: int) -> str:
    """Pieces with commas between, behind the first ones in a part that is folded away."""
    iterator = iter(pieces)
    first = list(islice(iterator, shown))
    rest = list(islice(iterator, _MOST_ITEMS - shown))
    if next(iterator, None) is not None:
        rest.append("&hellip;")
    if not rest:
        return ", ".join(first)
    return f'{", ".join(first)}, <span class="extended">{", ".join(rest)}</span>'


def _with_type(obj: object, base: type, inner: str) -> str:
    """``inner`` itself for a ``base``, as the argument of its class for a subclass."""
    cls = type(obj)
    if cls is base:
        return inner
    module = "" if cls.__module__ in ("builtins", "exceptions") else f"{cls.__module__}."
    prefix = f'<span class="module">{escape(module)}</span>' if module else ""
    return f"{prefix}{escape(cls.__name__)}({inner})"


class DebugReprGenerator:
    """Makes the HTML of one value and of what is in it."""

    def __init__(self) -> None:
        self._open: list[Any] = []

    def repr(self, obj: object) -> str:
        """The HTML of a value."""
        if len(self._open) >= _MOST_NESTED or any(obj is other for other in self._open):
            return self._ellipsis(obj)
        self._open.append(obj)
        try:
            return self._of(obj)
        except Exception as error:
            return _broken(error)
        finally:
            self._open.pop()

    def _ellipsis(self, obj: object) -> str:
        for base, left, right in ((dict, "{", "}"), (tuple, "(", ")"), (list, "[", "]")):
            if isinstance(obj, base):
                return f"{left}...{right}"
        return "[...]" if isinstance(obj, (set, frozenset, deque)) else "..."

    def _of(self, obj: Any) -> str:
        if obj is helper:
            return f'<span class="help">{escape(str(obj))}</span>'
        if isinstance(obj, Pattern):
            return self._pattern(obj)
        if isinstance(obj, (int, float, complex)) and type(obj).__module__ == "builtins":
            return f'<span class="number">{escape(repr(obj))}</span>'
        for base in _BASES:
            # A class with words of its own is left to them.
            if isinstance(obj, base) and type(obj).__repr__ is base.__repr__:
                return self._of_base(obj, base)
        text = repr(obj)
        if len(text) > _MOST_CHARACTERS:
            text = f"{text[:_MOST_CHARACTERS]}…"
        return f'<span class="object">{escape(text)}</span>'

    def _of_base(self, obj: Any, base: Any) -> str:
        if base is str or base is bytes:
            return _with_type(obj, base, self._text(base.__repr__(obj)))
        if base is dict:
            return _with_type(obj, base, f"{{{_fold(self._pairs(obj), _SHOWN_PAIRS)}}}")
        items = _fold(map(self.repr, base.__iter__(obj)), _SHOWN_ITEMS)
        if base is tuple:
            return _with_type(obj, base, f"({items}{',' * (tuple.__len__(obj) == 1)})")
        # A set or a deque is shown as a call of its class.
        return _with_type(obj, list, f"[{items}]")

    def _text(self, text: str) -> str:
        shown, rest = text[:_SHOWN_CHARACTERS], text[_SHOWN_CHARACTERS:]
        if len(rest) > _MOST_CHARACTERS:
            rest = f"{rest[:_MOST_CHARACTERS]}…"
        if rest:
            rest = f'<span class="extended">{escape(rest)}</span>'
        return f'<span class="string">{escape(shown)}{rest}</span>'

    def _pattern(self, obj: Pattern[Any]) -> str:
        kind = "rb" if isinstance(obj.pattern, bytes) else "r"
        text = repr(obj.pattern).lstrip("b")[1:-1].replace("\\\\", "\\")
        return f"re.compile(<span class=\"string regex\">{kind}'{escape(text)}'</span>)"

    def _pairs(self, obj: dict[Any, Any]) -> Iterator[str]:
        for key, value in dict.items(obj):
            yield (
                f'<span class="pair"><span class="key">{self.repr(key)}</span>:'
                f' <span class="value">{self.repr(value)}</span></span>'
            )

    def dump_object(self, obj: object) -> str:
        """The attributes of an object, or the items of a dictionary with textual keys."""
        # Not the class's own words, which may be long, or fail.
        name = object.__repr__(obj)[1:-1]
        if isinstance(obj, dict) and all(isinstance(key, str) for key in dict.keys(obj)):
            items = [(key, self.repr(value)) for key, value in _some(dict.items(obj))]
            return _table(f"Contents of {name}", items)
        items = []
        for attribute in _some(dir(obj)):
            try:
                items.append((attribute, self.repr(getattr(obj, attribute))))
            except Exception:
                # Listed by dir() and not there: a property that has nothing to say now.
                continue
        return _table(f"Details for {name}", items, self.repr(obj))

    def dump_locals(self, d: dict[str, Any]) -> str:
        """The local variables of a frame."""
        items = [(key, self.repr(value)) for key, value in _some(d.items())]
        return _table("Local variables in frame", items)


def _some(items: Iterable[Any]) -> list[Any]:
    return list(islice(items, _MOST_ITEMS))


def _broken(error: Exception) -> str:
    try:
        text = str(error)
    except Exception:
        text = "?"
    return (
        f'<span class="brokenrepr">&lt;broken repr ({escape(type(error).__name__)}:'
        f" {escape(text)})&gt;</span>"
    )


def _table(title: str, items: list[tuple[str, str]], value: str | None = None) -> str:
    rows = "".join(
        f'<tr><th>{escape(key)}</th><td><pre class="repr">{html}</pre></td></tr>'
        for key, html in items
    )
    shown = "" if value is None else f'<div class="repr">{value}</div>'
    body = f"<table>{rows}</table>" if rows else "<em>Nothing</em>"
    return f'<div class="box"><h3>{escape(title)}</h3>{shown}{body}</div>'
