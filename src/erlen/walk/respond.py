"""From what a view returned to a response."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..context.contexts import current_request_context
from ..http.exceptions import HTTPException
from ..http.headers import Headers
from ..http.response import Response as HTTPResponse
from ..http.response import response_of_text
from ..http.status import STATUS_LINES
from ..templating.template_strings import html_of, is_template_string

if TYPE_CHECKING:
    from ..context.contexts import RequestContext
    from .application import Application
    from .desk import Desk


_JSON_PAIR = ("Content-Type", "application/json")
# To know from them what somebody has put in their place.
_CALL, _GET_RESPONSE = HTTPException.__call__, HTTPException.get_response
_WITH_CONTENT = frozenset(code for code in STATUS_LINES if code >= 200 and code not in (204, 304))


def plain_content(app: Application, desk: Desk, rv: Any) -> tuple[Any, bytes, int] | None:
    """The ``Content-Type`` header, the body and the status for text, a dict or a list, alone or
    with a status, where these are the whole answer and no response object is needed to tell them.

    PERF: it stands for :func:`make_response` and ``write``.
    """
    code = 200
    kind = rv.__class__
    if kind is tuple and len(rv) == 2 and rv[1].__class__ is int and rv[1] in _WITH_CONTENT:
        rv, code = rv
        kind = rv.__class__
    if kind is str:
        return desk.text_pair, rv.encode(), code
    if (kind is dict or kind is list) and desk.json_is_plain:
        provider: Any = app.json
        if provider.mimetype == _JSON_PAIR[1] and "response" not in provider.__dict__:
            return _JSON_PAIR, provider.text_of_response(rv, desk.is_debug).encode(), code
    return None


class NoRequest:
    """What :func:`make_response` is given where no request is being handled."""

    plan = None

    @property
    def environ(self) -> Any:
        """Only a WSGI application that was returned needs one.

        :raises RuntimeError: always
        """
        return current_request_context().environ


NO_REQUEST = NoRequest()


def make_response(app: Application, ctx: RequestContext | NoRequest, rv: Any) -> Any:
    """The response for a view's return value.

    Text, bytes or an iterator (an async one too) is a body; a template string becomes HTML; a dict
    or a list becomes JSON; a response stays one; a WSGI application is run; a tuple adds status and
    headers:
    ``(body, status)``, ``(body, headers)`` or ``(body, status, headers)``.

    :raises TypeError: for anything else, with what to write
    """
    if rv.__class__ is str:
        # PERF: what follows comes to this for text.
        plan = ctx.plan
        if plan is not None and plan.desk.text_pair is not None:
            return response_of_text(plan.desk.response_class, rv)
        return app.response_class(rv, status=None, headers=None)
    status: Any = None
    headers: Any = None
    if isinstance(rv, tuple):
        if len(rv) == 3:
            rv, status, headers = rv
            if isinstance(status, (dict, list, Headers)):
                raise TypeError(_WRONG_TUPLE)
        elif len(rv) == 2:
            if isinstance(rv[1], (Headers, dict, tuple, list)):
                rv, headers = rv
            else:
                rv, status = rv
        else:
            raise TypeError(_WRONG_TUPLE)
    if rv is None:
        raise TypeError(
            f"The view function{_for_view(ctx)} did not return a valid response. The"
            " function either returned None or ended without a return statement: return a"
            ' string, a dict, a response, or ("", 204) for an empty answer.'
        )
    response_class = app.response_class
    response: Any
    if not isinstance(rv, response_class):
        if isinstance(rv, HTTPException) and type(rv).__call__ is _CALL:
            # PERF: calling it as a WSGI application would make the same response, and copy it.
            usual = rv.page_is_usual and type(rv).get_response is _GET_RESPONSE
            page = rv.get_response(None if usual else ctx.environ)
            is_response = isinstance(page, HTTPResponse)
            response = response_class.force_type(page, None if is_response else ctx.environ)
        elif isinstance(rv, (str, bytes, bytearray)) or _is_iterator(rv):
            # With the body's class chosen, a code goes in at once; a line may be text.
            response = response_class(rv, status=status, headers=headers)  # pyright: ignore[reportArgumentType]
            status = headers = None
        elif isinstance(rv, (dict, list)):
            response = app.json.response(rv)
        elif isinstance(rv, HTTPResponse) or callable(rv):
            try:
                response = response_class.force_type(rv, ctx.environ)
            except TypeError as error:
                raise TypeError(
                    f"{error}\n{_expected(ctx, rv)} It was called as a WSGI application, which"
                    " failed with the error above."
                ) from error
        elif is_template_string(rv):
            response = response_class(html_of(rv))
        else:
            raise TypeError(_expected(ctx, rv))
    else:
        response = rv
    if status is not None:
        if isinstance(status, (str, bytes, bytearray)):
            response.status = status
        else:
            response.status_code = status
    if headers:
        response.headers.update(headers)
    return response


def _is_iterator(rv: Any) -> bool:
    return hasattr(rv, "__next__") or hasattr(rv, "__anext__")


_WRONG_TUPLE = (
    "The view function did not return a valid response tuple. The tuple must have the form (body,"
    " status, headers), (body, status), or (body, headers). Several values are returned as a list."
)


def _for_view(ctx: RequestContext | NoRequest) -> str:
    return "" if isinstance(ctx, NoRequest) else f" for {ctx.request.endpoint!r}"


def _expected(ctx: RequestContext | NoRequest, rv: Any) -> str:
    if hasattr(rv, "__await__"):
        hint = "Is an 'await' missing?"
    elif callable(rv):
        hint = "Are the parentheses of a call missing?"
    else:
        hint = "Return str(value) for text, or jsonify(value) for JSON."
    return (
        f"The view function{_for_view(ctx)} did not return a valid response. The"
        " return type must be a string, dict, list, tuple with headers or status, Response"
        f" instance, or WSGI callable, but it was a {type(rv).__name__}. {hint}"
    )
