"""Building URLs in the current context."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any
from weakref import ref

from ..context.contexts import NOT_MADE, context_var
from ..context.messages import blueprint_path
from ..http.hosts import get_host
from ..http.request import decode_wsgi
from ..http.urls import make_quote
from ..routing.exceptions import BuildError
from ..walk.desk import desk_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..context.contexts import AppContext
    from ..routing.adapter import MapAdapter
    from ..walk.url_hooks import UrlHooks
    from .application import Erlen

_quote_anchor = make_quote("%!#$&()*+,/:;=?@'")


def url_for(
    app: Erlen,
    hooks: UrlHooks,
    context: AppContext | None,
    endpoint: str,
    anchor: str | None,
    method: str | None,
    scheme: str | None,
    external: bool | None,
    values: dict[str, Any],
) -> str:
    """The URL of ``endpoint``; the arguments behind are those of :meth:`Erlen.url_for`.

    :param hooks: of the application
    :param context: the current one
    """
    request_context = None if context is None else context.request_context
    # Nobody's endpoint in there begins with ".", so that a name which is found is not relative.
    write = app.url_map.writers.get(endpoint)
    if (
        write is not None
        and request_context is not None
        and not (external or hooks.is_any)
        and scheme is None
        and method is None
        and request_context.bound_adapter is NOT_MADE
        and request_context.app is app
        and not request_context.environ.get("SCRIPT_NAME")
    ):
        # PERF: a path on this host, as most are.
        try:
            url = write(values)
        except (KeyError, ValueError):
            # The adapter tells what is wrong.
            pass
        else:
            return url if anchor is None else f"{url}#{_quote_anchor(anchor)}"
    # What stands in front of the path, where the environment tells it.
    prefix: str | None = None
    if request_context is None:
        if external is None:
            external = True
    else:
        if write is None and endpoint[:1] == ".":
            blueprint = request_context.request.blueprint
            endpoint = endpoint[1:] if blueprint is None else blueprint + endpoint
            write = app.url_map.writers.get(endpoint)
        if external is None:
            external = scheme is not None
        if (
            not (hooks.adapt_external if external else hooks.adapt)
            and method is None
            and request_context.bound_adapter is NOT_MADE
            and request_context.app is app
        ):
            # PERF: what the adapter builds, without making one.
            environ = request_context.environ
            if not external:
                prefix = ""
            elif len(host := environ.get("HTTP_HOST", "")) < 300:
                # No host is longer, and what is kept is bounded.
                prefix = _origin(environ.get("wsgi.url_scheme", ""), host, scheme)
            root = environ.get("SCRIPT_NAME")
            if root and prefix is not None:
                prefix += decode_wsgi(root).rstrip("/")
    adapter = _adapter_of(app, context) if prefix is None else None
    if scheme is not None and not external:
        raise ValueError("When specifying '_scheme', '_external' must be True.")
    if hooks.inject_values:
        app.inject_url_defaults(endpoint, values)
    if prefix is not None:
        write = write or app.url_map.find_writer(endpoint)
        if write is not None:
            try:
                url = prefix + write(values)
            except (KeyError, ValueError):
                # The adapter tells what is wrong.
                pass
            else:
                return url if anchor is None else f"{url}#{_quote_anchor(anchor)}"
    if adapter is None:
        # The rule cannot be written so.
        adapter = _adapter_of(app, context)
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
    return url if anchor is None else f"{url}#{_quote_anchor(anchor)}"


def url_for_of(app: Erlen) -> Callable[..., str]:
    """What ``url_for`` is in the templates of an application, which it does not keep alive."""
    this: Any = ref(app)

    def url_for_in_template(
        endpoint: str,
        *,
        _anchor: str | None = None,
        _method: str | None = None,
        _scheme: str | None = None,
        _external: bool | None = None,
        **values: Any,
    ) -> str:
        app = this()
        hooks = (app._changes.desk or desk_of(app)).url_hooks
        if not hooks.replace_url_for:
            # PERF: what the method does.
            context = context_var.get(None)
            return url_for(
                app, hooks, context, endpoint, _anchor, _method, _scheme, _external, values
            )
        return app.url_for(  # type: ignore[no-any-return]
            endpoint,
            _anchor=_anchor,
            _method=_method,
            _scheme=_scheme,
            _external=_external,
            **values,
        )

    return url_for_in_template


def _adapter_of(app: Erlen, context: AppContext | None) -> MapAdapter:
    """The adapter of the request, or of the application.

    :raises RuntimeError: if there is none
    """
    if context is not None and context.request_context is not None:
        context = context.request_context
    adapter = app.create_url_adapter(None) if context is None else context.url_adapter
    if adapter is None:
        raise RuntimeError(
            "Unable to build URLs outside an active request without 'SERVER_NAME' configured."
            " Set SERVER_NAME (and APPLICATION_ROOT and PREFERRED_URL_SCHEME where they differ"
            " from the defaults) in app.config, or use app.test_request_context()."
        )
    return adapter


@lru_cache(maxsize=64)
def _origin(request_scheme: str, header: str, scheme: str | None) -> str | None:
    """Scheme and host of a URL, or ``None`` where the adapter has to find them."""
    host = get_host(request_scheme, header).lower()
    shown = request_scheme if scheme is None else scheme
    if not host or not host.isascii() or shown not in {"http", "https"}:
        return None
    return f"{shown}://{host}"


def inject_url_defaults(app: Erlen, endpoint: str, values: dict[str, Any]) -> None:
    """Let the ``url_defaults`` functions of the application and of the endpoint's blueprints add
    to ``values``."""
    scopes: list[str | None] = [None]
    if "." in endpoint:
        scopes += reversed(blueprint_path(endpoint.rpartition(".")[0]))
    for scope in scopes:
        for function in app.url_default_functions.get(scope, ()):
            function(endpoint, values)
