"""The grammar that header values share: tokens, quoted strings, lists and parameters.

RFC 9110, section 5.6; RFC 8187 for parameters in other character sets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, unquote

# RFC 9110, 5.6.2: token.
_is_token = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z").match
# RFC 9110, 5.6.4: quoted-string; the alternatives share no first character, so it is linear.
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
# RFC 9110, 5.6.6: a parameter; the value is empty if it is neither token nor quoted string.
_PARAMETER = re.compile(
    r"[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)="
    r"""([!#$%&'*+\-.^_`|~0-9A-Za-z]+|"(?:[^"\\]|\\.)*")?""",
    re.DOTALL,
)
# RFC 2231: the parts of a value that was cut, name*0, name*1*.
_CONTINUATION = re.compile(r"\*[0-9]+\Z")
# RFC 8187, 3.2.1: ext-value, with the character set and the text as groups.
_EXTENDED = re.compile(
    r"([!#$%&*+\-.^_`|~0-9A-Za-z]*)'[!#$%&*+\-.^_`|~0-9A-Za-z]*'([!#$%&'*+\-.^_`|~0-9A-Za-z]+)\Z"
)
# RFC 9110, 5.6.3.
_BLANKS = " \t"
_CHARSETS = frozenset({"ascii", "us-ascii", "utf-8", "iso-8859-1"})
# RFC 8187, 3.2.1: attr-char, what stands for itself in an extended value.
_ATTR_CHARS = "!#$&+-.^_`|~"


def is_token(value: str) -> bool:
    """Whether ``value`` is a token."""
    return _is_token(value) is not None


def digits(value: str) -> int:
    """``1*DIGIT`` as a number: what RFC 9110 calls a length, a time or a count.

    :raises ValueError: for a sign, an underscore, digits of other scripts, and over 19 of them
    """
    if not (value.isascii() and value.isdigit() and len(value) < 20):
        raise ValueError(f"{value[:40]!r} is no number of digits.")
    return int(value)


def quote_header_value(value: Any, allow_token: bool = True) -> str:
    """``value`` as a quoted string, or as it is if it is a token and ``allow_token`` is set."""
    text: str = value if value.__class__ is str else str(value)
    if allow_token and is_token(text):
        return text
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if '"' in text:
        text = text.replace('"', '\\"')
    return f'"{text}"'


def unquote_header_value(value: str) -> str:
    """The text of a quoted string; anything else is returned as it is."""
    if len(value) >= 2 and value[0] == value[-1] == '"':
        value = value[1:-1]
        if "\\" in value:
            value = _ESCAPED.sub(r"\1", value)
    return value


def dump_options_header(header: str | None, options: Mapping[str, Any]) -> str:
    """A value with parameters.

    >>> dump_options_header("attachment", {"filename": "a b.txt"})
    'attachment; filename="a b.txt"'

    A value outside of ASCII is written as RFC 8187 says (``name*=UTF-8''…``); ``None`` is left
    out.
    """
    segments = [] if header is None else [header]
    for key, value in options.items():
        if value is None:
            continue
        text: str = value if value.__class__ is str else str(value)
        if key[-1:] == "*":
            pass
        elif text.isascii():
            text = quote_header_value(text)
        else:
            key = f"{key}*"
            text = f"UTF-8''{quote(text, safe=_ATTR_CHARS)}"
        segments.append(f"{key}={text}")
    return "; ".join(segments)


def dump_header(iterable: Mapping[str, Any] | Iterable[Any]) -> str:
    """A list, or a mapping of names and values, as a header value; the inverse of
    :func:`parse_list_header` and :func:`parse_dict_header`."""
    if not hasattr(iterable, "items"):
        return ", ".join([quote_header_value(item) for item in iterable])
    items = []
    for key, value in iterable.items():  # pyright: ignore[reportAttributeAccessIssue]
        if value is None:
            items.append(key)
        elif key[-1:] == "*":
            items.append(f"{key}={value}")
        else:
            items.append(f"{key}={quote_header_value(value)}")
    return ", ".join(items)


def split_list(value: str) -> list[str]:
    """The comma-separated items of a value, with their quotes; none if a quote has no end."""
    if '"' not in value:
        return [item for part in value.split(",") if (item := part.strip())]
    items = []
    start = position = 0
    length = len(value)
    while position < length:
        char = value[position]
        if char == ",":
            items.append(value[start:position].strip())
            start = position = position + 1
        elif char == '"':
            match = _QUOTED.match(value, position)
            if match is None:
                return []
            position = match.end()
        else:
            position += 1
    items.append(value[start:].strip())
    return [item for item in items if item]


def parse_list_header(value: str) -> list[str]:
    """The items of a comma-separated list (RFC 9110, section 5.6.1), without their quotes.

    An item that is neither token nor quoted string is taken as it is, and an empty one left out;
    where a quote has no end, there are none.

    >>> parse_list_header('token, "quoted, value"')
    ['token', 'quoted, value']
    """
    return [unquote_header_value(item) for item in split_list(value)]


def parse_dict_header(value: str) -> dict[str, str | None]:
    """The items of a list of ``name=value`` pairs; a name alone has the value ``None``.

    Of a name that comes again the last value counts.  An item without a name is left out; where a
    quote has no end, there are none.

    >>> parse_dict_header('a="x, y", b')
    {'a': 'x, y', 'b': None}
    """
    result: dict[str, str | None] = {}
    for item in parse_list_header(value):
        key, has_value, text = item.partition("=")
        key = key.strip()
        if not key:
            continue
        if not has_value:
            result[key] = None
            continue
        text = text.strip()
        if key[-1] == "*":
            key = key[:-1].rstrip()
            if not key:
                continue
            text = _decode_extended(*_split_extended(text))
        result[key] = unquote_header_value(text)
    return result


def parse_options_header(value: str | None) -> tuple[str, dict[str, str]]:
    """A value and its parameters.

    >>> parse_options_header('text/html; charset="UTF-8"')
    ('text/html', {'charset': 'UTF-8'})

    Names are in lower case.  Of ``name`` and ``name*`` the extended one wins, wherever it stands
    (RFC 6266, section 4.3).  What is not a parameter is passed over.
    """
    if value is None:
        return "", {}
    if ";" not in value:
        return value.strip(_BLANKS), {}
    main, _, rest = value.partition(";")
    main = main.strip(_BLANKS)
    rest = rest.strip(_BLANKS)
    if not main or not rest:
        return main, {}
    key, _, text = rest.partition("=")
    if key.isalpha() and text.replace("-", "").isalnum() and rest.isascii():
        # PERF: one parameter, whose name and value are of letters, digits and hyphens, as a
        # charset and most boundaries are: there is nothing to decode.
        return main, {key.lower(): text}
    options: dict[str, str] = {}
    extended: dict[str, str] = {}
    # The parts of values that were cut, and the character sets that their first parts named.
    cut: dict[str, list[str]] = {}
    charsets: dict[str, str] = {}
    position = 0
    while position != -1:
        match = _PARAMETER.match(rest, position)
        if match is not None:
            key, text = match.groups()
            if text:
                _take_parameter(key.lower(), text, options, extended, cut, charsets)
            elif rest.startswith('"', match.end()):
                # A quote without an end: the parameter is not one, nor is what follows it.
                break
            position = match.end()
        position = rest.find(";", position) + 1 or -1
    for key, parts in cut.items():
        options[key] = "".join(parts)
    options.update(extended)
    return main, options


def _take_parameter(
    key: str,
    text: str,
    options: dict[str, str],
    extended: dict[str, str],
    cut: dict[str, list[str]],
    charsets: dict[str, str],
) -> None:
    """File one parameter under plain, extended (``name*``) or cut (``name*0``)."""
    is_extended = key[-1] == "*"
    if is_extended:
        key = key[:-1]
    else:
        # Browsers write a quote in a file name as %22 (HTML standard, multipart/form-data).
        text = unquote_header_value(text).replace("%22", '"')
    part = _CONTINUATION.search(key) if "*" in key else None
    if part is not None:
        key = key[: part.start()]
    if is_extended:
        charset, text = _split_extended(text)
        if charset is not None:
            charsets[key] = charset
        elif part is not None:
            charset = charsets.get(key)
        text = _decode_extended(charset, text)
    if part is not None:
        cut.setdefault(key, []).append(text)
    elif is_extended:
        extended[key] = text
    else:
        options[key] = text
        cut.pop(key, None)


def _split_extended(text: str) -> tuple[str | None, str]:
    """The character set, if one is named, and the text of ``charset'language'text``."""
    match = _EXTENDED.match(text)
    return (None, text) if match is None else (match.group(1).lower(), match.group(2))


def _decode_extended(charset: str | None, text: str) -> str:
    return unquote(text, encoding=charset, errors="replace") if charset in _CHARSETS else text
