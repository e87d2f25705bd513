"""The plan of a request: by path and method alone, or with all that may look at the request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..http.hosts import check_host, host_is_trusted, known_hosts
from ..http.request import path_of
from .desk import desk_of
from .plan import ThreadPlan

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
    ctx._method = method
    if not (host in known_hosts or check_host(host)):
        return None
    if desk.trusted_hosts is not None:
        name = host if isinstance(host, str) else host.decode("latin-1")
        if not host_is_trusted(name, desk.trusted_hosts):
            # The URL adapter refuses it, or knows the server's own name where there is no header.
            return None
    url_map = app.url_map
    if not url_map._remap:
        rules = url_map._static.get(path)
        if rules is not None:
            rule = rules.get(method)
            if rule is not None:
                ctx._rule = rule
                if rule.defaults:
                    ctx._values = dict(rule.defaults)
                return desk.plans.get(rule.endpoint) or desk.plan(app, rule.endpoint)
    ctx._method = method = method.upper()
    found = url_map.lookup(path_of(path), method) if path else None
    if found.__class__ is tuple:
        rule, ctx._values = found  # pyright: ignore[reportGeneralTypeIssues]
        ctx._rule = rule
        return desk.plans.get(rule.endpoint) or desk.plan(app, rule.endpoint)
    if found is not None:
        ctx._routing_exception = found
        return desk.plan(app, None)
    return None


def seek(app: Application, ctx: Any, kind: type[Plan] = ThreadPlan) -> Plan:
    """The plan of any request.  The context is entered, for the walk to go on with.

    What fails is answered by the walk as an error that nobody handled.
    """
    ctx.enter()
    try:
        if not app._got_first_request:
            app._begin()
        ctx.prepare()
        request = ctx.request
        ctx._method = request.method
        rule = request.url_rule
        plan = desk_of(app).plan(app, None if rule is None else rule.endpoint, kind)
    except Exception as error:
        ctx._failure = error
        plan = desk_of(app).plan(app, None, kind)
    except BaseException:
        ctx._leave()
        raise
    ctx._plan = plan
    return plan
