"""HTTP errors as exceptions; each is also the answer that it stands for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from markupsafe import escape

from .dates import http_date
from .status import HTTP_STATUS_CODES

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import IO

    from .auth import WWWAuthenticate


class HTTPException(Exception):
    """An error with a status code; raising it in a view answers with it.

    :param description: what was wrong, shown to the client as text
    :param response: a response to answer with in place of the error's own page
    """

    code: int | None = None
    description: str | None = None
    #: The class of the answers. Headers and streams raise errors, and responses are made of
    #: them: so this module knows no responses, and theirs names its class here.
    response_class: ClassVar[Callable[..., Any]]
    # PERF: False where a subclass changed what the answer is made of.
    page_is_usual: ClassVar[bool] = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.page_is_usual = all(
            getattr(cls, name) is getattr(HTTPException, name)
            for name in ("name", "get_description", "get_body", "get_headers")
        )

    def __init__(self, description: str | None = None, response: Any = None) -> None:
        super().__init__()
        if description is not None:
            self.description = description
        self.response = response

    @property
    def name(self) -> str:
        """The reason phrase of the code."""
        return _name_of(self.code)

    def get_description(self, environ: Any = None, scope: Any = None) -> str:
        """The description as HTML."""
        return _paragraph(self.description)

    def get_body(self, environ: Any = None, scope: Any = None) -> str:
        """The page of the error."""
        return _page(self.code, self.name, self.get_description(environ))

    def get_headers(self, environ: Any = None, scope: Any = None) -> list[tuple[str, str]]:
        """The headers of the answer."""
        return [("Content-Type", "text/html; charset=utf-8")]

    def get_response(self, environ: Any = None, scope: Any = None) -> Any:
        """The answer: the response that the error was given, or one of :attr:`response_class`.

        :param environ: a WSGI environment or a request
        """
        if self.response is not None:
            return self.response
        cls = type(self)
        if cls.page_is_usual:
            description = self.description
            if description is cls.description:
                # PERF: the same page each time.
                page = _usual_page(self.code, description)
            else:
                page = _page(self.code, _name_of(self.code), _paragraph(description)).encode()
            return cls.response_class(page, self.code, mimetype="text/html")
        environ = getattr(environ, "environ", environ)
        return cls.response_class(
            self.get_body(environ, scope), self.code, self.get_headers(environ, scope)
        )

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer as a WSGI application."""
        answer: Iterable[bytes] = self.get_response(environ)(environ, start_response)
        return answer

    def __str__(self) -> str:
        code = self.code if self.code is not None else "???"
        return f"{code} {self.name}: {self.description}"

    def __repr__(self) -> str:
        code = self.code if self.code is not None else "???"
        return f"<{type(self).__name__} '{code}: {self.name}'>"


def _page(code: int | None, name: str, description: str) -> str:
    return f"{_head(code, name)}{description}\n"


@lru_cache(maxsize=64)
def _head(code: int | None, name: str) -> str:
    name = str(escape(name))
    return f"<!doctype html>\n<html lang=en>\n<title>{code} {name}</title>\n<h1>{name}</h1>\n"


# Descriptions that classes have are few; those of single errors do not come here.
@lru_cache(maxsize=64)
def _usual_page(code: int | None, description: str | None) -> bytes:
    return _page(code, _name_of(code), _paragraph(description)).encode()


def _name_of(code: int | None) -> str:
    return HTTP_STATUS_CODES.get(code or 0, "Unknown Error")


def _paragraph(description: str | None) -> str:
    # As plain text: Markup's own methods escape anew at each call.
    text = str(escape("" if description is None else description))
    return f"<p>{text.replace(chr(10), '<br>')}</p>"


class BadRequest(HTTPException):
    """400: the request is malformed."""

    code: int = 400
    description: str = "The request is malformed, so the server could not process it."


class BadRequestKeyError(BadRequest, KeyError):
    """400: a key that the request should have is missing; also a ``KeyError``.

    :attr:`show_exception` names the key to the client, and what the programmer can do.
    """

    _description = BadRequest.description
    show_exception = False

    def __init__(self, arg: object | None = None, *args: Any, **kwargs: Any) -> None:
        BadRequest.__init__(self, *args, **kwargs)
        if arg is None:
            KeyError.__init__(self)
        else:
            KeyError.__init__(self, arg)

    @property
    def description(self) -> str:
        if self.show_exception:
            key = KeyError.__str__(self)
            advice = f"\nWhere the field may be missing, read it with get({key})." if key else ""
            return f"{self._description}\nKeyError: {key}{advice}"
        return self._description  # pyright: ignore[reportReturnType]

    @description.setter
    def description(self, value: str) -> None:
        self._description = value


class ClientDisconnected(BadRequest):
    """400: the client went away in the middle of its request."""


class SecurityError(BadRequest):
    """400: the request breaks a rule of safety, such as an untrusted host."""


class BadHost(BadRequest):
    """400: the host is malformed."""


class Unauthorized(HTTPException):
    """401: credentials are missing or wrong.

    :param www_authenticate: the challenge, or several
    """

    code: int = 401
    description: str = "This URL needs valid credentials: none were sent, or they are wrong."

    def __init__(
        self,
        description: str | None = None,
        response: Any = None,
        www_authenticate: WWWAuthenticate | Iterable[WWWAuthenticate] | None = None,
    ) -> None:
        super().__init__(description, response)
        if www_authenticate is not None:
            if not isinstance(www_authenticate, Iterable):
                www_authenticate = (www_authenticate,)
            www_authenticate = tuple(www_authenticate)
        self.www_authenticate: tuple[WWWAuthenticate, ...] | None = www_authenticate

    def get_headers(self, environ: Any = None, scope: Any = None) -> list[tuple[str, str]]:
        headers = super().get_headers(environ, scope)
        headers.extend(("WWW-Authenticate", str(item)) for item in self.www_authenticate or ())
        return headers


class Forbidden(HTTPException):
    """403: the client may not do this, whoever it is."""

    code: int = 403
    description: str = "You do not have permission to do this here."


class NotFound(HTTPException):
    """404: there is nothing at this URL."""

    code: int = 404
    # Word for word Werkzeug's, since applications' tests look for it.
    description: str = (
        "The requested URL was not found on the server. If you entered the URL manually please"
        " check your spelling and try again."
    )


class MethodNotAllowed(HTTPException):
    """405: the URL does not know this method.

    :param valid_methods: those that it knows, for ``Allow``
    """

    code: int = 405
    description: str = "The method is not allowed for the requested URL."

    def __init__(
        self,
        valid_methods: Iterable[str] | None = None,
        description: str | None = None,
        response: Any = None,
    ) -> None:
        super().__init__(description, response)
        self.valid_methods = valid_methods

    def get_headers(self, environ: Any = None, scope: Any = None) -> list[tuple[str, str]]:
        headers = super().get_headers(environ, scope)
        if self.valid_methods:
            headers.append(("Allow", ", ".join(self.valid_methods)))
        return headers


class NotAcceptable(HTTPException):
    """406: nothing that the client accepts can be answered."""

    code: int = 406
    description: str = "Nothing that is here matches what the request's Accept headers allow."


class RequestTimeout(HTTPException):
    """408: the request took too long to arrive."""

    code: int = 408
    description: str = "The request did not arrive completely within the time allowed."


class Conflict(HTTPException):
    """409: the request does not fit the state of the resource."""

    code: int = 409
    description: str = "The request conflicts with the current state of the resource."


class Gone(HTTPException):
    """410: the resource was here and will not come back."""

    code: int = 410
    description: str = "What was at this URL has been removed for good."


class LengthRequired(HTTPException):
    """411: the request needs a ``Content-Length``."""

    code: int = 411
    description: str = "This request must state the length of its body in Content-Length."


class PreconditionFailed(HTTPException):
    """412: a condition of the request is not met."""

    code: int = 412
    description: str = "A condition that the request sets is not met."


class RequestEntityTooLarge(HTTPException):
    """413: the body is larger than allowed."""

    code: int = 413
    #: What is still to come of the body, and how much of it is taken before the answer: a client
    #: that sends all of it before it reads would find a closed connection (RFC 9112, section 9.6).
    unread: tuple[IO[bytes], int] | None = None
    description: str = "The body of the request is larger than this server accepts."


class RequestURITooLarge(HTTPException):
    """414: the URL is longer than allowed."""

    code: int = 414
    description: str = "The URL is longer than this server accepts."


class UnsupportedMediaType(HTTPException):
    """415: the body is of a type that is not understood here."""

    code: int = 415
    description: str = "The body of the request is of a media type that is not supported here."


class RequestedRangeNotSatisfiable(HTTPException):
    """416: the range is outside of the body.

    :param length: the length of the whole, for ``Content-Range``
    :param units: the unit of ``length``
    """

    code: int = 416
    description: str = "The requested range lies outside of the resource."

    def __init__(
        self,
        length: int | None = None,
        units: str = "bytes",
        description: str | None = None,
        response: Any = None,
    ) -> None:
        super().__init__(description, response)
        self.length = length
        self.units = units

    def get_headers(self, environ: Any = None, scope: Any = None) -> list[tuple[str, str]]:
        headers = super().get_headers(environ, scope)
        if self.length is not None:
            headers.append(("Content-Range", f"{self.units} */{self.length}"))
        return headers


class ExpectationFailed(HTTPException):
    """417: the server cannot do what ``Expect`` demands."""

    code: int = 417
    description: str = "The server cannot do what the request's Expect header demands."


class ImATeapot(HTTPException):
    """418: RFC 2324."""

    code: int = 418
    description: str = "Coffee was asked of a teapot."


class MisdirectedRequest(HTTPException):
    """421: this server does not answer for this host."""

    code: int = 421
    description: str = "This server does not answer for the host that was asked for."


class UnprocessableEntity(HTTPException):
    """422: the body is well-formed and wrong."""

    code: int = 422
    description: str = "The request is well-formed, but its content is not valid."


class Locked(HTTPException):
    """423: the resource is locked."""

    code: int = 423
    description: str = "The resource is locked."


class FailedDependency(HTTPException):
    """424: the request depended on another one that failed."""

    code: int = 424
    description: str = "The request depends on another one, which failed."


class PreconditionRequired(HTTPException):
    """428: the request must be conditional, so that no change is lost."""

    code: int = 428
    description: str = "This request must be conditional: send If-Match or If-Unmodified-Since."


class _RetryAfter(HTTPException):
    """An error that can say when to ask again.

    :param retry_after: a date, or seconds
    """

    def __init__(
        self,
        description: str | None = None,
        response: Any = None,
        retry_after: datetime | int | None = None,
    ) -> None:
        super().__init__(description, response)
        self.retry_after = retry_after

    def get_headers(self, environ: Any = None, scope: Any = None) -> list[tuple[str, str]]:
        headers = super().get_headers(environ, scope)
        if self.retry_after:
            value = self.retry_after
            headers.append(
                ("Retry-After", str(value) if isinstance(value, int) else http_date(value))
            )
        return headers


class TooManyRequests(_RetryAfter):
    """429: the client asks too often."""

    code: int = 429
    description: str = "Too many requests in a short time. Try again later."


class RequestHeaderFieldsTooLarge(HTTPException):
    """431: the headers are larger than allowed."""

    code: int = 431
    description: str = "The header fields of the request are larger than this server accepts."


class UnavailableForLegalReasons(HTTPException):
    """451: the law forbids it."""

    code: int = 451
    description: str = "This is not available for legal reasons."


class InternalServerError(HTTPException):
    """500: something failed that nobody handled.

    :param original_exception: what failed
    """

    code: int = 500
    description: str = (
        "The server met an error that it did not expect and could not answer the request."
    )

    def __init__(
        self,
        description: str | None = None,
        response: Any = None,
        original_exception: BaseException | None = None,
    ) -> None:
        self.original_exception = original_exception
        super().__init__(description=description, response=response)


class NotImplemented(HTTPException):
    """501: the server does not do this."""

    code: int = 501
    description: str = "The server does not support what the request asks for."


class BadGateway(HTTPException):
    """502: the server behind this one answered nonsense."""

    code: int = 502
    description: str = "The server behind this one sent an invalid answer."


class ServiceUnavailable(_RetryAfter):
    """503: not now."""

    code: int = 503
    description: str = "The server cannot answer at the moment. Try again later."


class GatewayTimeout(HTTPException):
    """504: the server behind this one did not answer in time."""

    code: int = 504
    description: str = "The server behind this one did not answer in time."


class HTTPVersionNotSupported(HTTPException):
    """505: the server does not speak this version."""

    code: int = 505
    description: str = "The version of HTTP that the request uses is not supported."


class InsufficientStorage(HTTPException):
    """507: there is no room left for what was sent."""

    code: int = 507
    description: str = "The server has no room left to store what the request sends."


def _codes() -> dict[int, type[HTTPException]]:
    """The class of each code: of several, the one that the others derive from."""
    found: dict[int, type[HTTPException]] = {}
    for value in globals().values():
        if isinstance(value, type) and issubclass(value, HTTPException) and value.code is not None:
            known = found.get(value.code)
            if known is None or issubclass(known, value):
                found[value.code] = value
    return found


#: The exception class of each status code.
default_exceptions: dict[int, type[HTTPException]] = _codes()


class Aborter:
    """Raises the exception of a status code.

    :param mapping: the classes by code, by default those of this module
    :param extra: further classes by code
    """

    def __init__(
        self,
        mapping: dict[int, type[HTTPException]] | None = None,
        extra: dict[int, type[HTTPException]] | None = None,
    ) -> None:
        self.mapping: dict[int, type[HTTPException]] = dict(
            default_exceptions if mapping is None else mapping
        )
        if extra is not None:
            self.mapping.update(extra)

    def __call__(self, code: int | Callable[..., Any], *args: Any, **kwargs: Any) -> NoReturn:
        if isinstance(code, int):
            error = self.mapping.get(code)
            if error is not None:
                raise error(*args, **kwargs)
        elif callable(code):
            raise HTTPException(response=code)
        raise LookupError(
            f"no exception for {code!r}: abort() takes the number of an HTTP error, such as 404, or"
            ' a response, such as Response("text", 499).'
        )


_aborter = Aborter()


def abort(status: int | Callable[..., Any], *args: Any, **kwargs: Any) -> NoReturn:
    """Raise the error of a status code, or one that answers with a response.

    :param args: for the error: its description, and what else its class takes
    :raises LookupError: for an unknown code
    """
    _aborter(status, *args, **kwargs)
