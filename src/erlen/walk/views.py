"""What answers a request, and what is written to the session behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from .plan import Plan


def choose_view(ctx: Any, plan: Plan) -> tuple[Callable[..., Any] | None, dict[str, Any]]:
    """What answers the request, with its arguments; ``None`` is the automatic answer to OPTIONS.

    :raises Exception: what matching found in place of a rule
    """
    request = ctx.made_request
    if request is None:
        rule, values, error, method = ctx.found_rule, ctx.found_values, ctx.found_error, ctx.method
    else:
        rule, values = request.url_rule, request.view_args
        error, method = request.routing_exception, request.method
    if error is not None:
        app = ctx.app
        if app.debug or "raise_routing_exception" in plan.overridden:
            app.raise_routing_exception(ctx.request)
        raise error
    if method == "OPTIONS" and getattr(rule, "provide_automatic_options", False):
        return None, {}
    view = plan.view
    if view is None or rule.endpoint != plan.endpoint:
        # Raises KeyError, naming the endpoint; a hook may have set another rule.
        view = plan.coloured(ctx.app.view_functions[rule.endpoint])
    return view, values or {}


def save_session(ctx: Any, response: Any) -> None:
    """Write the session to the response, unless there is none to write."""
    interface = ctx.app.session_interface
    session = ctx.open_session()
    if not interface.is_null_session(session):
        interface.save_session(ctx.app, session, response)
