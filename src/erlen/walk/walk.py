"""The walk: what happens to one request behind its match, from the context to the response.

It is written here, once, as a coroutine; ``tools/to_sync.py`` makes ``walk_sync.py`` of it: the
same lines without ``async`` and ``await``.  Whatever is awaited has been wrapped for the place of
the walk by the plan.  The order is that of Flask's documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..context.contexts import PRESERVE, current_context_or, enter, leave
from ..http.encoding import encoded, encoded_pairs, length_pair
from ..http.response import response_of_text
from ..http.status import STATUS_LINES
from ..signals import (
    appcontext_popped,
    appcontext_pushed,
    appcontext_tearing_down,
    request_finished,
    request_started,
    request_tearing_down,
)
from ..workers.exits import contained
from .first_piece import watch_first_piece
from .on_loop import GONE, call
from .respond import plain_content

if TYPE_CHECKING:
    from collections.abc import Callable

    from .plan import Plan


def compose(plan: Plan, steps: Any) -> Callable[..., Any]:
    """The walk of one endpoint.

    :param steps: the functions that it calls for what is no function of the application's
    """
    desk, overridden = plan.desk, plan.overridden
    # None: the method calls them.
    planned = None if "preprocess_request" in overridden else plan.before
    after, view = plan.after, plan.view
    is_request = plan.kind == "request"
    preprocesses = bool(plan.preprocessors) or not is_request
    is_whole = "full_dispatch_request" in overridden
    whole_takes_context = "full_dispatch_request" in desk.given_context
    preprocess_takes_context = "preprocess_request" in desk.given_context
    asks_finish = not overridden.isdisjoint({"finalize_request", "process_response"})
    if "dispatch_request" in overridden:
        view = None
    # PERF: what respond() comes to for the class's own, and for text.
    responds_plainly = desk.text_pair is not None and "make_response" not in overridden
    response_class = desk.response_class
    writes_plainly = responds_plainly and is_request and not (after or asks_finish)
    text_pair = desk.text_pair if writes_plainly else None
    enters_plainly = "app_context" not in overridden
    ends_plainly = desk.ends_plainly and enters_plainly and not (plan.teardown or plan.app_teardown)

    closed_plainly = desk.closed_plainly if is_request else None

    async def walk(ctx: Any, source: Any, start: Any, send: Any = None) -> Any:
        error: BaseException | None = None
        content: Any = None
        answer: Any = None
        response: Any = None
        request: Any = None
        try:
            try:
                if (
                    enters_plainly
                    and current_context_or(None) is None
                    and not appcontext_pushed.receivers
                ):
                    # PERF: what open_context() does where no context is around this one.
                    ctx.request_context = ctx
                    ctx.tokens = [enter(ctx)]
                else:
                    await steps.open_context(ctx)
                if is_whole:
                    if whole_takes_context:
                        response = await call(ctx.app.full_dispatch_request, ctx)
                    else:
                        response = await call(ctx.app.full_dispatch_request)
                else:
                    try:
                        before = planned
                        if request_started.receivers and is_request:
                            await steps.tell(ctx, request_started)
                            request = ctx.made_request
                            if request is not None and request.url_rule is not ctx.found_rule:
                                before = None
                        rv = None
                        if before is None:
                            if preprocess_takes_context:
                                rv = await call(ctx.app.preprocess_request, ctx)
                            else:
                                rv = await call(ctx.app.preprocess_request)
                        elif preprocesses:
                            await steps.preprocess(ctx, plan)
                        if before:
                            for hook in before:
                                rv = await hook()
                                if rv is not None:
                                    break
                        if rv is not None:
                            pass
                        elif (
                            view is None
                            or ctx.method == "OPTIONS"
                            # A hook may have put something else into the request.
                            or (
                                (request := ctx.made_request) is not None
                                and (
                                    request.url_rule is not ctx.found_rule
                                    or request.view_args is not ctx.found_values
                                    or request.routing_exception is not None
                                    or request.method != ctx.method
                                )
                            )
                        ):
                            rv = await steps.choose(ctx, plan)
                        elif ctx.found_values:
                            rv = await view(**ctx.found_values)
                        else:
                            rv = await view()
                    except Exception as raised:
                        rv = await steps.handle(ctx, plan, raised)
                    request = ctx.made_request
                    if (
                        text_pair is not None
                        and (request is None or request.url_rule is ctx.found_rule)
                        and ctx.opened_session is None
                        and not ctx.has_cookie
                        and not ctx.after_request_functions
                        and not request_finished.receivers
                        and ctx.method != "HEAD"
                    ):
                        # PERF: nobody sees the response, so that none is made.
                        if rv.__class__ is str:
                            content = text_pair, rv.encode(), 200
                        else:
                            content = plain_content(ctx.app, desk, rv)
                            request = ctx.made_request
                    if content is None:
                        if asks_finish:
                            response = await steps.finish(ctx, plan, rv)
                        else:
                            if responds_plainly and rv.__class__ is response_class:
                                response = rv
                            elif responds_plainly and rv.__class__ is str:
                                response = response_of_text(response_class, rv)
                            else:
                                response = await steps.respond(ctx, plan, rv)
                            # An error that is its own answer must not be kept by its own frame.
                            rv = None
                            for function in ctx.after_request_functions:
                                response = await plan.coloured(function)(response)
                            hooks, request = after, ctx.made_request
                            if request is not None and request.url_rule is not ctx.found_rule:
                                hooks = steps.plan_now(ctx, plan).after
                            for hook in hooks:
                                response = await hook(response)
                            if ctx.opened_session is not None or ctx.has_cookie:
                                response = await steps.save(ctx, plan, response)
                            ctx.is_answered = True
                            if request_finished.receivers and is_request:
                                await steps.tell(ctx, request_finished, response=response)
                    rv = None
            except ctx.caught as raised:
                error = contained(raised)
                content = rv = None
                response = await steps.unhandled(ctx, plan, error)
            if content is None:
                try:
                    answer = ctx.write(response) if start is None else response(ctx.environ, start)
                    if is_request and response._body is None:
                        answer = watch_first_piece(ctx, answer, start)
                except Exception as raised:
                    # No server could send it.
                    error = raised
                    response = await steps.unhandled(ctx, plan, raised)
                    answer = ctx.write(response) if start is None else response(ctx.environ, start)
                request = ctx.made_request
            elif start is not None:
                # In the context: what stands before the server may look at the request.
                pair, body, code = content
                answer = [body]
                try:
                    start(STATUS_LINES[code], [pair, ("Content-Length", str(len(body)))])
                except Exception as raised:
                    error = raised
                    response = await steps.unhandled(ctx, plan, raised)
                    answer = response(ctx.environ, start)
                request = ctx.made_request
        except GONE as raised:
            # Nobody is left to answer.
            error = raised
        except BaseException as raised:
            error = raised
            ctx.close_receiver()
            raise
        finally:
            if (
                error is None
                and ends_plainly
                and (
                    request is None
                    or (
                        request.__class__ is closed_plainly
                        and request.url_rule is ctx.found_rule
                        and not request.__dict__.get("files")
                    )
                )
                and len(ctx.tokens) == 1
                and ctx is current_context_or(None)
                and not request_tearing_down.receivers
                and not appcontext_tearing_down.receivers
                and not appcontext_popped.receivers
                and ctx.set_on_loop is None
                and PRESERVE not in source
            ):
                # PERF: what end() does where nobody is to be told, and no file to be closed.
                leave(ctx.tokens.pop())
                ctx.request_context = None
                if request is not None:
                    # The environment must not keep the request alive, nor the request itself.
                    request.environ["werkzeug.request"] = None
            else:
                try:
                    await steps.end(ctx, plan, source, answer, error)
                except BaseException:
                    ctx.close_receiver()
                    raise
            response = error = None
        if send is None:
            if start is not None or content is None:
                return answer
            pair, body, code = content
            return code, [pair, ("Content-Length", str(len(body)))], [body]
        try:
            if content is not None:
                # PERF: without the coroutine that a call would be.
                pair, body, code = content
                headers = [encoded_pairs.get(pair) or encoded(pair), length_pair(len(body))]
                await send({"type": "http.response.start", "status": code, "headers": headers})
                await send({"type": "http.response.body", "body": body})
            elif answer is not None:
                await ctx.send(answer, send)
        finally:
            if ctx.is_watched:
                ctx.close_receiver()

    return walk
