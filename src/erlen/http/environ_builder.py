"""WSGI environments made up of the parts of a request (PEP 3333)."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from io import BytesIO
from json import dumps
from typing import IO, Any, Self
from urllib.parse import unquote, urlencode, urlsplit

from .auth import Authorization
from .callback_dict import CallbackDict
from .files import FileMultiDict
from .form_encoding import encode_multipart
from .grammar import dump_options_header, parse_options_header
from .headers import EnvironHeaders, Headers
from .multidict import CombinedMultiDict, MultiDict, iter_multi_items
from .properties import header_property
from .response_fields import content_type_for
from .urls import dump_query, iri_to_uri


def _wsgi(text: str) -> str:
    """Text as WSGI carries it: UTF-8 bytes as Latin-1."""
    return text.encode().decode("latin-1")


class EnvironBuilder:
    """Makes a WSGI environment.

    :param path: the path of the request; with ``base_url`` unset it may be a whole URL
    :param base_url: scheme, host and mount point
    :param query_string: text, or a mapping
    :param method: the method
    :param input_stream: the body as a file; not with ``data``
    :param content_type: the media type of the body
    :param content_length: the length of the body
    :param errors_stream: where the application writes errors
    :param multithread: a key of the environment
    :param multiprocess: a key of the environment
    :param run_once: a key of the environment
    :param headers: the headers
    :param data: the body: text or bytes, a file, or a mapping, whose values may be files, for a
        form
    :param environ_base: values that the environment begins with
    :param environ_overrides: values that it ends with
    :param mimetype: the media type without parameters
    :param json: an object, for a JSON body
    :param auth: a pair of user name and password, or :class:`Authorization`
    """

    server_protocol = "HTTP/1.1"
    wsgi_version: tuple[int, int] = (1, 0)
    content_length: header_property[int] = header_property("Content-Length", None, int, str)
    # What encodes ``json``.
    json_dumps: Any = staticmethod(dumps)

    def __init__(
        self,
        path: str = "/",
        base_url: str | None = None,
        query_string: Mapping[str, Any] | str | None = None,
        method: str = "GET",
        input_stream: IO[bytes] | None = None,
        content_type: str | None = None,
        content_length: int | None = None,
        errors_stream: IO[str] | None = None,
        multithread: bool = False,
        multiprocess: bool = False,
        run_once: bool = False,
        headers: Headers | Mapping[str, Any] | list[tuple[str, str]] | None = None,
        data: IO[bytes] | str | bytes | Mapping[str, Any] | None = None,
        environ_base: Mapping[str, Any] | None = None,
        environ_overrides: Mapping[str, Any] | None = None,
        mimetype: str | None = None,
        json: Any | None = None,
        auth: Authorization | tuple[str, str] | None = None,
    ) -> None:
        if query_string is not None and "?" in path:
            raise ValueError("Query string is defined in the path and as an argument")
        url = urlsplit(path)
        if query_string is None and "?" in path:
            query_string = url.query
        self.path: str = iri_to_uri(url.path)
        self.request_uri = path
        if base_url is not None:
            base_url = iri_to_uri(base_url)
        self.base_url = base_url
        self._args: MultiDict[str, str] | None = None
        self._query_string: str | None = None
        if isinstance(query_string, str):
            self.query_string = query_string
        else:
            self.args = MultiDict(query_string or ())
        self.method = method
        self.headers: Headers = headers if isinstance(headers, Headers) else Headers(headers)
        if content_type is not None:
            self.content_type = content_type
        self.errors_stream: IO[str] = errors_stream or sys.stderr
        self.multithread = multithread
        self.multiprocess = multiprocess
        self.run_once = run_once
        self.environ_base = environ_base
        self.environ_overrides = environ_overrides
        self.closed: bool = False
        self._input_stream = input_stream
        self._form: MultiDict[str, str] | None = None
        self._files: FileMultiDict | None = None
        if content_length is not None:
            self.content_length = content_length
        if auth is not None:
            if isinstance(auth, tuple):
                auth = Authorization("basic", {"username": auth[0], "password": auth[1]})
            self.headers.set("Authorization", auth.to_header())
        if json is not None:
            if data is not None:
                raise TypeError("can't provide both json and data")
            data = self.json_dumps(json)
            if self.content_type is None:
                self.content_type = "application/json"
        if data:
            self._take_data(data)
        if mimetype is not None:
            self.mimetype = mimetype

    def _take_data(self, data: Any) -> None:
        if self._input_stream is not None:
            raise TypeError("can't provide input stream and data")
        if hasattr(data, "read"):
            data = data.read()
        if isinstance(data, str):
            data = data.encode()
        if isinstance(data, (bytes, bytearray)):
            self._input_stream = BytesIO(data)
            if self.content_length is None:
                self.content_length = len(data)
            return
        for key, value in _iter_fields(data):
            if isinstance(value, (tuple, dict)) or hasattr(value, "read"):
                file: tuple[Any, ...] = value if isinstance(value, tuple) else (value,)
                self.files.add_file(key, *file)
            else:
                self.form.setlistdefault(key).append(value)

    @classmethod
    def from_environ(cls, environ: dict[str, Any], **kwargs: Any) -> Self:
        """A builder with the values of an environment."""
        headers = Headers(EnvironHeaders(environ))
        root = environ.get("SCRIPT_NAME", "").encode("latin-1").decode("utf-8", "replace")
        path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
        values: dict[str, Any] = {
            "path": path,
            "base_url": cls._make_base_url(
                environ["wsgi.url_scheme"], headers.pop("Host", environ.get("SERVER_NAME")), root
            ),
            "query_string": environ.get("QUERY_STRING", ""),
            "method": environ["REQUEST_METHOD"],
            "input_stream": environ["wsgi.input"],
            "content_type": headers.pop("Content-Type", None),
            "content_length": headers.pop("Content-Length", None),
            "errors_stream": environ["wsgi.errors"],
            "multithread": environ["wsgi.multithread"],
            "multiprocess": environ["wsgi.multiprocess"],
            "run_once": environ["wsgi.run_once"],
            "headers": headers,
        }
        values.update(kwargs)
        return cls(**values)

    @staticmethod
    def _make_base_url(scheme: str, host: str, script_root: str) -> str:
        return f"{scheme}://{host}{script_root.rstrip('/')}/"

    @property
    def base_url(self) -> str:
        """Scheme, host and mount point."""
        return self._make_base_url(self.url_scheme, self.host, self.script_root)

    @base_url.setter
    def base_url(self, value: str | None) -> None:
        if value is None:
            scheme, netloc, script_root = "http", "localhost", ""
        else:
            parts = urlsplit(value)
            if parts.query or parts.fragment:
                raise ValueError("base url must not contain a query string or fragment")
            scheme, netloc, script_root = parts.scheme, parts.netloc, parts.path
        self.script_root: str = script_root.rstrip("/")
        self.host = netloc
        self.url_scheme = scheme

    @property
    def content_type(self) -> str | None:
        """The media type of the body; that of a form if there is one."""
        value: str | None = self.headers.get("Content-Type")
        if value is None and not self._input_stream:
            if self._files:
                return "multipart/form-data"
            if self._form:
                return "application/x-www-form-urlencoded"
        return value

    @content_type.setter
    def content_type(self, value: str | None) -> None:
        if value is None:
            self.headers.pop("Content-Type", None)
        else:
            self.headers["Content-Type"] = value

    @property
    def mimetype(self) -> str | None:
        """The media type without its parameters."""
        value = self.content_type
        return value.split(";")[0].strip() if value else None

    @mimetype.setter
    def mimetype(self, value: str) -> None:
        self.content_type = content_type_for(value)

    @property
    def mimetype_params(self) -> Mapping[str, str]:
        """The parameters of the media type; changing them changes the header."""

        def write(params: Any) -> None:
            self.headers["Content-Type"] = dump_options_header(self.mimetype, params)

        return CallbackDict(parse_options_header(self.headers.get("content-type", ""))[1], write)

    def _need_no_stream(self, what: str) -> None:
        if self._input_stream is not None:
            raise AttributeError(f"an input stream is defined, so there is no {what}")

    @property
    def form(self) -> MultiDict[str, str]:
        """The text fields of the form."""
        self._need_no_stream("form")
        if self._form is None:
            self._form = MultiDict()
        return self._form

    @form.setter
    def form(self, value: MultiDict[str, str]) -> None:
        self._input_stream = None
        self._form = value

    @property
    def files(self) -> FileMultiDict:
        """The files of the form."""
        self._need_no_stream("files")
        if self._files is None:
            self._files = FileMultiDict()
        return self._files

    @files.setter
    def files(self, value: FileMultiDict) -> None:
        self._input_stream = None
        self._files = value

    @property
    def input_stream(self) -> IO[bytes] | None:
        """The body as a file; setting it drops the form."""
        return self._input_stream

    @input_stream.setter
    def input_stream(self, value: IO[bytes] | None) -> None:
        self._input_stream = value
        self._form = self._files = None

    @property
    def query_string(self) -> str:
        """The query as text."""
        if self._query_string is None:
            return dump_query(self._args) if self._args is not None else ""
        return self._query_string

    @query_string.setter
    def query_string(self, value: str | None) -> None:
        self._query_string = value
        self._args = None

    @property
    def args(self) -> MultiDict[str, str]:
        """The fields of the query."""
        if self._query_string is not None:
            raise AttributeError("a query string is defined")
        if self._args is None:
            self._args = MultiDict()
        return self._args

    @args.setter
    def args(self, value: MultiDict[str, str] | None) -> None:
        self._query_string = None
        self._args = value

    @property
    def server_name(self) -> str:
        """The host without its port."""
        return self.host.split(":", 1)[0]

    @property
    def server_port(self) -> int:
        """The port of the host, or that of the scheme."""
        port = self.host.split(":", 1)[1:2]
        if port and port[0].isdigit():
            return int(port[0])
        return 443 if self.url_scheme == "https" else 80

    def __del__(self) -> None:
        try:
            self.close()
        except Exception:
            # The interpreter may be ending.
            return

    def close(self) -> None:
        """Close the files of the form."""
        if self.closed:
            return
        # Past the methods of a MultiDict, which tell of single values.
        stored: Any = self._files or {}
        for files in dict.values(stored):
            for file in files:
                file.close()
        self.closed = True

    def _body(self) -> tuple[IO[bytes], int | None, str | None]:
        """The body, its length, and the media type of its form.

        The length is that of the body; one that was announced stands where there is no body.
        """
        mimetype, content_type = self.mimetype, self.content_type
        stream = self._input_stream
        if stream is not None:
            start = stream.tell()
            stream.seek(0, 2)
            end = stream.tell()
            stream.seek(start)
            return stream, end - start, content_type
        if mimetype == "multipart/form-data":
            boundary, data = encode_multipart(
                CombinedMultiDict([self._form or MultiDict(), self._files or MultiDict()])
            )
            return BytesIO(data), len(data), f'{mimetype}; boundary="{boundary}"'
        if mimetype == "application/x-www-form-urlencoded":
            pairs = [pair for pair in iter_multi_items(self._form or ()) if pair[1] is not None]
            form = urlencode(pairs)
            return BytesIO(form.encode()), len(form), content_type
        return BytesIO(), self.content_length, content_type

    def get_environ(self) -> dict[str, Any]:
        """The environment."""
        stream, length, content_type = self._body()
        path = unquote(self.path)
        if path and path[0] != "/" and path != "*":
            # PEP 3333 knows no other; that of OPTIONS is the server itself.
            path = f"/{path}"
        environ: dict[str, Any] = dict(self.environ_base or {})
        environ.update(
            {
                "REQUEST_METHOD": self.method,
                "SCRIPT_NAME": _wsgi(unquote(self.script_root)),
                "PATH_INFO": _wsgi(path),
                "QUERY_STRING": _wsgi(self.query_string),
                "REQUEST_URI": _wsgi(self.request_uri),
                "RAW_URI": _wsgi(self.request_uri),
                "SERVER_NAME": self.server_name,
                "SERVER_PORT": str(self.server_port),
                "HTTP_HOST": self.host,
                "SERVER_PROTOCOL": self.server_protocol,
                "wsgi.version": self.wsgi_version,
                "wsgi.url_scheme": self.url_scheme,
                "wsgi.input": stream,
                "wsgi.errors": self.errors_stream,
                "wsgi.multithread": self.multithread,
                "wsgi.multiprocess": self.multiprocess,
                "wsgi.run_once": self.run_once,
            }
        )
        headers = self.headers.copy()
        # These have keys of their own.
        headers.remove("Content-Type")
        headers.remove("Content-Length")
        if content_type is not None:
            environ["CONTENT_TYPE"] = content_type
        if length is not None:
            environ["CONTENT_LENGTH"] = str(length)
        combined: dict[str, list[str]] = {}
        for key, value in headers.to_wsgi_list():
            combined.setdefault(f"HTTP_{key.upper().replace('-', '_')}", []).append(value)
        for key, values in combined.items():
            environ[key] = ("; " if key == "HTTP_COOKIE" else ", ").join(values)
        if self.environ_overrides:
            environ.update(self.environ_overrides)
        return environ


def create_environ(*args: Any, **kwargs: Any) -> dict[str, Any]:
    """An environment of the arguments of :class:`EnvironBuilder`."""
    with closing(EnvironBuilder(*args, **kwargs)) as builder:
        return builder.get_environ()


def _iter_fields(data: Any) -> Iterator[tuple[str, Any]]:
    """The fields of a form; a list holds several values, and a tuple is one file."""
    if isinstance(data, MultiDict) or not hasattr(data, "items"):
        yield from iter_multi_items(data)
        return
    for key, value in data.items():
        if isinstance(value, list):
            for item in value:
                yield key, item
        else:
            yield key, value
