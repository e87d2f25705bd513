"""The response: status, headers and body, and how they reach a WSGI server."""

from __future__ import annotations

from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, TypeVar, overload

from .conditional import NOT_IN_304, remove_entity_headers
from .conditional_response import make_conditional
from .cookies import dump_cookie
from .etags import generate_etag
from .exceptions import HTTPException
from .headers import Headers
from .noticing import Noticing, set_quietly
from .properties import cached_property
from .response_fields import ResponseFields, content_type_for
from .response_headers import ResponseHeaders, ordinary_names, sendable
from .status import STATUS_LINES, no_answer, no_status, parse_status, status_line
from .streams import AsyncBodyIterator, ClosingIterator, Exactly, FileWrapper, as_bytes
from .urls import iri_to_uri

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Iterable, Iterator, Mapping
    from datetime import datetime, timedelta
    from http import HTTPStatus

    from .properties import Attribute

    Body = Iterable[str] | Iterable[bytes] | AsyncIterable[str] | AsyncIterable[bytes]
    Environ = dict[str, Any]
    StartResponse = Callable[..., Any]
    HeadersLike = (
        Mapping[str, str | int | Iterable[str | int]] | Iterable[tuple[str, str | int]] | Headers
    )


_new = object.__new__
R = TypeVar("R", bound="Response")


class Response(ResponseFields, metaclass=Noticing):
    """An HTTP response.

    :param response: the body: text, bytes, or an iterable of them that is sent as it comes
    :param status: a code, or a line such as ``"404 NOT FOUND"``
    :param headers: a mapping or pairs
    :param mimetype: the media type; text types get ``charset=utf-8``
    :param content_type: the whole ``Content-Type`` value, in place of ``mimetype``
    :param direct_passthrough: hand the iterable to the server as it is (files)
    :raises ValueError: for a header, status or cookie with CR, LF or NUL

    A response is also a WSGI application.
    """

    default_status: int = 200
    default_mimetype: str | None = "text/plain"
    json_module: Any = None
    # RFC 9110, section 10.2.2 lets Location be relative; True makes it absolute.
    autocorrect_location_header: bool = False
    automatically_set_content_length: bool = True
    implicit_sequence_conversion: bool = True
    # Whether a status that is a reason alone is refused. Those who use this class alone know it
    # with the code 0; the response of an application is strict.
    strict_status: ClassVar[bool] = False
    # RFC 6265bis: browsers keep cookies up to 4096 bytes; 0 switches the warning off.
    max_cookie_size: int = 4093

    direct_passthrough: bool = False
    _headers: Headers | None = None
    _body: bytes | None = None
    _iterable: Any = ()
    _on_close: list[Callable[[], Any]] | tuple[()] = ()

    # PERF: the pairs of an answer whose headers nobody touched, made once per class; an instance
    # gets a list of its own when it is asked for its headers.
    _pairs: list[tuple[str, str]] = [("Content-Type", "text/plain; charset=utf-8")]  # noqa: RUF012
    # PERF: False where a subclass changed how a response is written, so that the gateway calls it.
    _writes_plainly: ClassVar[bool] = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._learn_anew()

    @classmethod
    def _learn_anew(cls) -> None:
        """Derive what the class attributes say."""
        mimetype = cls.default_mimetype
        pairs = [("Content-Type", content_type_for(mimetype))] if mimetype else []
        set_quietly(cls, "_pairs", pairs)
        plainly = all(getattr(cls, name) is original for name, original in _AS_IT_CAME.items())
        set_quietly(cls, "_writes_plainly", plainly)

    def __init__(
        self,
        response: Body | bytes | str | None = None,
        status: int | str | HTTPStatus | None = None,
        headers: HeadersLike | None = None,
        mimetype: str | None = None,
        content_type: str | None = None,
        direct_passthrough: bool = False,
    ) -> None:
        plainly = self._writes_plainly
        if headers is None and content_type is None and (mimetype is None or plainly):
            # PERF: no header object yet, and pairs that are shared until the headers are asked for.
            # A class that changed what its headers are gets them set.
            if mimetype is not None:
                self._pairs = _pairs_of(mimetype)
        else:
            self.headers = own = (
                headers if isinstance(headers, Headers) else ResponseHeaders(headers)
            )
            if content_type is None:
                if mimetype is None and "content-type" not in own:
                    mimetype = self.default_mimetype
                if mimetype is not None:
                    content_type = content_type_for(mimetype)
            if content_type is not None:
                self.headers["Content-Type"] = content_type
        if status is None:
            self._status_code = code = self.default_status
            self._status = STATUS_LINES.get(code) or status_line(code)
        elif status.__class__ is int and status in STATUS_LINES:
            self._status_code = status
            self._status = STATUS_LINES[status]
        elif isinstance(status, (str, bytes, bytearray)):
            self.status = status
        else:
            self.status_code = status
        if direct_passthrough:
            self.direct_passthrough = True
        kind = response.__class__
        if (kind is str or kind is bytes) and plainly:
            # PERF: what set_data() does; headers that nobody asked for yet get the length later.
            content: Any = response
            self._body = body = content.encode() if kind is str else content
            if self._headers is not None and self.automatically_set_content_length:
                self._headers["Content-Length"] = str(len(body))
        elif response is None:
            self._body = None
            self._iterable = []
        elif isinstance(response, (str, bytes, bytearray)):
            self.set_data(response)
        else:
            self._body = None
            self._iterable = response

    @classmethod
    def _adopt(cls, pairs: list[tuple[str, str]], code: int, body: bytes | None = None) -> Self:
        """A response of a class that writes plainly and has this ``__init__``, with the body and
        headers that are complete but for its length; neither is checked or copied."""
        self = cls.__new__(cls)
        self._pairs = pairs
        self._headers = None
        self._on_close = ()
        self._status_code = code
        self._status = STATUS_LINES[code]
        self._body = body
        return self

    # -- status and headers --------------------------------------------------------------

    @property
    def headers(self) -> Headers:
        """The headers; every change is checked at once."""
        headers = self._headers
        if headers is None:
            body = self._body
            if body is not None and self.automatically_set_content_length:
                pairs = [*self._pairs, ("Content-Length", str(len(body)))]
            else:
                pairs = self._pairs.copy()
            # PERF: what Headers._adopt() does.
            headers = self._headers = _new(ResponseHeaders)
            headers._list = self._pairs = pairs
        return headers

    @headers.setter
    def headers(self, value: Headers) -> None:
        self._headers = value
        self._pairs = value._list

    @property
    def status_code(self) -> int:
        """The status as a number."""
        return self._status_code

    @status_code.setter
    def status_code(self, code: int) -> None:
        code = int(code)
        self._status = status_line(code)
        self._status_code = code

    @property
    def status(self) -> str:
        """The status as a line: ``"404 NOT FOUND"``."""
        return self._status

    @status.setter
    def status(self, value: str | int | HTTPStatus) -> None:
        line, code = parse_status(value)
        if self.strict_status and not code:
            raise ValueError(no_status(value))
        self._status, self._status_code = line, code

    def __repr__(self) -> str:
        if self.is_sequence:
            body = f"{sum(map(len, self.iter_encoded()))} bytes"
        else:
            body = "streamed" if self.is_streamed else "likely-streamed"
        return f"<{type(self).__name__} {body} [{self.status}]>"

    # -- the body ------------------------------------------------------------------------

    @property
    def response(self) -> Iterable[str] | Iterable[bytes]:
        """The body as an iterable; a list where the body is known, which may be changed."""
        if self._body is not None:
            # A list that is handed out may be changed, so from here on it is the body.
            self._iterable = [self._body]
            self._body = None
        pieces: Iterable[str] | Iterable[bytes] = self._iterable
        return pieces

    @response.setter
    def response(self, value: Body | str | bytes) -> None:
        self._body = None
        self._iterable = [value] if isinstance(value, (str, bytes, bytearray)) else value

    @overload
    def get_data(self, as_text: Literal[False] = False) -> bytes: ...

    @overload
    def get_data(self, as_text: Literal[True]) -> str: ...

    def get_data(self, as_text: bool = False) -> bytes | str:
        """The whole body; a streamed one is read to its end first.

        :raises RuntimeError: if :attr:`direct_passthrough` or
            :attr:`implicit_sequence_conversion` forbids to read it
        """
        body = self._body
        if body is None:
            self._ensure_sequence()
            body = b"".join(self.iter_encoded())
        return body.decode() if as_text else body

    def set_data(self, value: bytes | str) -> None:
        """Replace the body and, if it is counted by default, its length."""
        self._body = body = value.encode() if isinstance(value, str) else bytes(value)
        if self.automatically_set_content_length:
            self.headers["Content-Length"] = str(len(body))

    data: Attribute[bytes, bytes | str] = property(
        get_data, set_data, doc="The whole body as bytes; assign text or bytes."
    )

    def calculate_content_length(self) -> int | None:
        """The length of the body in bytes, or ``None`` if it is streamed."""
        try:
            self._ensure_sequence()
        except RuntimeError:
            return None
        return sum(map(len, self.iter_encoded()))

    def _ensure_sequence(self, mutable: bool = False) -> None:
        if self.is_sequence:
            if mutable and not isinstance(self.response, list):
                self._iterable = list(self.response)
            return
        if self.direct_passthrough:
            raise RuntimeError(
                "The body is passed through to the server and cannot be read here."
                " Set response.direct_passthrough = False first, which reads it into memory."
            )
        if not self.implicit_sequence_conversion:
            raise RuntimeError(
                "The body is streamed, and this response class does not read a stream by itself."
                " Call response.make_sequence() first."
            )
        self.make_sequence()

    def make_sequence(self) -> None:
        """Read a streamed body into memory."""
        if not self.is_sequence:
            close = getattr(self._iterable, "close", None)
            self._iterable = list(self.iter_encoded())
            if close is not None:
                self.call_on_close(close)

    def iter_encoded(self) -> Iterator[bytes]:
        """The body as bytes, piece by piece."""
        if self._body is not None:
            return iter((self._body,))
        if hasattr(self._iterable, "__aiter__"):
            return AsyncBodyIterator(self._iterable, lambda: None)
        return (item if item.__class__ is bytes else as_bytes(item) for item in self._iterable)

    @property
    def is_sequence(self) -> bool:
        """Whether the body is in memory."""
        return self._body is not None or isinstance(self._iterable, (tuple, list))

    @property
    def is_streamed(self) -> bool:
        """Whether the length of the body is unknown."""
        if self._body is not None:
            return False
        try:
            len(self._iterable)
        except (TypeError, AttributeError):
            return True
        return False

    @cached_property
    def stream(self) -> Any:
        """The body as a file to write to."""
        from .response_stream import ResponseStream

        return ResponseStream(self)

    def call_on_close(self, func: Callable[[], Any]) -> Callable[[], Any]:
        """Call ``func`` when the response is closed, after the body was sent.  Returns ``func``,
        so that it is a decorator too."""
        if self._on_close:
            self._on_close.append(func)
        else:
            self._on_close = [func]
        return func

    def close(self) -> None:
        """Close the body if it can be closed, then call what :meth:`call_on_close` was given."""
        if self._body is None and hasattr(self._iterable, "close"):
            self._iterable.close()
        self._call_on_close()

    def _call_on_close(self) -> None:
        for func in self._on_close:
            func()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def freeze(self) -> None:
        """Make the response ready to be pickled: body in memory, length and ETag set."""
        self.response = list(self.iter_encoded())
        self.headers["Content-Length"] = str(sum(map(len, self._iterable)))
        self.add_etag()

    def add_vary(self, name: str) -> None:
        """Say that the answer differs by a header of the request (RFC 9110, section 12.5.5)."""
        pairs = self._pairs if self._writes_plainly else self.headers._list
        for key, _ in pairs:
            if len(key) == 4 and key.lower() == "vary":
                self.vary.add(name)
                return
        if self._headers is None and self._writes_plainly:
            # PERF: without the call.
            self._pairs = [*pairs, ("Vary", name)]
        else:
            self._append("Vary", name)

    def _append(self, name: str, value: str) -> None:
        """Add a header that needs no check."""
        headers = self._headers
        if not self._writes_plainly or (
            headers is not None and headers.__class__ is not ResponseHeaders
        ):
            self.headers.add(name, value)
        elif headers is None:
            # PERF: no header object. Headers that nobody has asked for yet are shared.
            self._pairs = [*self._pairs, (name, value)]
        else:
            self._pairs.append((name, value))

    # -- JSON ----------------------------------------------------------------------------

    @property
    def json(self) -> Any:
        """The body decoded from JSON; ``None`` if the media type is not JSON."""
        return self.get_json()

    def get_json(self, force: bool = False, silent: bool = False) -> Any:
        """The body decoded from JSON.

        :param force: whatever the media type is
        :param silent: return ``None`` in place of an error
        :raises ValueError: if the body is not JSON
        """
        if not (force or self.is_json):
            return None
        module = self.json_module
        if module is None:
            import json as module
        try:
            return module.loads(self.get_data())
        except ValueError:
            if not silent:
                raise
            return None

    # -- cookies -------------------------------------------------------------------------

    def set_cookie(
        self,
        key: str,
        value: str = "",
        max_age: timedelta | int | None = None,
        expires: str | datetime | int | float | None = None,
        path: str | None = "/",
        domain: str | None = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: str | None = None,
        partitioned: bool = False,
    ) -> None:
        """Ask the client to keep a cookie (RFC 6265bis).

        :param max_age: seconds to keep it; ``None`` keeps it until the browser closes
        :param expires: the same as a date
        :param path: the paths that get it; the whole host by default
        :param domain: the domain that gets it, with its sub-domains; this host by default
        :param secure: send it over HTTPS alone
        :param httponly: hide it from scripts
        :param samesite: ``"Strict"``, ``"Lax"`` or ``"None"``
        :param partitioned: keep one per top-level site; implies ``secure``
        :raises ValueError: for a part that would break the header
        """
        header = dump_cookie(
            key,
            value,
            max_age,
            expires,
            path,
            domain,
            secure,
            httponly,
            True,
            self.max_cookie_size,
            samesite,
            partitioned,
        )
        if header.isascii():
            # Its parts were looked at for control characters.
            self._append("Set-Cookie", header)
        else:
            self.headers.add("Set-Cookie", header)

    def delete_cookie(
        self,
        key: str,
        path: str | None = "/",
        domain: str | None = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: str | None = None,
        partitioned: bool = False,
    ) -> None:
        """Ask the client to forget a cookie; ``path`` and ``domain`` must be those it was set
        with."""
        self.set_cookie(
            key,
            expires=0,
            max_age=0,
            path=path,
            domain=domain,
            secure=secure,
            httponly=httponly,
            samesite=samesite,
            partitioned=partitioned,
        )

    # -- conditional answers -------------------------------------------------------------

    def add_etag(self, overwrite: bool = False, weak: bool = False) -> None:
        """Set an entity tag made from the body, unless one is set already."""
        if overwrite or "etag" not in self.headers:
            self.set_etag(generate_etag(self.get_data()), weak)

    def make_conditional(
        self,
        request_or_environ: Any,
        accept_ranges: bool | str = False,
        complete_length: int | None = None,
    ) -> Response:
        """Answer 304, 206 or 412 where the conditions of the request say so (RFC 9110, 13).

        :param request_or_environ: a request or a WSGI environment
        :param accept_ranges: ``True`` to serve byte ranges; needs ``complete_length``
        :param complete_length: the length of the whole body in bytes
        :returns: this response
        :raises RequestedRangeNotSatisfiable: (416) for a range outside of the body
        """
        make_conditional(self, request_or_environ, accept_ranges, complete_length)
        return self

    # -- WSGI ----------------------------------------------------------------------------

    @classmethod
    def force_type(cls, response: Any, environ: Environ | None = None) -> Self:
        """``response`` as an instance of this class: a response of another class, or a WSGI
        application that is run with ``environ``."""
        if not isinstance(response, Response):
            if environ is None:
                raise TypeError(
                    f"{type(response).__name__} is not a response; pass the WSGI environment"
                    " too, and it is called as a WSGI application."
                )
            return cls.from_app(response, environ)
        # What its own class says stays.
        response._pairs = response._pairs
        response.__class__ = cls
        return response  # type: ignore[return-value]

    @classmethod
    def from_app(cls, app: Any, environ: Environ, buffered: bool = False) -> Self:
        """What a WSGI application answers to ``environ``, as a response."""
        from .wsgi_call import call_wsgi

        body, status, headers = call_wsgi(app, environ, buffered)
        return cls(body, status, headers)

    def get_wsgi_headers(self, environ: Environ) -> Headers:
        """The headers as they are sent: ``Location`` and ``Content-Location`` as URIs,
        ``Content-Length`` where it is known."""
        headers = Headers._adopt(self.headers._list.copy())
        location = content_location = length = None
        for key, value in headers:
            name = key.lower()
            if name == "location":
                location = value
            elif name == "content-location":
                content_location = value
            elif name == "content-length":
                length = value
        if location is not None:
            location = iri_to_uri(location)
            if self.autocorrect_location_header:
                from urllib.parse import urljoin

                from .hosts import get_current_url

                location = urljoin(
                    iri_to_uri(get_current_url(environ, strip_querystring=True)), location
                )
            headers["Location"] = location
        if content_location is not None:
            headers["Content-Location"] = iri_to_uri(content_location)
        code = self.status_code
        if 100 <= code < 200 or code == 204:
            # No content has no length and no type.
            headers.remove("Content-Length")
            headers.remove("Content-Type")
            return headers
        if code == 304:
            remove_entity_headers(headers)
            return headers
        is_counted = self.is_sequence
        if length is None:
            is_counted = is_counted and self.automatically_set_content_length
        elif not is_counted or environ.get("REQUEST_METHOD") == "HEAD":
            # The answer to HEAD may announce what GET would send.
            try:
                headers["Content-Length"] = str(_announced(self.headers))
                is_counted = False
            except ValueError:
                if not is_counted:
                    raise
        if is_counted:
            headers["Content-Length"] = str(sum(map(len, self.iter_encoded())))
        return headers

    def get_app_iter(self, environ: Environ) -> Iterable[bytes]:
        """The body as the server iterates it, closing the response at its end."""
        code = self._status_code
        is_sent = not (
            environ["REQUEST_METHOD"] == "HEAD" or 100 <= code < 200 or code in (204, 304)
        )
        body, iterable, length = self._body, self._iterable, None
        if is_sent:
            if self.direct_passthrough and body is not None:
                return (body,)
            if not self.is_sequence and self._headers is not None:
                length = _announced(self._headers)
            if self.direct_passthrough:
                if isinstance(iterable, FileWrapper):
                    iterable.left = length
                elif length is not None and "wsgi.file_wrapper" not in environ:
                    # A server sends what it has wrapped itself in its own way.
                    return Exactly(iterable, length)
                return iterable  # type: ignore[no-any-return]
        if body is None and hasattr(iterable, "__aiter__"):
            return AsyncBodyIterator(iterable, self._call_on_close, length, is_sent)
        pieces: Iterable[bytes] = self.iter_encoded() if is_sent else ()
        return ClosingIterator(pieces if length is None else Exactly(pieces, length), self.close)

    def get_wsgi_response(
        self, environ: Environ
    ) -> tuple[Iterable[bytes], str, list[tuple[str, str]]]:
        """Body, status line and headers for ``environ``."""
        headers = self.get_wsgi_headers(environ)
        return self.get_app_iter(environ), self.status, headers.to_wsgi_list()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Start the response, and return its body for the server to iterate."""
        # PERF: without the copies and the closing iterator of get_wsgi_response(). Safe where the
        # class has not changed how it is written.
        if not self._writes_plainly:
            return self._write(environ, start_response)
        code = self._status_code
        if code < 200 or code == 204 or code == 304:
            return self._write_head(environ, start_response)
        body = self._body
        pairs = self._pairs.copy()
        length_missing = self.automatically_set_content_length
        headers = self._headers
        if headers is not None:
            if headers.__class__ is not ResponseHeaders:
                return self._write(environ, start_response)
            names = list(map(_name_of, pairs))
            count = names.count("Content-Length")
            if count:
                # Once, and the true one.
                announced = pairs[names.index("Content-Length")][1]
                if count > 1 or body is None or announced != str(len(body)):
                    return self._write(environ, start_response)
                length_missing = False
            if not ordinary_names.issuperset(names):
                if not self._look_at(pairs, names):
                    return self._write(environ, start_response)
            elif 300 <= code < 400 and names.count("Location") == 1:
                # PERF: what _look_at() does for a redirect.
                if self.autocorrect_location_header:
                    return self._write(environ, start_response)
                index = names.index("Location")
                pairs[index] = "Location", iri_to_uri(pairs[index][1])
            elif "Location" in names and not self._look_at(pairs, names):
                return self._write(environ, start_response)
        if body is None or self._on_close:
            if length_missing and self.is_sequence:
                pairs.append(("Content-Length", str(sum(map(len, self.iter_encoded())))))
            # What is no body is told of before the answer begins.
            iterable = self.get_app_iter(environ)
            start_response(self._status, pairs)
            return iterable
        if length_missing:
            pairs.append(("Content-Length", str(len(body))))
        start_response(self._status, pairs)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _look_at(self, pairs: list[tuple[str, str]], names: list[str]) -> bool:
        """Make URIs of the locations among headers.

        :returns: whether that is all that they need
        """
        for index, key in enumerate(names):
            name = key.lower()
            if name == "location" or name == "content-location":
                if self.autocorrect_location_header and name == "location":
                    return False
                pairs[index] = key, iri_to_uri(pairs[index][1])
            elif name == "content-length" and key != "Content-Length":
                return False
        return True

    def _write(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        body, status, pairs = self.get_wsgi_response(environ)
        if not 200 <= self._status_code <= 999:
            raise ValueError(no_answer(self._status))
        start_response(status, sendable(pairs))
        return body

    def _write_head(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Write a status that has no content."""
        unsent = _UNSENT.get(self._status_code)
        body = self._iterable
        if (
            unsent is None
            or self._on_close
            or hasattr(body, "close")
            or hasattr(body, "__aiter__")
            or (self._headers is not None and self._headers.__class__ is not ResponseHeaders)
        ):
            return self._write(environ, start_response)
        # PERF: nothing to close, and no headers but those that stay as they are.
        pairs: list[tuple[str, str]] = []
        for pair in self._pairs:
            name = pair[0].lower()
            if name == "location" or name == "content-location":
                return self._write(environ, start_response)
            if name not in unsent:
                pairs.append(pair)
        start_response(self._status, pairs)
        return ()


_name_of = itemgetter(0)
# RFC 9110, section 15.4.5; and what no content has none of (15.2, 15.3.5).
_UNSENT = {304: NOT_IN_304, 204: frozenset({"content-length", "content-type"})}


def needs_environ(response: Response) -> bool:
    """Whether writing the response asks the environment for more than the method."""
    code = response._status_code
    return (
        not response._writes_plainly
        or response._body is None
        or bool(response._on_close)
        or response.autocorrect_location_header
        or code < 200
        or code == 204
        or code == 304
    )


def _announced(headers: Headers) -> int | None:
    """The length that was set by hand; ``None`` for none.

    :raises ValueError: for one that is no number, and for several
    """
    lengths = headers.getlist("Content-Length")
    if not lengths:
        return None
    [length, *others] = set(lengths)
    if others or not (length.isascii() and length.isdigit() and len(length) < 19):
        raise ValueError(
            f"Content-Length is {', '.join(lengths)!r}, which is no length in bytes. Leave it to"
            " the server: the header need not be set."
        )
    return int(length)


HTTPException.response_class = Response

# To know an override from them, and what somebody put in their place.
_AS_IT_CAME: dict[str, Any] = {
    name: getattr(Response, name)
    for name in (
        "__call__",
        "get_wsgi_response",
        "get_wsgi_headers",
        "get_app_iter",
        "iter_encoded",
        "close",
        "headers",
        "status",
        "status_code",
        "response",
        "set_data",
        "set_etag",
    )
}


# Of these, a class may have its own and write plainly all the same.
_MADE_BY: dict[str, Any] = {
    name: getattr(Response, name) for name in ("__init__", "__new__", "__setattr__")
}


@lru_cache(maxsize=128)
def _pairs_of(mimetype: str) -> list[tuple[str, str]]:
    """The headers of a response that has a media type and nothing else; nobody changes the list.

    :raises ValueError: for CR, LF or NUL
    """
    return ResponseHeaders([("Content-Type", content_type_for(mimetype))])._list


def text_pair_of(cls: Any) -> tuple[str, str] | None:
    """The ``Content-Type`` of a text that is an answer of this class; ``None`` where it has other
    headers too, or only a response object knows how it is written.

    :param cls: a subclass of :class:`Response`
    """
    if (
        cls._writes_plainly
        and all(getattr(cls, name) is original for name, original in _MADE_BY.items())
        and cls.default_status == 200
        and cls.automatically_set_content_length
        and len(cls._pairs) == 1
    ):
        return cls._pairs[0]  # type: ignore[no-any-return]
    return None


def response_of_text(cls: type[R], text: str) -> R:
    """What ``cls(text)`` is, for a class that has a :func:`text_pair_of`."""
    self = _new(cls)
    self._headers = None
    self._on_close = ()
    self._status_code = 200
    self._status = STATUS_LINES[200]
    self._body = text.encode()
    return self
