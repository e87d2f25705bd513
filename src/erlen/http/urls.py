"""URLs and IRIs, and the fields of a query (RFC 3986, RFC 3987, the URL standard)."""

from __future__ import annotations

import re
from binascii import a2b_qp
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlencode, urlsplit, urlunsplit

from .multidict import ImmutableMultiDict, iter_multi_items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .multidict import MultiDict

# RFC 3986, section 2.2: reserved characters have a meaning, so quoted ones stay quoted.
_SAFE = "%!#$&'()*+,/:;=?@"
_QUOTED_BYTES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
# What may stand in each part of a URI; the brackets of an IPv6 host may not stand in the others.
_PLAIN_URI = re.compile(r"[!#$%&'()*+,\-./0-9:;=?@A-Z_a-z~]*\Z")
# RFC 3986, 3.2.2: reg-name, and the colon of addresses.
_REG_NAME = re.compile(r"[A-Za-z0-9\-._~%!$&'()*+,;=:]*\Z")
# RFC 1035, section 3.1: a longer one is no name, and IDNA takes its time for each label.
_LONGEST_HOST = 255
# What the error handler "surrogateescape" makes of bytes that are not UTF-8.
_NOT_UTF8 = re.compile("[\udc80-\udcff]+")


def _keep_quoted(text: str) -> str:
    """Bytes that are not UTF-8, decoded by "surrogateescape", as they were sent: quoted."""
    return _NOT_UTF8.sub(_quote_bytes, text)


def _quote_bytes(match: re.Match[str]) -> str:
    raw = match.group().encode("ascii", "surrogateescape")
    return "%" + raw.hex("%").upper()


_ESCAPES = {chr(code): f"%{code:02X}" for code in range(256)}


def make_quote(safe: str) -> Callable[[str], str]:
    """A function that quotes as ``urllib.parse.quote(text, safe)`` does.

    PERF: that looks each character up by itself; most text has none that is quoted, or few.
    """
    replace = re.compile(f"[^A-Za-z0-9_.~{re.escape(safe)}-]").sub

    def escape(match: re.Match[str]) -> str:
        return _ESCAPES[match[0]]

    def quote(text: str) -> str:
        return replace(escape, text if text.isascii() else text.encode().decode("latin-1"))

    return quote


def mount_point(root: str) -> str:
    """The prefix under which an application is mounted, as servers and proxies should write it: one
    slash in front, none behind; ``""`` for the root. Two in front would begin a host in URLs that
    are built on it.

    >>> mount_point("//app/")
    '/app'
    """
    root = root.strip("/")
    return f"/{root}" if root else ""


class TooManyFields(ValueError):
    """More fields than allowed."""


def iri_to_uri(iri: str) -> str:
    """An IRI in ASCII: the host in IDNA, the rest as quoted UTF-8; what is quoted stays.

    A host that IDNA refuses is quoted too.

    :raises ValueError: for brackets that are no IPv6 address

    >>> iri_to_uri("http://\\u2603.net/p\\xe5th?q=\\xe8ry")
    'http://xn--n3h.net/p%C3%A5th?q=%C3%A8ry'
    """
    # PERF: most URLs are URIs; only in a host would upper case become lower.
    if _PLAIN_URI.match(iri) and (iri[:1] == "/" or iri == iri.lower()):
        return iri
    parts = urlsplit(iri)
    path = quote(parts.path, safe=_SAFE)
    query = quote(parts.query, safe=_SAFE)
    fragment = quote(parts.fragment, safe=_SAFE)
    netloc = parts.netloc
    if netloc:
        netloc = _encode_netloc(parts)
    return _unsplit(parts.scheme, netloc, path, query, fragment)


def _unsplit(scheme: str, netloc: str, path: str, query: str, fragment: str) -> str:
    if netloc or path[:2] != "//":
        return urlunsplit((scheme, netloc, path, query, fragment))
    # Some versions of Python lose the empty host, and what was a path becomes one.
    rest = urlunsplit(("", "", "", query, fragment))
    return f"{scheme}:////{path[2:]}{rest}" if scheme else f"////{path[2:]}{rest}"


def _encode_netloc(parts: Any) -> str:
    host = parts.hostname or ""
    if len(host) <= _LONGEST_HOST:
        try:  # noqa: SIM105 (PERF: a context manager would take longer)
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            pass
    # IDNA lets the whole of ASCII pass. In lower case, as the rest of a host is.
    if _REG_NAME.match(host) is None:
        host = quote(host, safe="%!$&'()*+,;=:").lower()
    return _with_host(parts, host, lambda text: quote(text, safe="%!$&'()*+,;="))


def _with_host(parts: Any, host: str, convert: Callable[[str], str]) -> str:
    """The network location of a URL with another host, and its user and password converted."""
    if ":" in host:
        host = f"[{host}]"
    # PERF: each of these takes the host apart again.
    try:
        port = parts.port if ":" in parts.netloc else None
    except ValueError:
        port = None
    if port:
        host = f"{host}:{port}"
    if "@" in parts.netloc and parts.username:
        auth = convert(parts.username)
        if parts.password:
            auth = f"{auth}:{convert(parts.password)}"
        host = f"{auth}@{host}"
    return host


def _unquote_text(text: str, keep: frozenset[int]) -> str:
    """Decode what is quoted, but for ``keep``, ASCII controls and what is not UTF-8."""

    def decode(match: re.Match[str]) -> str:
        raw = bytes.fromhex(match.group().replace("%", ""))
        pieces = []
        for piece in re.split(rb"([\x00-\x7f])", raw):
            if len(piece) == 1 and piece[0] < 128:
                code = piece[0]
                pieces.append(
                    f"%{code:02X}" if code in keep or code <= 32 or code == 127 else chr(code)
                )
            else:
                pieces.append(_keep_quoted(piece.decode("utf-8", "surrogateescape")))
        return "".join(pieces)

    return _QUOTED_BYTES.sub(decode, text) if "%" in text else text


_KEEP_PATH = frozenset(b"%/?#")
_KEEP_QUERY = frozenset(b"%&=+#")
_KEEP_FRAGMENT = frozenset(b"%")
_KEEP_AUTH = frozenset(b"%:@/?#")


def uri_to_iri(uri: str) -> str:
    """A URI for people: the host decoded from IDNA, quoted UTF-8 decoded where that cannot
    change the meaning.

    :raises ValueError: for brackets that are no IPv6 address

    >>> uri_to_iri("http://xn--n3h.net/p%C3%A5th?q=%C3%A8ry%DF")
    'http://\\u2603.net/p\\xe5th?q=\\xe8ry%DF'
    """
    # PERF: nothing quoted and no IDNA.
    if "%" not in uri and "xn--" not in uri and _PLAIN_URI.match(uri) and uri == uri.lower():
        return uri
    parts = urlsplit(uri)
    path = _unquote_text(parts.path, _KEEP_PATH)
    query = _unquote_text(parts.query, _KEEP_QUERY)
    fragment = _unquote_text(parts.fragment, _KEEP_FRAGMENT)
    netloc = parts.netloc
    if netloc:
        host = _decode_idna(parts.hostname or "")
        netloc = _with_host(parts, host, lambda text: _unquote_text(text, _KEEP_AUTH))
    return _unsplit(parts.scheme, netloc, path, query, fragment)


def _decode_idna(host: str) -> str:
    if "xn--" not in host or len(host) > _LONGEST_HOST:
        return host
    labels = []
    for label in host.split("."):
        try:
            labels.append(label.encode("ascii").decode("idna"))
        except UnicodeError:
            labels.append(label)
    return ".".join(labels)


def _unquote_field(text: str) -> str:
    """A name or value as it was before it was quoted for a query: bytes that are not UTF-8 stay
    quoted, and so does what only looks quoted."""
    if "%" not in text:
        return text
    if text.isascii() and "=" not in text and "\n" not in text and "\r" not in text:
        # PERF: but for its sign, this is quoted-printable (RFC 2045, section 6.7), which is decoded
        # at once. What it would take in another way has no sign of its own here, or the length
        # tells: each escape is three characters of which one byte is left.
        raw = a2b_qp(text.replace("%", "="))
        if len(raw) + 2 * text.count("%") == len(text):
            if raw.isascii():
                return raw.decode("ascii")
            return _keep_quoted(raw.decode("utf-8", "surrogateescape"))
    return _keep_quoted(unquote(text, errors="surrogateescape"))


def _with_spaces(query: str | bytes, max_fields: int | None) -> str:
    """A query as text, with its spaces.

    :raises TooManyFields: beyond ``max_fields``
    """
    text = query.decode("utf-8", "replace") if isinstance(query, bytes) else query
    if max_fields is not None and text.count("&") >= max_fields and text:
        raise TooManyFields(f"More than {max_fields} fields.")
    # Before the fields are unquoted: a quoted plus is one.
    return text.replace("+", " ") if "+" in text else text


def parse_query(query: str | bytes, max_fields: int | None = None) -> list[tuple[str, str]]:
    """The fields of a query or of a urlencoded form, in order.

    Only ``&`` separates (the URL standard, section 5.1); a name alone has an empty value;
    quoted bytes that are not UTF-8 stay quoted.

    :raises TooManyFields: beyond ``max_fields``

    >>> parse_query("a=1&b=x+y&c")
    [('a', '1'), ('b', 'x y'), ('c', '')]
    """
    pairs = []
    for field in _with_spaces(query, max_fields).split("&"):
        if field:
            name, _, value = field.partition("=")
            if "%" in field:
                name, value = _unquote_field(name), _unquote_field(value)
            pairs.append((name, value))
    return pairs


def query_dict(
    cls: type[MultiDict[str, Any]], query: str | bytes, max_fields: int | None = None
) -> MultiDict[str, str]:
    """What :func:`parse_query` gives as a dictionary of the class ``cls``."""
    if cls is not ImmutableMultiDict:
        return cls(parse_query(query, max_fields))
    # PERF: the same as above, without pairs that are taken apart again.
    values: dict[str, list[str]] = {}
    for field in _with_spaces(query, max_fields).split("&"):
        if field:
            name, _, value = field.partition("=")
            if "%" in field:
                name, value = _unquote_field(name), _unquote_field(value)
            if name in values:
                values[name].append(value)
            else:
                values[name] = [value]
    return ImmutableMultiDict._adopt(values)


def dump_query(query: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> str:
    """Fields as a query; ``None`` is left out, a list repeats its name."""
    pairs = [(key, value) for key, value in iter_multi_items(query) if value is not None]
    return urlencode(pairs, safe="!$'()*,/:;?@")
