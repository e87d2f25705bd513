"""Template strings of Python 3.14 (PEP 750) as HTML."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from markupsafe import Markup, escape

_CONVERSIONS: dict[str, Callable[[Any], str]] = {"r": repr, "s": str, "a": ascii}


def is_template_string(value: Any) -> bool:
    """Whether it is what ``t"…"`` makes."""
    if sys.version_info >= (3, 14):
        from string.templatelib import Template

        return isinstance(value, Template)
    return False


def html_of(template: Any) -> Markup:
    """The template as HTML: its text as it is, and each value escaped as Jinja does with
    autoescape.

    A value is converted (``!r``) and formatted (``:>8``) before that; a template among the values
    is HTML already, and so is what has ``__html__`` or ``__html_format__``.

    :raises ValueError: for a format of what has ``__html__`` and no ``__html_format__``
    """
    parts = [part if type(part) is str else _escaped(part) for part in template]
    return Markup("".join(parts))


def _escaped(interpolation: Any) -> str:
    value = interpolation.value
    if interpolation.conversion is not None:
        value = _CONVERSIONS[interpolation.conversion](value)
    name, wanted = interpolation.expression, interpolation.format_spec
    if not wanted:
        return html_of(value) if is_template_string(value) else escape(value)
    html_format = getattr(value, "__html_format__", None)
    if html_format is not None:
        return Markup(html_format(wanted))
    if hasattr(value, "__html__"):
        raise ValueError(
            f"{{{name}:{wanted}}} cannot be formatted: {type(value).__name__} has __html__, which"
            " knows no format. Leave the format out, give it __html_format__, or write"
            f" {{{name}!s:{wanted}}} to have its text escaped."
        )
    return escape(format(value, wanted))
