"""From what a view returned to a response."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..http.exceptions import HTTPException
from ..http.headers import Headers
from ..http.response import Response as HTTPResponse

if TYPE_CHECKING:
    from ..wrappers import Request, Response
    from .application import Erlen


def make_response(app: Erlen, request: Request, rv: Any) -> Response:
    """The response for a view's return value.

    Text, bytes or an iterator is a body; a dict or a list becomes JSON; a response stays one; a
    WSGI application is run; a tuple adds status and headers: ``(body, status)``,
    ``(body, headers)`` or ``(body, status, headers)``.

    :raises TypeError: for anything else, with what to write
    """
    status: Any = None
    headers: Any = None
    if isinstance(rv, tuple):
        if len(rv) == 3:
            rv, status, headers = rv
        elif len(rv) == 2:
            if isinstance(rv[1], (Headers, dict, tuple, list)):
                rv, headers = rv
            else:
                rv, status = rv
        else:
            raise TypeError(
                "The view function did not return a valid response tuple. The tuple must have the"
                " form (body, status, headers), (body, status), or (body, headers)."
            )
    if rv is None:
        raise TypeError(
            f"The view function for {request.endpoint!r} did not return a valid response. The"
            " function either returned None or ended without a return statement: return a"
            ' string, a dict, a response, or ("", 204) for an empty answer.'
        )
    response_class = app.response_class
    response: Any
    if not isinstance(rv, response_class):
        if isinstance(rv, (str, bytes, bytearray)) or hasattr(rv, "__next__"):
            # With the body's class chosen, a code goes in at once; a line may be text.
            response = response_class(rv, status=status, headers=headers)  # pyright: ignore[reportArgumentType]
            status = headers = None
        elif isinstance(rv, (dict, list)):
            response = app.json.response(rv)
        elif isinstance(rv, HTTPException) and type(rv).__call__ is HTTPException.__call__:
            # PERF: calling it as a WSGI application would make the same response, and copy it.
            response = response_class.force_type(rv.get_response(request.environ), request.environ)
        elif isinstance(rv, HTTPResponse) or callable(rv):
            try:
                response = response_class.force_type(rv, request.environ)
            except TypeError as error:
                raise TypeError(
                    f"{error}\n{_expected(rv)} It was called as a WSGI application, which failed"
                    " with the error above."
                ) from error
        else:
            raise TypeError(_expected(rv))
    else:
        response = rv
    if status is not None:
        if isinstance(status, (str, bytes, bytearray)):
            response.status = status
        else:
            response.status_code = status
    if headers:
        response.headers.update(headers)
    return response  # type: ignore[no-any-return]


def _expected(rv: Any) -> str:
    kind = type(rv).__name__
    hint = " Is an 'await' missing?" if hasattr(rv, "__await__") else ""
    return (
        "The view function did not return a valid response. The return type must be a string,"
        " dict, list, tuple with headers or status, Response instance, or WSGI callable, but it"
        f" was a {kind}.{hint}"
    )
