"""What views call on the current application without naming it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from ..context import proxies
from ..context.contexts import context_var, current_context, current_request_context
from ..http.exceptions import abort as _abort
from ..http.redirects import DEFAULT_CODE, is_local
from ..http.redirects import redirect as _redirect
from ..walk.desk import desk_of
from . import urls

if TYPE_CHECKING:
    from ..context.messages import Response
    from ..http.response import Response as HTTPResponse
    from .application import Erlen

#: The application of the current context.
current_app: Erlen = proxies.current_app


def make_response(*args: Any) -> Response:
    """The response that a view's return value would become, to set headers or cookies on it.

    >>> response = make_response("moved", 410)
    >>> response.headers["X-Reason"] = "cleaned up"

    Without an argument, an empty response.
    """
    app: Erlen = (context_var.get(None) or current_context()).app
    if not args:
        return app.response_class()
    return app.make_response(args[0] if len(args) == 1 else args)


def url_for(
    endpoint: str,
    *,
    _anchor: str | None = None,
    _method: str | None = None,
    _scheme: str | None = None,
    _external: bool | None = None,
    **values: Any,
) -> str:
    """The URL of an endpoint of the current application; see :meth:`Erlen.url_for`.

    :raises RuntimeError: outside of any context
    """
    context = context_var.get(None) or current_context()
    app: Erlen = context.app
    hooks = (app._changes.desk or desk_of(app)).url_hooks
    if not hooks.replace_url_for:
        # PERF: what the method does.
        return urls.url_for(
            app, hooks, context, endpoint, _anchor, _method, _scheme, _external, values
        )
    return app.url_for(
        endpoint,
        _anchor=_anchor,
        _method=_method,
        _scheme=_scheme,
        _external=_external,
        **values,
    )


def redirect(
    location: str, code: int = DEFAULT_CODE, Response: type[Response] | None = None
) -> Response:
    """A redirect to ``location``.

    :param code: 301, 302, 303, 305, 307 or 308; 303 is the one behind a form, and the default where
        Flask 3.2 is followed
    :param Response: the class of the response, by default the application's
    """
    context = context_var.get(None)
    if context is not None:
        app: Erlen = context.app
        if code is DEFAULT_CODE:
            code = (app._changes.desk or desk_of(app)).redirect_code
        if Response is None:
            return app.redirect(location, code=code)
    return _redirect(location, code=code, Response=Response)  # type: ignore[return-value]


def safe_redirect(location: str | None, fallback: str = "/", code: int = DEFAULT_CODE) -> Response:
    """A redirect to where the client asked to go next, if that is on the host of this request.

    >>> return safe_redirect(request.args.get("next"), url_for("index"))

    :param location: a path that begins with one slash, or a whole URL of this scheme and host
    :param fallback: where to go instead if it is missing, or leads elsewhere; it is not checked
    :param code: 301, 302, 303, 305, 307 or 308
    :raises RuntimeError: outside of a request
    """
    request = current_request_context().request
    if location is None or not is_local(location, f"{request.scheme}://{request.host}"):
        location = fallback
    return redirect(location, code)


def abort(code: int | HTTPResponse, *args: Any, **kwargs: Any) -> NoReturn:
    """Raise the HTTP error of a status code, or answer with a response at once.

    :param args: for the error: its description, and what else its class takes
    :raises HTTPException: always
    :raises LookupError: for an unknown code
    """
    context = context_var.get(None)
    if context is not None:
        context.app.aborter(code, *args, **kwargs)
    _abort(code, *args, **kwargs)
