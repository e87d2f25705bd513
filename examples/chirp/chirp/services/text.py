"""The text of a chirp: how long a person finds it, what may be in it, how it looks in a page."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from urllib.parse import quote, urlsplit

import regex
from markupsafe import Markup, escape

from ..models import NAME_LENGTH
from .errors import Invalid

LONGEST = 280
#: A family of four with skin tones is 11 code points; a letter with 50 accents is a prank.
MOST_CODE_POINTS = 12 * LONGEST

# Cc without the line feed, lone surrogates, what is no character, and what turns the direction of
# the rest of the page around (bidirectional embeddings, overrides and isolates).
_REFUSED = regex.compile(
    r"[\p{Cc}\p{Cs}--\n]|\p{Noncharacter_Code_Point}|[\u202a-\u202e\u2066-\u2069]", regex.V1
)
_VISIBLE = regex.compile(r"[\p{L}\p{N}\p{P}\p{S}]")
_GRAPHEME = regex.compile(r"\X")
_LINKS = regex.compile(
    r"(?P<url>\bhttps?://[^\s<>\"'`\\]+)"
    rf"|(?<![\w@/.])@(?P<name>\w{{2,{NAME_LENGTH}}})(?!\w)",
    regex.IGNORECASE,
)


def count_characters(text: str) -> int:
    """How many characters a person sees: grapheme clusters, as Unicode defines them (UAX 29).

    >>> count_characters("né"), count_characters("👩‍👩‍👧‍👦")
    (2, 1)
    """
    return sum(1 for _ in _GRAPHEME.finditer(text))


def clean(text: str, field: str = "text", longest: int = LONGEST, *, empty: bool = False) -> str:
    """A text as it is stored: composed (NFC), trimmed, lines ended by one line feed.

    :raises Invalid: if it is empty, too long, or has control characters
    """
    if len(text) > 4 * MOST_CODE_POINTS:
        # Nothing below should work on a whole book.
        raise Invalid(field, f"Write at most {longest} characters.")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    if _REFUSED.search(text):
        raise Invalid(field, "This text has control characters. Remove them.")
    text = unicodedata.normalize("NFC", text).strip()
    if not text or not _VISIBLE.search(text):
        if empty and not text:
            return ""
        raise Invalid(field, "Write something.")
    length = count_characters(text)
    if length > longest:
        raise Invalid(field, f"Write at most {longest} characters; this text has {length}.")
    if len(text) > MOST_CODE_POINTS:
        raise Invalid(field, "Some characters carry too many marks.")
    return text


def _profile(name: str) -> str:
    return "/people/" + quote(name)


def to_html(text: str, profile: Callable[[str], str] = _profile) -> Markup:
    """A text for a page: escaped, and only then with links.

    Addresses that begin with ``http://`` or ``https://`` and ``@names`` become links.

    :param profile: gives the address of a person's page
    """
    parts: list[Markup] = []
    end = 0
    for found in _LINKS.finditer(text):
        parts.append(escape(text[end : found.start()]))
        end = found.end()
        name = found["name"]
        if name is not None:
            parts.append(Markup('<a href="{}">@{}</a>').format(profile(name), name))
            continue
        url = _without_end_of_sentence(found["url"])
        end = found.start() + len(url)
        parts.append(
            Markup('<a href="{}" rel="nofollow noopener">{}</a>').format(url, url)
            if _is_address(url)
            else escape(url)
        )
    parts.append(escape(text[end:]))
    return Markup("").join(parts)


def _without_end_of_sentence(url: str) -> str:
    """An address without the full stop or bracket of the sentence around it."""
    while url:
        last = url[-1]
        if last in ".,:;!?…»”\u2019" or (last == ")" and url.count(")") > url.count("(")):
            url = url[:-1]
        else:
            break
    return url


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.username is None
    except ValueError:
        return False
