"""Writes a document of JSON's types as YAML 1.2, of which JSON's texts are a part."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

# Words that stand without quotes, and are no number, date or truth value in any version of YAML.
_WORD = re.compile(r"[A-Za-z_/$][A-Za-z_/$-]*(?: [A-Za-z_/$-]+)*")
_RESERVED = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def to_yaml(value: Any) -> str:
    """A value as YAML, with a line feed at its end."""
    return "".join(f"{line}\n" for line in _lines(value))


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _entry(f"{_scalar(key)}:", inner)
    elif isinstance(value, list) and value:
        for inner in value:
            if isinstance(inner, dict | list) and inner:
                mark = "- "
                for line in _lines(inner):
                    yield mark + line
                    mark = "  "
            else:
                yield f"- {_scalar(inner)}"
    else:
        yield _scalar(value)


def _entry(key: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict | list) and value:
        yield key
        for line in _lines(value):
            yield f"  {line}"
    else:
        yield f"{key} {_scalar(value)}"


def _scalar(value: Any) -> str:
    if isinstance(value, str) and _WORD.fullmatch(value) and value.lower() not in _RESERVED:
        return value
    return json.dumps(value, ensure_ascii=False)
