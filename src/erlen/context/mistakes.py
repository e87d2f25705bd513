"""Errors that explain a common mistake; raised in debug mode alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..http.request import Request
    from ..routing.exceptions import RequestRedirect


class UnexpectedUnicodeError(AssertionError, UnicodeError):
    """Text was given where bytes were needed, or the other way round."""


class DebugFilesKeyError(KeyError, AssertionError):
    """``request.files`` was asked for a file that came as a text field."""

    def __init__(self, request: Request, key: str) -> None:
        names = request.form.getlist(key)
        lines = [
            f"You tried to access the file {key!r} in the request.files dictionary but it does"
            " not exist. The mimetype for the request is"
            f" {request.mimetype!r} instead of 'multipart/form-data', which means that no file"
            " contents were transmitted. To fix this error you should provide"
            ' enctype="multipart/form-data" in your form.'
        ]
        if names:
            sent = ", ".join(repr(name) for name in names)
            lines.append(
                "\n\nThe browser sent the name of the file as text instead."
                f" This was submitted: {sent}"
            )
        self.msg: str = "".join(lines)

    def __str__(self) -> str:
        return self.msg


class FormDataRoutingRedirect(AssertionError):
    """A redirect by 301 or 302 to the canonical URL would lose the form that was sent."""

    def __init__(self, request: Any) -> None:
        redirect: RequestRedirect = request.routing_exception
        lines = [
            f"A request was sent to '{request.url}', but routing issued a redirect to the"
            f" canonical URL '{redirect.new_url}'."
        ]
        if f"{request.base_url}/" == redirect.new_url.partition("?")[0]:
            lines.append(
                " The URL was defined with a trailing slash; the redirect adds it where a request"
                " leaves it out."
            )
        lines.append(
            f" Send {request.method} requests to the canonical URL, or use 307 or 308 for routing"
            " redirects: otherwise browsers drop the form data.\n\nThis exception is raised in"
            " debug mode alone."
        )
        super().__init__("".join(lines))


def attach_enctype_error_multidict(request: Request) -> None:
    """Let a missing key of ``request.files`` say that the form has the wrong ``enctype``."""
    files: Any = request.__dict__["files"]
    kind = type(files)

    class ExplainingFiles(kind):  # type: ignore[misc,valid-type]
        def __getitem__(self, key: str) -> Any:
            try:
                return super().__getitem__(key)
            except KeyError as error:
                if key not in request.form:
                    raise
                raise DebugFilesKeyError(request, key).with_traceback(error.__traceback__) from None

    ExplainingFiles.__name__ = kind.__name__
    ExplainingFiles.__module__ = kind.__module__
    files.__class__ = ExplainingFiles


__all__ = [
    "DebugFilesKeyError",
    "FormDataRoutingRedirect",
    "UnexpectedUnicodeError",
    "attach_enctype_error_multidict",
]
