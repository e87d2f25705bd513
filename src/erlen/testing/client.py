"""A client that calls a WSGI application in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

from ..http.headers import Headers
from ..http.request import Request
from ..http.response import Response
from ..http.urls import iri_to_uri
from ..http.wsgi_call import call_wsgi
from .builder import EnvironBuilder
from .cookies import Cookie, CookieJar

T = TypeVar("T")


class ClientRedirectError(Exception):
    """A redirect leads in a circle, or out of the application."""


def run_wsgi_app(
    app: Any, environ: dict[str, Any], buffered: bool = False
) -> tuple[Iterable[bytes], str, Headers]:
    """Body, status line and headers that an application answers."""
    return call_wsgi(app, environ, buffered)


class TestResponse(Response):
    """An answer, with the request that it belongs to.

    :param request: that request
    :param history: the answers of the redirects that led here
    """

    __test__ = False
    default_mimetype: str | None = None

    request: Request
    history: tuple[TestResponse, ...]
    # Where the body of the request began in its stream; None where nobody can go back.
    _body_start: int | None = None

    def __init__(
        self,
        response: Iterable[bytes],
        status: str,
        headers: Headers,
        request: Request,
        history: tuple[TestResponse, ...] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(response, status, headers, **kwargs)
        self.request = request
        self.history = history
        self._compat_tuple = response, status, headers

    @property
    def text(self) -> str:
        """The body as text."""
        return self.get_data(as_text=True)

    def get(self, type: type[T]) -> T:
        """The body decoded from JSON, as this type: ``response.get(list[Item])``.

        :raises msgspec.ValidationError: for an answer that is something else
        """
        import msgspec

        try:
            return msgspec.json.decode(self.get_data(), type=type)
        except msgspec.DecodeError as error:
            error.add_note(f"The answer is {self.status}: {self.text[:1000]}")
            raise


class Client:
    """Calls an application and keeps its cookies.

    :param application: a WSGI application
    :param response_wrapper: the class of responses, mixed with :class:`TestResponse`
    :param use_cookies: keep cookies
    :param allow_subdomain_redirects: follow redirects to sub-domains of the server's name
    """

    def __init__(
        self,
        application: Any,
        response_wrapper: type[Response] | None = None,
        use_cookies: bool = True,
        allow_subdomain_redirects: bool = False,
    ) -> None:
        self.application = application
        if response_wrapper in {None, Response}:
            self.response_wrapper: type[TestResponse] = TestResponse
        elif isinstance(response_wrapper, type) and issubclass(response_wrapper, TestResponse):
            self.response_wrapper = response_wrapper
        else:
            self.response_wrapper = _test_response_class(response_wrapper)
        self._cookies = CookieJar() if use_cookies else None
        self.allow_subdomain_redirects = allow_subdomain_redirects

    # -- cookies -------------------------------------------------------------------------

    @property
    def cookies(self) -> dict[tuple[str, str, str], Cookie]:
        """The cookies that are kept, by domain, path and name.

        :raises TypeError: if the client keeps none
        """
        return self._jar()

    def get_cookie(self, key: str, domain: str = "localhost", path: str = "/") -> Cookie | None:
        """A cookie that is kept, or ``None``."""
        return self._jar().get((domain, path, key))

    def set_cookie(
        self,
        key: str,
        value: str = "",
        *,
        domain: str = "localhost",
        origin_only: bool = True,
        path: str = "/",
        **kwargs: Any,
    ) -> None:
        """Keep a cookie, as if the application had set it."""
        self._jar().put(key, value, domain, origin_only, path, **kwargs)

    def delete_cookie(self, key: str, *, domain: str = "localhost", path: str = "/") -> None:
        """Forget a cookie."""
        self._jar().pop((domain, path, key), None)

    def _jar(self) -> CookieJar:
        if self._cookies is None:
            raise TypeError("Cookies are disabled. Create a client with 'use_cookies=True'.")
        return self._cookies

    def _add_cookies_to_wsgi(self, environ: dict[str, Any]) -> None:
        if self._cookies is None:
            return
        header = self._cookies.header(*_cookie_place(environ))
        if header:
            environ["HTTP_COOKIE"] = header
        else:
            environ.pop("HTTP_COOKIE", None)

    def _update_cookies_from_response(self, environ: dict[str, Any], headers: list[str]) -> None:
        if self._cookies is not None:
            self._cookies.take(headers, *_cookie_place(environ))

    # -- requests ------------------------------------------------------------------------

    def run_wsgi_app(
        self, environ: dict[str, Any], buffered: bool = False
    ) -> tuple[Iterable[bytes], str, Headers]:
        """Call the application with the cookies, and keep those that it sets."""
        self._add_cookies_to_wsgi(environ)
        body, status, headers = self._call(environ, buffered)
        self._update_cookies_from_response(environ, headers.getlist("Set-Cookie"))
        return body, status, headers

    def _call(
        self, environ: dict[str, Any], buffered: bool
    ) -> tuple[Iterable[bytes], str, Headers]:
        return call_wsgi(self.application, environ, buffered)

    def open(
        self,
        *args: Any,
        buffered: bool = False,
        follow_redirects: bool = False,
        **kwargs: Any,
    ) -> TestResponse:
        """Make a request.

        :param args: a path, a request, a builder or an environment
        :param buffered: read the answer to its end and close it
        :param follow_redirects: make the requests that redirects ask for
        :param kwargs: the arguments of :class:`EnvironBuilder`
        """
        request = self._request_from_builder_args(args, kwargs)
        response = self._send(request, buffered)
        history: list[TestResponse] = []
        seen: set[tuple[str, str]] = set()
        while follow_redirects and response.status_code in {301, 302, 303, 305, 307, 308}:
            # What is left of a redirect is not needed.
            if not buffered:
                response.make_sequence()
                response.close()
            entry = response.request.method, response.location or ""
            if entry in seen:
                raise ClientRedirectError(
                    f"Loop detected: a {response.status_code} redirect to {response.location} was"
                    " already made."
                )
            seen.add(entry)
            history.append(response)
            response = self.resolve_redirect(response, buffered)
            response.history = tuple(history)
            self._after_redirect()
        return response

    def _after_redirect(self) -> None:
        """A hook for clients that keep something per request."""

    def _request_from_builder_args(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Request:
        if not kwargs and len(args) == 1:
            first = args[0]
            if isinstance(first, EnvironBuilder):
                return first.get_request()
            if isinstance(first, dict):
                return EnvironBuilder.from_environ(first).get_request()
            if isinstance(first, Request):
                return first
        with closing(EnvironBuilder(*args, **kwargs)) as builder:
            return builder.get_request()

    def _send(self, request: Request, buffered: bool) -> TestResponse:
        start = _position(request.environ.get("wsgi.input"))
        body, status, headers = self.run_wsgi_app(request.environ, buffered=buffered)
        if not buffered and isinstance(body, (list, tuple)):
            # As from a server: nobody has read it, whatever the application did.
            body = iter(body)
        response = self.response_wrapper(body, status=status, headers=headers, request=request)
        response._body_start = start
        return response

    def resolve_redirect(self, response: TestResponse, buffered: bool = False) -> TestResponse:
        """Make the request that a redirect asks for (RFC 9110, 15.4)."""
        location = urljoin(response.request.url, response.location or "")
        old = response.request
        url = urlsplit(iri_to_uri(location))
        builder = EnvironBuilder.from_environ(old.environ, query_string=url.query)
        builder.request_uri = f"{url.path}?{url.query}" if url.query else url.path
        host = old.host.partition(":")[0]
        target_host = url.netloc.partition(":")[0]
        if target_host != host:
            if not target_host.endswith(f".{host}"):
                raise RuntimeError(
                    f"Following external redirects is not supported: {location} is not on {host}."
                    " Leave follow_redirects out, and look at response.location."
                )
            if not self.allow_subdomain_redirects:
                raise RuntimeError(
                    f"Following subdomain redirects is not enabled: {location} is on a subdomain of"
                    f" {host}. Make the client with allow_subdomain_redirects=True."
                )
        builder.url_scheme = url.scheme
        builder.host = url.netloc
        root = [part for part in builder.script_root.split("/") if part]
        path = url.path.split("/")
        if [part for part in path if part][: len(root)] == root and root:
            # Still below the mount point.
            builder.path = "/" + "/".join(path[len(root) + 1 :])
        else:
            builder.path = url.path
            builder.script_root = ""
        if response.status_code not in {307, 308}:
            # The request is made anew, as a GET without a body.
            if builder.method != "HEAD":
                builder.method = "GET"
            if builder.input_stream is not None:
                builder.input_stream.close()
                builder.input_stream = None
            builder.content_type = None
            builder.content_length = None
            builder.headers.pop("Transfer-Encoding", None)
        elif response._body_start is not None and builder.input_stream is not None:
            # The application has read it, or a part of it.
            builder.input_stream.seek(response._body_start)
        return self._send(self._builder_request(builder), buffered)

    def _builder_request(self, builder: EnvironBuilder) -> Request:
        return builder.get_request()

    def get(self, *args: Any, **kw: Any) -> TestResponse:
        """:meth:`open` with GET."""
        return self.open(*args, **{**kw, "method": "GET"})

    def post(self, *args: Any, **kw: Any) -> TestResponse:
        """:meth:`open` with POST."""
        return self.open(*args, **{**kw, "method": "POST"})

    def put(self, *args: Any, **kw: Any) -> TestResponse:
        """:meth:`open` with PUT."""
        return self.open(*args, **{**kw, "method": "PUT"})

    def delete(self, *args: Any, **kw: Any) -> TestResponse:
        """:meth:`open` with DELETE."""
        return self.open(*args, **{**kw, "method": "DELETE"})

    def patch(self, *args: Any, **kw: Any) -> TestResponse:
        """:meth:`open` with PATCH."""
        return self.open(*args, **{**kw, "method": "PATCH"})

    def options(self, *args: Any, **kw: Any) -> TestResponse:
        """:meth:`open` with OPTIONS."""
        return self.open(*args, **{**kw, "method": "OPTIONS"})

    def head(self, *args: Any, **kw: Any) -> TestResponse:
        """:meth:`open` with HEAD."""
        return self.open(*args, **{**kw, "method": "HEAD"})

    def trace(self, *args: Any, **kw: Any) -> TestResponse:
        """:meth:`open` with TRACE."""
        return self.open(*args, **{**kw, "method": "TRACE"})

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.application!r}>"


def _cookie_place(environ: dict[str, Any]) -> tuple[str, str]:
    host = environ.get("HTTP_HOST") or environ.get("SERVER_NAME", "localhost")
    # A path without its slash is one from the root all the same.
    path = (
        f"{environ.get('SCRIPT_NAME', '').rstrip('/')}/{environ.get('PATH_INFO', '').lstrip('/')}"
    )
    # It may be malformed, as tests of what is refused send it.
    name = host[1:].partition("]")[0] if host[:1] == "[" else host.partition(":")[0]
    return name.lower() or "localhost", path


def _position(stream: Any) -> int | None:
    try:
        return stream.tell() if stream.seekable() else None
    except (AttributeError, OSError, ValueError):
        return None


def _test_response_class(base: Any) -> type[TestResponse]:
    """A class that is both a test response and the application's response."""
    return type("WrapperTestResponse", (TestResponse, base), {"__test__": False})


def validated(app: Callable[..., Any]) -> Callable[..., Any]:
    """The application behind :func:`wsgiref.validate.validator`, which raises
    ``AssertionError`` for what breaks PEP 3333."""
    from wsgiref.validate import validator

    return validator(app)
