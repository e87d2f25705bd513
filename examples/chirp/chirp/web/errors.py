"""The pages that say what went wrong, and what a service's refusal is in HTTP."""

from __future__ import annotations

from typing import Any

from erlen import Erlen, render_template
from erlen.http.exceptions import BadHost, HTTPException, SecurityError
from erlen.typing import ResponseReturnValue

from ..services.errors import Forbidden, NotFound, ServiceError, TooManyAttempts

_FOREIGN_HOST = (BadHost, SecurityError)
#: What a person reads; Erlen's own words for the rest.
_WORDS: dict[int, tuple[str, str]] = {
    400: ("This did not work", ""),
    403: ("This is not yours", ""),
    404: ("Nothing here", "There is no page at this address, or it is gone."),
    405: ("Not in this way", "This address is for a form. Go back and send it again."),
    413: ("Too much at once", "What you sent is larger than anything Chirp has a form for."),
    429: ("A little slower", ""),
    500: ("Something broke", "It is our fault, and it is written down. Try again in a while."),
    503: ("Back in a moment", "Chirp cannot reach its data right now. Try again in a few seconds."),
}


def init_app(app: Erlen) -> None:
    app.register_error_handler(HTTPException, show)
    app.register_error_handler(ServiceError, show_refusal)


def show(error: HTTPException) -> ResponseReturnValue:
    """The page of an HTTP error. One that has an answer already, as redirects do, keeps it; a host
    that is not ours gets no page, since it has no addresses to link to."""
    if error.response is not None or error.code is None or isinstance(error, _FOREIGN_HOST):
        return error.get_response()
    headers = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
    return page(error.code, error.description, headers)


def show_refusal(error: ServiceError) -> ResponseReturnValue:
    """The page of what a service refused and no form could show."""
    match error:
        case NotFound():
            return page(404, error.message)
        case Forbidden():
            return page(403, error.message)
        case TooManyAttempts():
            return page(429, error.message, {"Retry-After": str(error.seconds)})
    return page(400, error.message)


def page(
    code: int, description: str | None = None, headers: dict[str, Any] | None = None
) -> ResponseReturnValue:
    """An error page; it stands alone, because what the usual frame needs may be what is away."""
    title, words = _WORDS.get(code, ("This did not work", ""))
    text = render_template("error.html", code=code, title=title, text=words or description or "")
    return text, code, headers or {}
