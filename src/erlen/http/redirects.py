"""Redirects (RFC 9110, section 15.4)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from markupsafe import escape

from .response import Response as _Response

if TYPE_CHECKING:
    from .response import Response as HTTPResponse

# Browsers drop tabs and line ends, and read a backslash as a slash (the URL standard, 4.4): neither
# may stand anywhere. Surrogates cannot be sent.
_ANYTHING = r"[^\x00-\x1f\x7f-\x9f\\\ud800-\udfff]*"
# A path of the same host. A second slash would begin another host.
_LOCAL_PATH = re.compile(rf"/(?!/){_ANYTHING}\Z")
# An origin (RFC 6454), and whatever is behind it.
_WHOLE = re.compile(rf"([a-zA-Z]+://[^/?#\\\s]+)(?:[/?#]{_ANYTHING})?\Z")

# Text that is the same in HTML, attributes included.
_PLAIN = re.compile(r"[^&<>\"']*\Z")


def _is_plain(location: Any) -> bool:
    return location.__class__ is str and _PLAIN.match(location) is not None


def is_local(location: str | None, origin: str) -> bool:
    """Whether a redirect to ``location``, which a client may have chosen, stays on ``origin``.

    A path must begin with one slash; a whole URL must have this scheme, host and port, written
    alike, and no user. Everything that a browser could read in another way is refused.

    >>> is_local("/inbox?page=2", "https://example.org")
    True
    >>> is_local("/\\\\evil.example", "https://example.org")
    False
    """
    if not location:
        return False
    if location[0] == "/":
        return _LOCAL_PATH.match(location) is not None
    whole = _WHOLE.match(location)
    return whole is not None and whole[1].lower() == origin.lower()


class _DefaultCode(int):
    """The status of a redirect that names none, for who has to know that."""


DEFAULT_CODE = _DefaultCode(302)


def redirect(
    location: str, code: int = 302, Response: type[HTTPResponse] | None = None
) -> HTTPResponse:
    """A response that sends the client to ``location``, an IRI or URI, relative or absolute.

    The header keeps the text as it is given; it becomes a URI when it is sent.

    :param code: 301, 302, 303, 305, 307 or 308
    :param Response: the class of the response
    :raises ValueError: for control characters in ``location``, and for a host or port that is none
    """
    if not _LOCAL_PATH.match(location) and ("//" in location or "[" in location):
        # Tells of brackets that are no address; the port is looked at when it is asked for.
        urlsplit(location).port  # noqa: B018
    # It may come from the outside, and stands in an attribute: escaped, quotes included.
    # PERF: most locations have nothing to escape.
    shown = location if _is_plain(location) else escape(location)
    response = (Response or _Response)(
        "<!doctype html>\n<html lang=en>\n<title>Redirect</title>\n<h1>Redirect</h1>\n"
        f'<p>The page is at <a href="{shown}">{shown}</a>. Your browser should go there by itself;'
        " follow the link if it does not.</p>\n",
        code,
        mimetype="text/html",
    )
    response.headers["Location"] = location
    return response


def append_slash_redirect(environ: dict[str, Any], code: int = 308) -> HTTPResponse:
    """A redirect to the same path with a slash at its end.

    It is relative to the last segment, so that it holds behind a proxy too.
    """
    tail = environ["PATH_INFO"].rpartition("/")[2]
    # A colon in the first segment of a relative reference would end a scheme (RFC 3986, 4.2).
    path = f"./{tail}/" if ":" in tail else f"{tail}/" if tail else "./"
    query = environ.get("QUERY_STRING")
    if query:
        path = f"{path}?{query}"
    return redirect(path, code)
