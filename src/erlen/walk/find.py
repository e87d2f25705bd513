"""The plan of a request: by path and method alone, or with all that may look at the request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..context.contexts import NOT_MADE
from ..http.exceptions import BadHost
from ..http.hosts import check_host, host_is_trusted, known_hosts
from ..http.request import path_of
from .desk import desk_of
from .places import ThreadPlan
from .plan import plan_for, plan_of

if TYPE_CHECKING:
    from .application import Application
    from .desk import Desk
    from .plan import Plan


def find(
    app: Application, desk: Desk, ctx: Any, path: str, method: str, host: str | bytes
) -> ThreadPlan | None:
    """The plan of a request that path and method alone tell; ``None`` for any other.

    PERF: goes past the URL adapter, which would find the same rule, and needs no request object.

    :param path: the path as the server hands it over
    :param host: the ``Host`` header, empty without one
    """
    ctx.method = method
    if not (host in known_hosts or (host and check_host(host))):
        return None
    if desk.trusted_hosts is not None:
        name = host if isinstance(host, str) else host.decode("latin-1")
        if not host_is_trusted(name, desk.trusted_hosts):
            # The URL adapter refuses it, or knows the server's own name where there is no header.
            return None
    url_map = app.url_map
    rules = None if url_map._remap else url_map.static_rules.get(path)
    rule = None if rules is None else rules.get(method)
    if rule is not None:
        if rule.defaults:
            ctx.found_values = dict(rule.defaults)
    else:
        ctx.method = method = method.upper()
        found = url_map.lookup(path_of(path), method) if path else None
        if found is None:
            return None
        if found.__class__ is tuple:
            rule, ctx.found_values = found  # pyright: ignore[reportGeneralTypeIssues]
        else:
            ctx.found_error = found
    ctx.found_rule = rule
    endpoint = None if rule is None else rule.endpoint
    return desk.plans.get(endpoint) or plan_of(app, desk, endpoint, ThreadPlan)


def seek(app: Application, ctx: Any, kind: type[Plan] = ThreadPlan) -> Plan:
    """The plan of any request.  The context is entered, for the walk to go on with.

    What fails is raised by the walk.
    """
    ctx.enter()
    try:
        if not app._got_first_request:
            app._begin()
        ctx.prepare()
        request = ctx.request
        ctx.method = request.method
        environ = ctx.environ
        if not environ.get("HTTP_HOST") and environ.get("SERVER_PROTOCOL") == "HTTP/1.1":
            # RFC 9112, section 3.2; and no http URL is without one (RFC 9110, section 4.2.1), as
            # what a server makes an empty header of.
            request.routing_exception = BadHost("A request by HTTP/1.1 must have a Host header.")
        desk = desk_of(app)
        # With names of its own, the request is asked for them at each step.
        ctx.found_rule = NOT_MADE if desk.requests_name_blueprints else request.url_rule
        plan = plan_for(ctx, desk, kind)
    except BaseException as error:
        ctx.failure = error
        plan = plan_of(app, desk_of(app), None, kind)
    ctx.plan = plan
    return plan
