"""The request: one WSGI environment, seen through lazy attributes."""

from __future__ import annotations

import json
import sys
from io import BytesIO
from typing import IO, TYPE_CHECKING, Any, ClassVar, Literal, NoReturn, Self, cast, overload
from urllib.parse import quote

from .cookies import parse_cookie
from .exceptions import BadRequest, HTTPException, UnsupportedMediaType
from .forms import (
    FORM_TYPES,
    URLENCODED,
    FormDataParser,
    default_stream_factory,
    parse_urlencoded,
)
from .grammar import parse_options_header
from .headers import EnvironHeaders
from .hosts import get_host
from .immutable import ImmutableList
from .multidict import CombinedMultiDict, ImmutableMultiDict, MultiDict
from .noticing import Noticing, set_quietly
from .properties import cached_property, environ_property
from .request_fields import RequestFields
from .streams import (
    LimitedStream,
    get_content_length,
    get_input_stream,
    has_begun,
    read_at_once,
)
from .urls import iri_to_uri, query_dict, uri_to_iri

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .files import FileStorage
    from .properties import Attribute
    from .streams import BodyStream

    Environ = dict[str, Any]
    Flag = Attribute[bool, NoReturn]

_JSON_NOT_LOADED: Any = object()
_new = object.__new__


def decode_wsgi(text: str) -> str:
    """A value of the WSGI environment as text.

    PEP 3333 carries bytes as Latin-1; they are UTF-8, and what is not becomes U+FFFD.
    """
    # PERF: nearly every path is ASCII, which both encodings write alike.
    return text if text.isascii() else text.encode("latin-1", "replace").decode("utf-8", "replace")


def path_of(path_info: str) -> str:
    """The path of a request, decoded, from ``PATH_INFO``.

    It has one leading slash, whatever the server handed over: ``//evil`` is no host (RFC 3986,
    section 3.3).
    """
    path = decode_wsgi(path_info)
    if not path.startswith("/") or path.startswith("//"):
        return "/" + path.lstrip("/")
    return path


class Request(RequestFields, metaclass=Noticing):
    """An HTTP request on WSGI (PEP 3333).

    :param environ: the WSGI environment; the request reads it and changes nothing else in it
    :param populate_request: store the request as ``environ["werkzeug.request"]``, the key that
        Werkzeug's middleware reads
    :param shallow: refuse to read the body, for middleware that must leave it alone

    Only ``method`` and ``path`` are read at once; everything else is parsed when it is first
    asked for, and kept.
    """

    environ: Environ
    method: str
    path: str
    shallow: bool = False
    # A list of host names; None takes any well-formed Host header.
    trusted_hosts: list[str] | None = None

    # Limits in bytes and in count; None is no limit.
    max_content_length: int | None = None
    max_form_memory_size: int | None = 500_000
    max_form_parts: int | None = 1_000
    # Whether a malformed form is a 400, and a urlencoded one has its fields counted. Those who use
    # this class alone know an empty form there; the request of an application is strict.
    strict_forms: ClassVar[bool] = False

    parameter_storage_class: ClassVar[type[MultiDict[str, Any]]] = ImmutableMultiDict
    dict_storage_class: ClassVar[type[MultiDict[str, Any]]] = ImmutableMultiDict
    list_storage_class: ClassVar[type[list[Any]]] = ImmutableList
    form_data_parser_class: ClassVar[type[FormDataParser]] = FormDataParser

    # What decodes JSON: an object with loads(bytes); None is the standard library's.
    json_module: Any = None

    _cached_data: bytes | None = None
    # How much was read without the stream.
    _length_read: int | None = None
    # Whether its form was asked for, be it in vain.
    _is_parsed = False
    _cached_json: tuple[Any, Any] = (_JSON_NOT_LOADED, _JSON_NOT_LOADED)

    # PERF: which of these a subclass replaced.
    _replaced: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._learn_anew()

    @classmethod
    def _learn_anew(cls) -> None:
        """Look at what the class has; anew, where it was set on the class."""
        replaced = frozenset(
            name for name, original in _AS_IT_CAME.items() if getattr(cls, name) is not original
        )
        if "_get_stream_for_parsing" in replaced:
            # Then the body is not read past its stream.
            replaced |= {"stream"}
        set_quietly(cls, "_replaced", replaced)

    def __init__(
        self, environ: Environ, populate_request: bool = True, shallow: bool = False
    ) -> None:
        self.environ = environ
        get = environ.get
        self.method = get("REQUEST_METHOD", "GET").upper()
        path = get("PATH_INFO", "")
        # PERF: what path_of() leaves as it is.
        if not (path[:1] == "/" and path[1:2] != "/" and path.isascii()):
            path = path_of(path)
        self.path = path
        if shallow:
            self.shallow = True
        elif populate_request:
            environ["werkzeug.request"] = self

    @classmethod
    def from_values(cls, *args: Any, **kwargs: Any) -> Self:
        """A request made up from the arguments of
        :class:`~erlen.http.environ_builder.EnvironBuilder`, for tests."""
        from .environ_builder import create_environ

        return cls(create_environ(*args, **kwargs))

    @classmethod
    def application(cls, f: Callable[..., Any]) -> Callable[..., Iterable[bytes]]:
        """Make a WSGI application of a function that takes a request and returns a response.

        The request is the last argument, so the decorator fits methods too; an
        :exc:`~erlen.http.exceptions.HTTPException` that the function raises is the answer.
        """
        from functools import wraps

        @wraps(f)
        def run(*args: Any) -> Iterable[bytes]:
            environ, start_response = args[-2:]
            with cls(environ) as request:
                try:
                    answer = f(*args[:-2], request)
                except HTTPException as error:
                    answer = error.get_response(environ)
                body: Iterable[bytes] = answer(environ, start_response)
                return body

        return run

    # -- where the request was sent ------------------------------------------------------

    @cached_property
    def headers(self) -> EnvironHeaders:
        """The request headers, read-only."""
        # PERF: what its constructor does.
        headers = _new(EnvironHeaders)
        headers.environ = self.environ
        return headers

    @cached_property
    def query_string(self) -> bytes:
        """The part of the URL behind ``?``, undecoded."""
        text: str = self.environ.get("QUERY_STRING", "")
        return text.encode("latin-1", "replace")

    @cached_property
    def scheme(self) -> str:
        """``http`` or ``https``."""
        scheme: str = self.environ.get("wsgi.url_scheme", "http")
        return scheme

    @cached_property
    def server(self) -> tuple[str, int | None] | None:
        """Where the server listens, as (address, port), or (socket path, ``None``)."""
        name = self.environ.get("SERVER_NAME")
        if not name:
            return None
        try:
            return name, int(self.environ["SERVER_PORT"])
        except (KeyError, TypeError, ValueError):
            return name, None

    @cached_property
    def root_path(self) -> str:
        """The prefix under which the application is mounted, without a slash at its end."""
        return decode_wsgi(self.environ.get("SCRIPT_NAME") or "").rstrip("/")

    @property
    def script_root(self) -> str:
        """The prefix under which the application is mounted, without a slash at its end."""
        return self.root_path.rstrip("/")

    @property
    def remote_addr(self) -> str | None:
        """The address of the peer that opened the connection."""
        return self.environ.get("REMOTE_ADDR")

    @property
    def remote_user(self) -> str | None:
        """The user that the server has authenticated, if it did."""
        return self.environ.get("REMOTE_USER")

    input_stream: Attribute[IO[bytes], NoReturn] = cast(
        "Any",
        environ_property("wsgi.input", doc="The body without a limit; see :attr:`stream`."),
    )

    is_multithread: Flag = property(lambda self: bool(self.environ.get("wsgi.multithread")))
    is_multiprocess: Flag = property(lambda self: bool(self.environ.get("wsgi.multiprocess")))
    is_run_once: Flag = property(lambda self: bool(self.environ.get("wsgi.run_once")))

    @property
    def is_secure(self) -> bool:
        """Whether the request came over TLS, as the server tells it."""
        return self.scheme in ("https", "wss")

    @cached_property
    def access_route(self) -> list[str]:
        """``X-Forwarded-For`` and the peer, nearest to the client first.

        A client can write what it likes here: never decide on it without
        :class:`~erlen.middleware.proxy_fix.ProxyFix`.
        """
        forwarded = self._forwarded_addresses()
        if forwarded is not None:
            return self.list_storage_class(forwarded)
        if self.remote_addr is not None:
            return self.list_storage_class([self.remote_addr])
        return self.list_storage_class()

    @cached_property
    def host(self) -> str:
        """The host of the URL, with the port unless it is the scheme's own.

        :raises SecurityError: (400) if :attr:`trusted_hosts` is set and does not name it
        """
        environ = self.environ
        return get_host(self.scheme, environ.get("HTTP_HOST"), self.server, self.trusted_hosts)

    def _iri(self, path: str) -> str:
        return uri_to_iri(f"{self.scheme}://{self.host}{iri_to_uri(path)}")

    @cached_property
    def host_url(self) -> str:
        """Scheme and host: ``https://example.org/``."""
        return self._iri("/")

    @cached_property
    def root_url(self) -> str:
        """Scheme, host and mount point: ``https://example.org/app/``."""
        return self._iri(_quote_path(self.root_path) + "/")

    @property
    def url_root(self) -> str:
        """The same as :attr:`root_url`."""
        return self.root_url

    @cached_property
    def base_url(self) -> str:
        """The URL without its query, as an IRI."""
        return self._iri(_quote_path(self.root_path + self.path))

    @cached_property
    def url(self) -> str:
        """The whole URL, as an IRI."""
        query = self.query_string
        if not query:
            return self.base_url
        quoted = quote(query, safe="!$&'()*+,/:;=?@%")
        return self.base_url + uri_to_iri(f"?{quoted}")

    @cached_property
    def full_path(self) -> str:
        """The path with the query; the ``?`` stands there even with an empty query."""
        return f"{self.path}?{self.query_string.decode('utf-8', 'replace')}"

    # -- query and cookies ---------------------------------------------------------------

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The fields of the query."""
        # PERF: ASCII is the same as bytes and as text, unless somebody put other bytes there.
        query: bytes | str = self.environ.get("QUERY_STRING", "")
        if (
            "query_string" in self.__dict__
            or "query_string" in self._replaced
            or not query.isascii()
        ):
            query = self.query_string
        return query_dict(self.parameter_storage_class, query)

    @cached_property
    def cookies(self) -> ImmutableMultiDict[str, str]:
        """The cookies that the client sent; the values are untrusted text."""
        return parse_cookie(  # type: ignore[return-value]
            self.environ.get("HTTP_COOKIE") or "",
            self.dict_storage_class,
        )

    # -- the body ------------------------------------------------------------------------

    @cached_property
    def _parsed_content_type(self) -> tuple[str, dict[str, str]]:
        if "headers" in self.__dict__ or "headers" in self._replaced:
            return parse_options_header(self.headers.get("Content-Type", ""))
        # PERF: where the headers are those of the environment, no object for them.
        return parse_options_header(self.environ.get("CONTENT_TYPE") or "")

    @property
    def content_length(self) -> int | None:
        """The length of the body in bytes as announced; ``None`` if chunked or not announced."""
        return get_content_length(self.environ)

    @property
    def want_form_data_parsed(self) -> bool:
        """Whether there can be a form in the body."""
        return bool(self.environ.get("CONTENT_TYPE"))

    @cached_property
    def stream(self) -> BodyStream:
        """The body as a file that ends where the body ends.

        Reading it takes the bytes away from :attr:`form`, :attr:`files` and :meth:`get_data`, and
        they from it: once some of it was read, the form is empty. It is empty if the form was
        parsed before.

        :raises RequestEntityTooLarge: (413) beyond :attr:`max_content_length`
        """
        if self.shallow:
            raise RuntimeError(
                "This request was made with shallow=True and leaves the body to others."
                " Make it without shallow=True to read the body."
            )
        if self._length_read is not None:
            read: Any = self.environ["wsgi.input"]
            if hasattr(read, "__aiter__"):
                # An async view iterates over what is left of it, which is nothing.
                return read  # type: ignore[no-any-return]
            stream = LimitedStream(read, self._length_read)
            stream._pos = self._length_read
            return stream
        found: Any = get_input_stream(self.environ, max_content_length=self.max_content_length)
        # An async view iterates over it, whatever the server gives.
        body: BodyStream = (
            found if hasattr(found, "__aiter__") else LimitedStream(found, sys.maxsize, is_max=True)
        )
        return body

    @property
    def data(self) -> bytes:
        """The body as bytes, unless it is a form, which goes to :attr:`form` and :attr:`files`."""
        return self.get_data(parse_form_data=True)

    @overload
    def get_data(
        self, cache: bool = ..., as_text: Literal[False] = ..., parse_form_data: bool = ...
    ) -> bytes: ...

    @overload
    def get_data(
        self, cache: bool = ..., *, as_text: Literal[True], parse_form_data: bool = ...
    ) -> str: ...

    @overload
    def get_data(self, cache: bool, as_text: Literal[True], parse_form_data: bool = ...) -> str: ...

    def get_data(
        self, cache: bool = True, as_text: bool = False, parse_form_data: bool = False
    ) -> bytes | str:
        """The whole body.

        :param cache: keep it for the next call
        :param as_text: decode it as UTF-8 (U+FFFD for what is not)
        :param parse_form_data: parse a form first; the result is then ``b""`` for a form
        :raises RequestEntityTooLarge: (413) beyond :attr:`max_content_length`
        """
        data = self._cached_data
        if data is None:
            if parse_form_data:
                self._load_form_data()
            data = self._read_at_once()
            if data is None:
                data = self.stream.read()
            if cache:
                self._cached_data = data
        return data.decode("utf-8", "replace") if as_text else data

    def _read_at_once(self) -> bytes | None:
        """The body, ``None`` where its stream has to be read; PERF: which is not made for it."""
        if (
            self.shallow
            or self._length_read is not None
            or "stream" in self.__dict__
            or "stream" in self._replaced
        ):
            return None
        data = read_at_once(self.environ, self.max_content_length)
        if data is not None:
            self._length_read = len(data)
        return data

    def make_form_data_parser(self) -> FormDataParser:
        """A form parser with the limits of this request."""
        return self.form_data_parser_class(
            stream_factory=self._get_file_stream,
            max_form_memory_size=self.max_form_memory_size,
            max_content_length=self.max_content_length,
            max_form_parts=self.max_form_parts,
            cls=self.parameter_storage_class,
            silent=not self.strict_forms,
        )

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        """Where an uploaded file is written; override it to choose the place."""
        return default_stream_factory(total_content_length, content_type, filename, content_length)

    def _get_stream_for_parsing(self) -> IO[bytes]:
        """The body for the form parser; Werkzeug's name, which subclasses override."""
        data = self._cached_data
        return self.stream if data is None else BytesIO(data)

    def _load_form_data(self) -> None:
        """Parse the form once; ``stream``, ``form`` and ``files`` are plain attributes after."""
        state: Any = self.__dict__
        if "form" in state:
            return
        if (
            self._cached_data is None
            and not self._is_parsed
            and (self._length_read or has_begun(state.get("stream")))
        ):
            # Whoever read the body has it, or a part of it: there is no form left.
            state["form"] = self.parameter_storage_class()
            state["files"] = self.parameter_storage_class()
            return
        self._is_parsed = True
        if self.want_form_data_parsed:
            mimetype, data = self.mimetype, self._cached_data
            if data is None and mimetype in FORM_TYPES:
                data = self._read_at_once()
            if (
                data is not None
                and mimetype == URLENCODED
                and type(self).make_form_data_parser is _MAKE_FORM_DATA_PARSER
                and self.form_data_parser_class is FormDataParser
                and FormDataParser.parse is _PARSE
            ):
                # PERF: no parser, and no stream, for what is there whole.
                cls, limit = self.parameter_storage_class, self.max_form_memory_size
                most = self.max_form_parts if self.strict_forms else None
                state["form"], state["files"] = parse_urlencoded(data, cls, limit, most), cls()
                return
            stream = self._get_stream_for_parsing() if data is None else BytesIO(data)
            parsed = self.make_form_data_parser().parse(
                stream, mimetype, self.content_length, self.mimetype_params
            )
        else:
            parsed = self.stream, self.parameter_storage_class(), self.parameter_storage_class()
        state["stream"], state["form"], state["files"] = parsed

    @cached_property
    def form(self) -> ImmutableMultiDict[str, str]:
        """The text fields of the form in the body.

        :raises RequestEntityTooLarge: (413) beyond a limit of this request
        :raises BadRequest: (400) if the body is no such form, and :attr:`strict_forms` is set
        """
        self._load_form_data()
        form: ImmutableMultiDict[str, str] = self.__dict__["form"]
        return form

    @cached_property
    def files(self) -> ImmutableMultiDict[str, FileStorage]:
        """The files of the form in the body."""
        self._load_form_data()
        files: ImmutableMultiDict[str, FileStorage] = self.__dict__["files"]
        return files

    @cached_property
    def values(self) -> CombinedMultiDict[str, str]:
        """:attr:`args` and, unless the method is GET, :attr:`form`; the first wins."""
        sources: list[MultiDict[str, str]] = [self.args]
        if self.method != "GET":
            sources.append(self.form)
        return CombinedMultiDict([s if isinstance(s, MultiDict) else MultiDict(s) for s in sources])

    # -- JSON ----------------------------------------------------------------------------

    @property
    def json(self) -> Any:
        """The body decoded from JSON.

        :raises UnsupportedMediaType: (415) if the content type is not JSON
        :raises BadRequest: (400) if the body is not JSON
        """
        return self.get_json()

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """The body decoded from JSON.

        :param force: take any content type
        :param silent: return ``None`` in place of an error
        :param cache: keep the result for the next call
        :raises UnsupportedMediaType: (415) if the content type is not JSON
        :raises BadRequest: (400) if the body is not JSON
        """
        if cache:
            known = self._cached_json[silent]
            if known is not _JSON_NOT_LOADED:
                return known
        # PERF: most say no more than this, and nothing is parsed for it.
        if not (
            force
            or (
                self.environ.get("CONTENT_TYPE") == "application/json"
                and self._replaced.isdisjoint(_OF_MEDIA_TYPE)
                and "headers" not in self.__dict__
            )
            or self.is_json
        ):
            return None if silent else self.on_json_loading_failed(None)
        data = self.get_data(cache=cache)
        module = json if self.json_module is None else self.json_module
        # Providers of JSON are stricter with what a client sent; a plain module is not.
        loads = getattr(module, "loads_received", None) or module.loads
        try:
            value = loads(data)
        except (ValueError, RecursionError) as error:
            if silent:
                value = None
                if cache:
                    self._cached_json = self._cached_json[0], None
            else:
                if not isinstance(error, ValueError):
                    error = ValueError("The document is nested too deeply.")
                value = self.on_json_loading_failed(error)
                if cache:
                    self._cached_json = value, self._cached_json[1]
        else:
            if cache:
                self._cached_json = value, value
        return value

    def on_json_loading_failed(self, e: ValueError | None) -> Any:
        """What :meth:`get_json` answers or raises without JSON.

        :param e: the decoding error, or ``None`` if the content type is not JSON
        """
        if e is not None:
            raise BadRequest(f"Failed to decode JSON object: {e}")
        raise UnsupportedMediaType(
            "Did not attempt to load JSON data because the request"
            " Content-Type was not 'application/json'."
        )

    # -- the end -------------------------------------------------------------------------

    def close(self) -> None:
        """Close the uploaded files that the form brought."""
        files = self.__dict__.get("files")
        if files:
            for _key, file in files.items(multi=True):
                file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __repr__(self) -> str:
        try:
            # A host that is not trusted raises; a repr must not.
            where = self.url
        except Exception as error:
            where = f"(invalid URL: {error})"
        return f"<{type(self).__name__} {where!r} [{self.method}]>"


# What a subclass may have replaced.
_OF_MEDIA_TYPE = frozenset({"headers", "is_json", "mimetype", "_parsed_content_type"})
_AS_IT_CAME = {
    name: getattr(Request, name)
    for name in ("query_string", "stream", "_get_stream_for_parsing", *_OF_MEDIA_TYPE)
}
_MAKE_FORM_DATA_PARSER = Request.make_form_data_parser
_PARSE = FormDataParser.parse


def _quote_path(path: str) -> str:
    return quote(path, safe="!$&'()*+,/:;=@")
