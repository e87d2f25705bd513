"""Which names a person can have, and when two are the same."""

from __future__ import annotations

import unicodedata

import regex

from ..models import NAME_LENGTH
from .errors import Invalid

SHORTEST = 2
_NAME = regex.compile(rf"\w{{{SHORTEST},{NAME_LENGTH}}}")
#: Letters that are written together; every other mixture misleads ("paypal" can be
#: written with two Cyrillic letters).
_SCRIPTS = [
    regex.compile(rf"(?:[\p{{Common}}\p{{Inherited}}]|{scripts})+")
    for scripts in (
        r"[\p{Han}\p{Hiragana}\p{Katakana}]",
        r"[\p{Han}\p{Hangul}]",
        r"[\p{Han}\p{Bopomofo}]",
    )
]
_LETTER = regex.compile(r"[^\p{Common}\p{Inherited}]")
_SCRIPT_OF = (
    "Latin", "Greek", "Cyrillic", "Armenian", "Hebrew", "Arabic", "Devanagari", "Bengali",
    "Gurmukhi", "Gujarati", "Oriya", "Tamil", "Telugu", "Kannada", "Malayalam", "Sinhala", "Thai",
    "Lao", "Tibetan", "Myanmar", "Georgian", "Ethiopic", "Khmer", "Mongolian", "Cherokee",
)  # fmt: skip
_SCRIPTS += [
    regex.compile(rf"[\p{{Common}}\p{{Inherited}}\p{{{script}}}]+") for script in _SCRIPT_OF
]


def clean(name: str) -> str:
    """A name as it is shown.

    :raises Invalid: ``"name"``, for one that cannot be taken
    """
    name = unicodedata.normalize("NFKC", name.strip()) if len(name) <= 4 * NAME_LENGTH else name
    if not _NAME.fullmatch(name):
        raise Invalid("name", f"Use {SHORTEST} to {NAME_LENGTH} letters, digits and underscores.")
    if not _LETTER.search(name):
        raise Invalid("name", "Use at least one letter.")
    if not any(script.fullmatch(name) for script in _SCRIPTS):
        raise Invalid("name", "Use letters of one script.")
    if len(key(name)) > NAME_LENGTH * 2:
        raise Invalid("name", "This name is too long.")
    return name


def key(name: str) -> str:
    """What is equal for two names that are the same person's: "Ada" and "ADA"."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", storable(name)).casefold())


def storable(text: str) -> str:
    """A text that can be asked for in a database, also where none such can be stored.

    PostgreSQL has no NUL, and UTF-8 no lone surrogates, which JSON can write down.
    """
    return text.encode(errors="replace").decode().replace("\0", "\ufffd")
