"""What is fuzzed: a function of bytes for each parser, and inputs to begin with.

A target raises nothing for any input: what is outside of a grammar is ignored, or refused by the
error that the parser's docstring names.  What a target asserts holds for every input.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from typing import NamedTuple

import conditions
import patterns
from answers import framing, sockets

from erlen.http.accept import (
    Accept,
    CharsetAccept,
    LanguageAccept,
    MIMEAccept,
    parse_accept_header,
)
from erlen.http.auth import Authorization, WWWAuthenticate
from erlen.http.caching import ResponseCacheControl, parse_cache_control_header
from erlen.http.cookies import dump_cookie, parse_cookie
from erlen.http.csp import dump_csp_header, parse_csp_header
from erlen.http.dates import http_date, parse_age, parse_date
from erlen.http.etags import parse_etags, unquote_etag
from erlen.http.exceptions import HTTPException, RequestEntityTooLarge
from erlen.http.files import secure_filename
from erlen.http.forms import MalformedForm, MultiPartParser, parse_form_data
from erlen.http.grammar import (
    dump_header,
    dump_options_header,
    is_token,
    parse_dict_header,
    parse_list_header,
    parse_options_header,
    quote_header_value,
    unquote_header_value,
)
from erlen.http.header_set import parse_set_header
from erlen.http.headers import Headers
from erlen.http.hosts import check_host, get_host, host_is_trusted
from erlen.http.ranges import (
    parse_content_range_header,
    parse_if_range_header,
    parse_range_header,
)
from erlen.http.redirects import is_local
from erlen.http.request import Request
from erlen.http.urls import dump_query, iri_to_uri, parse_query, uri_to_iri
from erlen.routing import Map, RequestRedirect, Rule
from erlen.routing.parsing import converter_arguments
from erlen.security import safe_join


class Target(NamedTuple):
    """A function that must take any bytes, and what it is tried with first."""

    run: Callable[[bytes], object]
    seeds: list[bytes]


def _latin(data: bytes) -> str:
    """A header's value as WSGI has it."""
    return data.decode("latin-1")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def options(data: bytes) -> None:
    """A value with parameters."""
    main, found = parse_options_header(_latin(data))
    assert ";" not in main
    assert all(name == name.lower() for name in found)
    plain = {name: value for name, value in found.items() if is_token(name) and "*" not in name}
    again = parse_options_header(dump_options_header("a", plain))[1]
    # A browser's way to write a quote is read everywhere.
    assert again == {name: value.replace("%22", '"') for name, value in plain.items()}


def lists(data: bytes) -> None:
    """Lists, dictionaries and sets."""
    text = _latin(data)
    items = parse_list_header(text)
    assert parse_list_header(dump_header(items)) == items
    assert list(parse_set_header(text)) == items
    assert all(name == name.strip() != "" for name in parse_dict_header(text))
    assert unquote_header_value(quote_header_value(text)) == text


def cookies(data: bytes) -> None:
    """The ``Cookie`` header, and each cookie written and read again."""
    for name, value in parse_cookie(_latin(data)).items(multi=True):
        assert name and not set(name) & set('"; \t=')
        try:
            written = dump_cookie(name, value, path=None, max_size=0)
        except ValueError:
            # A name that no cookie is set with, as one with a comma or a control character.
            continue
        assert written.isascii() or not name.isascii()
        assert parse_cookie(written).get(name) == value


def set_cookie(data: bytes) -> None:
    """A cookie, its path and its domain of any text: the header stays one header."""
    name, value, path, domain = [*_text(data).split("\n", 3), "", "", ""][:4]
    with suppress(ValueError):
        header = dump_cookie(name, value, path=path, domain=domain, max_size=0)
        assert not set(header) & set("\r\n\0")
        parts = header.split("; ")
        assert [part.partition("=")[0] for part in parts[1:]] in (
            ["Path"],
            ["Domain", "Path"],
        ), header


def dates(data: bytes) -> None:
    """Dates and ages."""
    text = _latin(data)
    moment = parse_date(text)
    assert moment is None or parse_date(http_date(moment)) == moment
    age = parse_age(text)
    assert age is None or age.total_seconds() >= 0


def ranges(data: bytes) -> None:
    """``Range``, ``Content-Range`` and ``If-Range``."""
    text = _latin(data)
    wanted = parse_range_header(text)
    if wanted is not None:
        again = parse_range_header(wanted.to_header())
        assert again is not None and again.ranges == wanted.ranges
        for length in (None, 0, 1, 1000):
            bounds = wanted.range_for_length(length)
            assert bounds is None or 0 <= bounds[0] < bounds[1] <= (length or 0)
    given = parse_content_range_header(text)
    if given is not None:
        content = parse_content_range_header(given.to_header())
        assert content is not None and content.to_header() == given.to_header()
    parse_if_range_header(text).to_header()


def accept(data: bytes) -> None:
    """The ``Accept`` headers."""
    text = _latin(data)
    for kind in (Accept, MIMEAccept, LanguageAccept, CharsetAccept):
        values = parse_accept_header(text, kind)
        assert len(values) <= 256
        assert all(0 <= weight <= 1 for _, weight in values)
        assert values.best_match(["text/html", "en-GB/x"]) in ("text/html", "en-GB/x", None)
        assert isinstance(values.to_header(), str)


def etags(data: bytes) -> None:
    """``If-Match`` and ``If-None-Match``."""
    text = _latin(data)
    tags = parse_etags(text)
    assert all('"' not in tag for tag in tags.as_set(include_weak=True))
    again = parse_etags(tags.to_header())
    assert again.as_set(include_weak=True) == tags.as_set(include_weak=True)
    unquote_etag(text)


def cache_control(data: bytes) -> None:
    """``Cache-Control``, and all its attributes."""
    control = parse_cache_control_header(_latin(data), cls=ResponseCacheControl)
    for name in ("max_age", "no_cache", "no_store", "private", "s_maxage", "stale_if_error"):
        getattr(control, name)
    control.to_header()


def policy(data: bytes) -> None:
    """``Content-Security-Policy``."""
    found = parse_csp_header(_latin(data))
    assert dict(parse_csp_header(dump_csp_header(found))) == dict(found)


def auth(data: bytes) -> None:
    """``Authorization`` and ``WWW-Authenticate``."""
    text = _latin(data)
    for header in (text, f"Basic {text}", f"Digest {text}", f"Bearer {text}"):
        credentials = Authorization.from_header(header)
        if credentials is not None:
            assert isinstance(credentials.to_header(), str)
        challenge = WWWAuthenticate.from_header(header)
        if challenge is not None:
            assert isinstance(challenge.to_header(), str)


def urls(data: bytes) -> None:
    """URIs and IRIs; a URL with brackets that are no IPv6 address is refused."""
    text = _text(data)
    with suppress(ValueError):
        uri = iri_to_uri(text)
        assert uri.isascii()
        assert iri_to_uri(uri) == uri
    with suppress(ValueError):
        uri_to_iri(text)


def query(data: bytes) -> None:
    """The fields of a query."""
    fields = parse_query(data)
    assert parse_query(dump_query(fields)) == fields
    assert parse_query(_text(data)) == fields


def hosts(data: bytes) -> None:
    """The ``Host`` header, and lists of trusted hosts."""
    text = _latin(data)
    check_host(text)
    with suppress(HTTPException):
        host = get_host("http", text)
        assert not set(host) & set("/?#@\\ \r\n")
    assert not host_is_trusted(text, ["trusted.example"]) or "trusted" in text.lower()


def locations(data: bytes) -> None:
    """Targets of redirects: what counts as local has no other host for a browser."""
    text = _text(data)
    if is_local(text, "http://here.example"):
        shown = text.replace("\\", "/").strip()
        assert not shown.startswith("//")


def names(data: bytes) -> None:
    """Names of files, and paths below a folder."""
    text = _text(data)
    safe = secure_filename(text)
    assert safe.isascii() and not set(safe) & set("/\\\0") and safe not in (".", "..")
    joined = safe_join("/srv/files", text)
    assert joined is None or f"{joined}/".startswith("/srv/files/")
    assert joined is None or "/../" not in f"{joined}/"


def _fields_of(stream: object, size: int, buffer_size: int) -> object:
    parser = MultiPartParser(buffer_size=buffer_size, max_form_parts=50)
    try:
        fields, files = parser.parse(stream, "b", size)  # type: ignore[arg-type]
    except (MalformedForm, RequestEntityTooLarge) as error:
        return type(error)
    content = [(key, file.filename, file.read()) for key, file in files.items(multi=True)]
    for file in files.values():
        file.close()
    return list(fields.items(multi=True)), content


def multipart(data: bytes) -> None:
    """A multipart form: the same answer for any split of the same bytes."""
    whole = _fields_of(BytesIO(data), len(data), 64 * 1024)
    for size in (1, 2, 7, 1 + len(data) // 2):
        assert _fields_of(BytesIO(data), len(data), size) == whole, size


def forms(data: bytes) -> None:
    """A form whose content type is of any text: the first line."""
    content_type, _, body = data.partition(b"\n")
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": _latin(content_type),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }
    with suppress(RequestEntityTooLarge):
        _, fields, files = parse_form_data(environ, max_form_memory_size=1000, max_form_parts=20)
        assert len(fields) + len(files) <= 20 or not files
        for file in files.values():
            file.close()


_FIELDS = [
    "accept_charsets", "accept_encodings", "accept_languages", "accept_mimetypes", "access_route",
    "args", "authorization", "cache_control", "content_length", "cookies", "date", "host",
    "if_match", "if_modified_since", "if_none_match", "if_range", "if_unmodified_since", "is_json",
    "max_forwards", "mimetype", "mimetype_params", "pragma", "range", "referrer", "url",
    "user_agent",
]  # fmt: skip
_VARIABLES = [
    "ACCEPT", "ACCEPT_CHARSET", "ACCEPT_ENCODING", "ACCEPT_LANGUAGE", "AUTHORIZATION",
    "CACHE_CONTROL", "COOKIE", "DATE", "IF_MATCH", "IF_MODIFIED_SINCE", "IF_NONE_MATCH", "IF_RANGE",
    "IF_UNMODIFIED_SINCE", "MAX_FORWARDS", "PRAGMA", "RANGE", "REFERER", "TRANSFER_ENCODING",
    "USER_AGENT", "X_FORWARDED_FOR",
]  # fmt: skip


def requests(data: bytes) -> None:
    """Every header of a request of the same text, and every attribute that reads one."""
    text = _latin(data)
    environ = {f"HTTP_{name}": text for name in _VARIABLES}
    environ |= {"REQUEST_METHOD": "GET", "CONTENT_TYPE": text, "CONTENT_LENGTH": text}
    environ |= {"PATH_INFO": text, "QUERY_STRING": text, "SERVER_NAME": "a", "SERVER_PORT": "80"}
    sent = Request({**environ, "wsgi.url_scheme": "http", "wsgi.input": BytesIO()})
    for name in _FIELDS:
        getattr(sent, name)
    assert sent.path.startswith("/")


def headers(data: bytes) -> None:
    """Headers of any name and value: none of them ends a line."""
    name, _, value = _latin(data).partition(":")
    with suppress(ValueError):
        found = Headers([(name, value)])
        found.set(name, value)
        found.add("X", "y")
        assert str(found).count("\r\n") == len(found) + 1
        assert found.getlist(name)[0] == value


_MAP = Map(
    [
        Rule("/", endpoint="root"),
        Rule("/<x>", endpoint="text"),
        Rule("/<int:n>/", endpoint="number"),
        Rule("/<float(signed=True):f>/<uuid:u>", endpoint="two"),
        Rule("/v<int(fixed_digits=3):n>/<any(a, b):x>", endpoint="mixed"),
        Rule("/<path:p>/edit", endpoint="edit"),
        Rule("/<path:p>", endpoint="path"),
    ]
)
_ADAPTER = _MAP.bind("localhost")


def paths(data: bytes) -> None:
    """The path of a request, matched and built again."""
    path = _text(data)
    try:
        endpoint, values = _ADAPTER.match(path)
    except (HTTPException, RequestRedirect):
        return
    assert _ADAPTER.build(endpoint, values).isascii()


def rules(data: bytes) -> None:
    """The text of a rule, and the arguments of a converter."""
    text = _text(data)
    # int() refuses numbers of thousands of digits, and a converter arguments that it does not know.
    with suppress(ValueError, LookupError, TypeError):
        Map([Rule(f"/{text}", endpoint="x")])
    with suppress(ValueError):
        converter_arguments(text)


_PART = b'--b\r\nContent-Disposition: form-data; name="a"'
TARGETS: dict[str, Target] = {
    "options": Target(
        options,
        [
            b'form-data; name="a b"; filename="x\\"y.txt"',
            b"a; filename*=UTF-8''na%C3%AFve.txt; filename*0=a; filename*1*=utf-8''b",
            b"text/html; charset=utf-8; q=0.5",
        ],
    ),
    "lists": Target(lists, [b'a, "b, c", d=1, e="x\\"y", f*=UTF-8\'\'%e9', b"no-cache, max-age=0"]),
    "cookies": Target(cookies, [b'a=1; b="x\\054y; z"; =c; d', b"session=abc.def; a=\xc3\xa9"]),
    "set_cookie": Target(
        set_cookie, [b"a\nb c\n/path\nexample.com", b"n\n\xc3\xa9;\"\\\n/;\n.a.b:80"]
    ),
    "dates": Target(
        dates,
        [
            b"Sun, 06 Nov 1994 08:49:37 GMT",
            b"Sunday, 06-Nov-94 08:49:37 GMT",
            b"Sun Nov  6 08:49:37 1994",
            b"6 Nov 1994 08:49 +0130",
            b"3600",
        ],
    ),
    "ranges": Target(
        ranges, [b"bytes=0-499, 500-, -5", b"bytes 0-499/1234", b"bytes */9", b'W/"a"']
    ),
    "accept": Target(
        accept,
        [b"text/html;level=1, */*;q=0.8, a/b;q=1.5", b"en, de;q=0.5, *;q=0", b'"a";q=0.1, utf-8'],
    ),
    "etags": Target(etags, [b'"a", W/"b", c', b"*"]),
    "cache_control": Target(
        cache_control, [b'max-age=3600, private="a, b", no-cache', b"max-age=x"]
    ),
    "policy": Target(policy, [b"default-src 'self'; img-src *; sandbox"]),
    "auth": Target(auth, [b"dXNlcjpwYXNz", b'realm="a b", qop=auth, nonce="x"', b"abc.def=="]),
    "urls": Target(
        urls,
        [
            "http://ü:p@☃.net:80/påth?q=%C3%A8ry#å".encode(),
            b"//[::1]:80/%2F%zz",
            b"http://xn--n3h.net/p%C3%A5th?q=%DF",
        ],
    ),
    "query": Target(query, [b"a=1&b=x+y&c&=d&%ff=%e2%98%83&a=2", "ä=ö&;".encode()]),
    "hosts": Target(hosts, [b"example.com:80", b"[::1]:8000", b"u@trusted.example/x"]),
    "locations": Target(locations, [b"/next?a=b", b"//evil.example", b"http://here.example/a"]),
    "names": Target(names, [b"../../etc/passwd", b"C:\\x\\CON.txt", "é/..\0".encode()]),
    "multipart": Target(
        multipart,
        [
            _PART + b"\r\n\r\nx\r\n--b--\r\n",
            _PART + b'; filename="f.txt"\r\nContent-Type: text/plain\r\n\r\n\r\n-\r\n--b\r\n'
            b"Content-Disposition: form-data; name=c\r\n\r\ny\r\n--b--",
            (_PART + b"\r\n\r\nx\r\n--b--\r\n").replace(b"\r\n", b"\n"),
        ],
    ),
    "forms": Target(
        forms,
        [
            b"application/x-www-form-urlencoded\na=1&b=%20",
            b"multipart/form-data; boundary=b\n" + _PART + b"\r\n\r\nx\r\n--b--\r\n",
        ],
    ),
    "requests": Target(requests, [b"a=b; c, d;q=0.5", b"bytes=0-1", b"Basic dXNlcjpwYXNz"]),
    "headers": Target(headers, [b"X-Name: value", b"a:\r\nb"]),
    "paths": Target(
        paths,
        [b"/42", b"/v007/a", b"/a/b/edit", b"/-1.5/6ba7b810-9dad-11d1-80b4-00c04fd430c8", b"//a//"],
    ),
    "patterns": Target(patterns.patterns, patterns.SEEDS),
    "conditions": Target(conditions.conditions, conditions.SEEDS),
    "rules": Target(
        rules, [b"<int(min=1, max='a'):x>/<any(a, \"b\"):y>/<path:p>", b"a, 'b', c=1.5"]
    ),
    "framing": Target(
        framing,
        [
            b"\x00200 OK\nX-A\nb\ntext",
            b"\x02404\nContent-Length\n3\none\ntwo",
            b"\x21" + b"304\nTransfer-Encoding\nchunked\nx",
            *[bytes([way]) + b"299 Odd\nContent-Length\n4\nte\nxt" for way in range(0, 192, 7)],
        ],
    ),
    "sockets": Target(
        sockets,
        [
            b"thello\nr\ns back\nc1000 bye",
            b"y\xff\xfe\nt{}\nd\nr\nj x\nc4999 " + b"\xe9" * 200,
            b"htext\nt",
            b"ahead\ne\nx",
            b"c1005 \ns",
        ],
    ),
}  # fmt: skip
