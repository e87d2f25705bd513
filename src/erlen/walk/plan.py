"""The plan of an endpoint: what runs for it, in which order, decided once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ..context.messages import blueprint_path
from ..workers.colours import is_coroutine_function
from .chains import each, first_answer, through
from .desk import desk_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .application import Application
    from .desk import Desk


P = TypeVar("P", bound="Plan")


class Plan:
    """What runs for one endpoint; it belongs to a desk.  The subclasses say where the walk runs,
    and each function is wrapped for that.

    :param endpoint: ``None`` for a request that no rule matched
    :param named: whose hooks run, innermost first, where those are not the endpoint's blueprints
    """

    #: Whose hooks run: ``request`` or ``websocket``.
    kind = "request"
    #: Whether the walk runs on the event loop of the server.
    is_on_loop = False
    #: Whether it is what :func:`~.find.find` looks up.
    is_found = False
    #: Whether a request of the endpoint has used its session.
    uses_session = False

    def __init__(
        self, desk: Desk, app: Application, endpoint: Any, named: tuple[str, ...] | None = None
    ) -> None:
        before, after, teardown = (
            getattr(app, f"{when}_{self.kind}_funcs") for when in ("before", "after", "teardown")
        )
        self.desk = desk
        self.endpoint = endpoint
        #: The steps that somebody replaced: the application's methods are called for them.
        self.overridden: frozenset[str] = desk.overridden
        self.named = named
        name = endpoint.rpartition(".")[0] if isinstance(endpoint, str) else ""
        #: The blueprints whose hooks run, innermost first.
        self.blueprints: Sequence[str] = (
            (blueprint_path(name) if name else ()) if named is None else named
        )
        # Inner blueprints come first on the way out, and last on the way in.
        inward = (None, *reversed(self.blueprints))
        outward = (*self.blueprints, None)
        self.preprocessors: tuple[Any, ...] = tuple(
            f for scope in inward for f in app.url_value_preprocessors.get(scope, ())
        )
        before = [f for s in inward for f in before.get(s, ())]
        after = [f for s in outward for f in reversed(after.get(s, ()))]
        teardown = [f for s in outward for f in reversed(teardown.get(s, ()))]
        self.before: tuple[Any, ...] = self.all_coloured(before, first_answer)
        self.after: tuple[Any, ...] = self.all_coloured(after, through)
        self.teardown: tuple[Any, ...] = self.all_coloured(teardown, each)
        self.app_teardown: tuple[Any, ...] = self.all_coloured(desk.app_teardown, each)
        view: Callable[..., Any] | None = (
            None if endpoint is None else app.view_functions.get(endpoint)
        )
        self.view: Callable[..., Any] | None = None if view is None else self.coloured_view(view)
        #: Whether something that answers is asynchronous, so that on ASGI the walk is on the loop.
        self.is_async: bool = any(
            map(is_coroutine_function, (*before, *after, *([view] if view is not None else ())))
        )
        #: Whether the view reads the body while it comes, in place of having it received first.
        self.streams_body: bool = getattr(view, "streams_request_body", False) is True
        self.walk: Callable[..., Any] = self.compose()

    def coloured(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """``function`` for the place of the walk."""
        raise NotImplementedError

    async def tear_down(self, ctx: Any, error: BaseException | None = None) -> None:
        """The end of a request that a body held, where the walk was; the context is current."""
        raise NotImplementedError

    def coloured_view(self, view: Callable[..., Any]) -> Callable[..., Any]:
        """The same for the view."""
        return self.coloured(view)

    def all_coloured(self, functions: Any, chain: Callable[..., Any]) -> tuple[Any, ...]:
        """The same for several, of which ``chain`` may make one."""
        raise NotImplementedError

    def compose(self) -> Callable[..., Any]:
        """The walk."""
        raise NotImplementedError


def plan_of(
    app: Application,
    desk: Desk,
    endpoint: Any,
    kind: type[P],
    blueprints: tuple[str, ...] | None = None,
) -> P:
    """What runs for an endpoint, made at first use.

    If the application changed since the desk was made, it is the plan of a new desk.

    :param blueprints: whose hooks run, if not those of the endpoint
    """
    key = endpoint, kind, blueprints
    plan: P | None = desk.made.get(key)
    if plan is None:
        plan = kind(desk, app, endpoint, blueprints)
        if app._changes.count != desk.count:
            return plan_of(app, desk_of(app), endpoint, kind, blueprints)
        if blueprints is None:
            if kind.is_found:
                desk.plans[endpoint] = plan
        elif not app.blueprints.keys() >= set(blueprints):
            # A client may have named them: no more is kept than what is there.
            return plan
        desk.made[key] = plan
    return plan


def plan_for(ctx: Any, desk: Desk, kind: type[P]) -> P:
    """The plan of a request as it says by now which rule and whose blueprints are its own."""
    request = ctx.request
    rule = request.url_rule
    blueprints = tuple(request.blueprints) if desk.requests_name_blueprints else None
    return plan_of(ctx.app, desk, None if rule is None else rule.endpoint, kind, blueprints)
