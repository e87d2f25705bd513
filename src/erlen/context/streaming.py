"""Bodies that are made while they are sent."""

from __future__ import annotations

from functools import update_wrapper
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, overload

from .contexts import context_var, find_request_context

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from .contexts import RequestContext

P = ParamSpec("P")
T = TypeVar("T")
T_view = TypeVar("T_view", bound="Callable[..., Any]")


@overload
def stream_with_context(generator_or_function: Iterator[T]) -> Iterator[T]: ...


@overload
def stream_with_context(generator_or_function: AsyncIterator[T]) -> AsyncIterator[T]: ...


@overload
def stream_with_context(
    generator_or_function: Callable[P, Iterator[T]],
) -> Callable[P, Iterator[T]]: ...


@overload
def stream_with_context(
    generator_or_function: Callable[P, AsyncIterator[T]],
) -> Callable[P, AsyncIterator[T]]: ...


def stream_with_context(generator_or_function: Any) -> Any:
    """Keep the request active while a generator is sent.

    >>> @app.get("/stream")
    ... def streamed():
    ...     @stream_with_context
    ...     def generate():
    ...         yield f"Hello {request.args['name']}!"
    ...
    ...     return generate()

    :param generator_or_function: an iterator, an async one, or a function that gives one
    :raises RuntimeError: outside of a request
    """
    if hasattr(generator_or_function, "__anext__"):
        return _KeptOpen(generator_or_function)
    try:
        generator = iter(generator_or_function)
    except TypeError:

        def decorator(*args: Any, **kwargs: Any) -> Any:
            return stream_with_context(generator_or_function(*args, **kwargs))

        return update_wrapper(decorator, generator_or_function)

    def keep() -> Iterator[Any]:
        with _request_context() as ctx:
            try:
                # Stop here, with the context pushed, until the body is iterated.
                try:
                    yield None
                except GeneratorExit:
                    if ctx.method == "HEAD":
                        # The answer has no body, which is no error.
                        return
                    raise
                yield from generator
            finally:
                if hasattr(generator, "close"):
                    generator.close()

    kept = keep()
    next(kept)
    return kept


def _request_context() -> RequestContext:
    ctx = find_request_context()
    if ctx is None:
        raise RuntimeError(
            "'stream_with_context' can only be used when a request context is active, such as in a"
            " view function."
        )
    return ctx


class _KeptOpen:
    """An async iterator that holds the request's context until it ends or is closed."""

    def __init__(self, iterator: AsyncIterator[Any]) -> None:
        self._iterator = iterator
        ctx = _request_context()
        ctx.hold()
        self._ctx: RequestContext | None = ctx

    def __aiter__(self) -> _KeptOpen:
        return self

    async def __anext__(self) -> Any:
        # It may be iterated in another context than that of the view.
        token = context_var.set(self._ctx)
        try:
            return await anext(self._iterator)
        except BaseException:
            await self.aclose()
            raise
        finally:
            context_var.reset(token)

    async def aclose(self) -> None:
        """Close the iterator, and let go of the context."""
        ctx, self._ctx = self._ctx, None
        if ctx is None:
            return
        token = context_var.set(ctx)
        try:
            close = getattr(self._iterator, "aclose", None)
            if close is not None:
                await close()
        finally:
            try:
                if ctx.release():
                    await self._tear_down(ctx)
            finally:
                context_var.reset(token)

    async def _tear_down(self, ctx: RequestContext) -> None:
        if ctx.plan is None:
            # Code pushed it, no gateway.
            from ..workers.call import run_in_thread

            await run_in_thread(ctx._tear_down, None)
        else:
            await ctx.plan.tear_down(ctx)


def stream_request_body(view: T_view) -> T_view:
    """Let an async view read the body of its request while it comes.

    >>> @app.put("/files/<name>")
    ... @stream_request_body
    ... async def store(name):
    ...     async for chunk in request.stream:
    ...         await write(name, chunk)

    The body of other async views is received before they are called. A synchronous view reads
    ``request.stream`` as it comes in any case.
    """
    view.streams_request_body = True  # type: ignore[attr-defined]
    return view
