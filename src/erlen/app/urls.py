"""Building URLs in the current context."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..context.contexts import _NOT_MADE, _cv_context
from ..context.messages import blueprint_path
from ..http.request import decode_wsgi
from ..routing.exceptions import BuildError

if TYPE_CHECKING:
    from .application import Erlen


def url_for(
    app: Erlen,
    endpoint: str,
    anchor: str | None,
    method: str | None,
    scheme: str | None,
    external: bool | None,
    values: dict[str, Any],
) -> str:
    """The URL of ``endpoint``; the arguments are those of :meth:`Erlen.url_for`."""
    context = _cv_context.get(None)
    request_context = None if context is None else context._request_ctx
    if request_context is not None:
        if endpoint[:1] == ".":
            blueprint = request_context.request.blueprint
            endpoint = endpoint[1:] if blueprint is None else blueprint + endpoint
        desk = app._changes.desk
        if (
            not external
            and scheme is None
            and method is None
            and desk is not None
            and desk.finds_at_once
            and request_context._url_adapter is _NOT_MADE
            and request_context.app is app
            and not app.url_default_functions
            and (path := app.url_map.local_url(endpoint, values)) is not None
        ):
            # PERF: what the adapter builds where the host takes no part.
            root = request_context.environ.get("SCRIPT_NAME")
            if root:
                path = decode_wsgi(root).rstrip("/") + path
            return path if anchor is None else _with_anchor(path, anchor)
        adapter = request_context.url_adapter
        if external is None:
            external = scheme is not None
    else:
        adapter = app.create_url_adapter(None) if context is None else context.url_adapter
        if external is None:
            external = True
    if adapter is None:
        raise RuntimeError(
            "Unable to build URLs outside an active request without 'SERVER_NAME' configured."
            " Set SERVER_NAME (and APPLICATION_ROOT and PREFERRED_URL_SCHEME where they differ"
            " from the defaults) in app.config, or use app.test_request_context()."
        )
    if scheme is not None and not external:
        raise ValueError("When specifying '_scheme', '_external' must be True.")
    if app.url_default_functions:
        app.inject_url_defaults(endpoint, values)
    try:
        url = adapter.build(
            endpoint, values, method=method, url_scheme=scheme, force_external=external
        )
    except BuildError as error:
        values.update(_anchor=anchor, _method=method, _scheme=scheme, _external=external)
        return app.handle_url_build_error(error, endpoint, values)
    except ValueError as error:
        error.add_note(
            f"A converter of the rules of {endpoint!r} could not write one of the values"
            f" {values!r}: pass what the converter gives to the view."
        )
        raise
    return url if anchor is None else _with_anchor(url, anchor)


def _with_anchor(url: str, anchor: str) -> str:
    return f"{url}#{quote(anchor, safe='%!#$&()*+,/:;=?@' + chr(39))}"


def inject_url_defaults(app: Erlen, endpoint: str, values: dict[str, Any]) -> None:
    """Let the ``url_defaults`` functions of the application and of the endpoint's blueprints add
    to ``values``."""
    scopes: list[str | None] = [None]
    if "." in endpoint:
        scopes += reversed(blueprint_path(endpoint.rpartition(".")[0]))
    for scope in scopes:
        for function in app.url_default_functions.get(scope, ()):
            function(endpoint, values)
