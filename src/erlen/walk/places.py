"""The plans of walks on a thread and on a loop: what the place makes of each function."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from ..context.contexts import current_request_context, enter, leave
from ..workers.colours import is_coroutine_function
from . import on_thread
from .on_thread import bridged
from .plan import Plan, plan_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .application import Application


class ThreadPlan(Plan):
    """For a walk on a thread: every request on WSGI, and on ASGI where all is synchronous."""

    is_found = True

    async def tear_down(self, ctx: Any, error: BaseException | None = None) -> None:
        from ..workers.call import run_in_thread
        from .steps_sync import tear_down

        def run() -> None:
            # The Context of its walk, which has left the request.
            token = enter(ctx)
            try:
                tear_down(ctx, self, error)
            finally:
                leave(token)

        await run_in_thread(run, context=ctx.thread_context)

    # PERF: the plan of the loop beside it, so that it is not looked for.
    on_loop: LoopPlan | None = None

    def make_for_loop(self, app: Application) -> LoopPlan:
        """The plan of the same endpoint for a walk on the loop."""
        plan = plan_of(app, self.desk, self.endpoint, LoopPlan, self.named)
        if plan.desk is self.desk:
            self.on_loop = plan
        return plan

    def coloured(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if not self.overridden.isdisjoint({"async_to_sync", "ensure_sync"}):
            return bridged(function)
        return on_thread.coloured(function)

    def all_coloured(self, functions: Any, chain: Callable[..., Any]) -> tuple[Any, ...]:
        return tuple(map(self.coloured, functions))

    def compose(self) -> Callable[..., Any]:
        from . import steps_sync
        from .walk_sync import compose

        return compose(self, steps_sync)


class LoopPlan(Plan):
    """For a walk on the event loop of the server."""

    is_on_loop = True
    before: tuple[Any, ...]

    def coloured(self, function: Callable[..., Any]) -> Callable[..., Any]:
        from .on_loop import coloured

        if "ensure_sync" in self.overridden and not is_coroutine_function(function):
            function = bridged(function)
        return coloured(function)

    def all_coloured(self, functions: Any, chain: Callable[..., Any]) -> tuple[Any, ...]:
        from .on_loop import groups

        return tuple(map(self.coloured, groups(functions, chain)))

    async def tear_down(self, ctx: Any, error: BaseException | None = None) -> None:
        from .steps import tear_down

        await tear_down(ctx, self, error)

    def compose(self) -> Callable[..., Any]:
        from . import steps
        from .walk import compose

        if self.desk.session_is_lazy and self.desk.saves_io:
            self.before = (open_session_on_thread, *self.before)
        return compose(self, steps)


async def open_session_on_thread() -> None:
    """Open the session of the current request before anything on the loop reads it, because that
    may wait for a disk or a network; where requests of the endpoint have used theirs, so that pages
    without sessions do not wait.  What fails is raised where the session is first used."""
    from ..workers.call import Call

    ctx = current_request_context()
    if ctx.opened_session is not None or not ctx.plan.uses_session:
        return
    app = ctx.app
    if app.session_interface.get_cookie_name(app) not in ctx.environ.get("HTTP_COOKIE", ""):
        return
    try:
        await Call(ctx.open_session)
    except Exception as error:
        # Its frames refer to the context, which refers to it.
        error.__traceback__ = None
        ctx.open_session = partial(_raise, error)  # type: ignore[method-assign]


def _raise(error: Exception) -> NoReturn:
    vars(current_request_context()).pop("open_session", None)
    try:
        raise error
    finally:
        del error
