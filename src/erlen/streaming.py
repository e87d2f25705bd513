"""Bodies that are made while they are sent."""

from __future__ import annotations

from functools import update_wrapper
from typing import TYPE_CHECKING, Any, overload

from .context import _cv_context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@overload
def stream_with_context(generator_or_function: Iterator[Any]) -> Iterator[Any]: ...


@overload
def stream_with_context(
    generator_or_function: Callable[..., Iterator[Any]],
) -> Callable[..., Iterator[Any]]: ...


def stream_with_context(generator_or_function: Any) -> Any:
    """Keep the request active while a generator is sent.

    >>> @app.get("/stream")
    ... def streamed():
    ...     @stream_with_context
    ...     def generate():
    ...         yield f"Hello {request.args['name']}!"
    ...
    ...     return generate()

    :param generator_or_function: an iterator, or a function that gives one
    :raises RuntimeError: outside of a request
    """
    try:
        generator = iter(generator_or_function)
    except TypeError:

        def decorator(*args: Any, **kwargs: Any) -> Any:
            return stream_with_context(generator_or_function(*args, **kwargs))

        return update_wrapper(decorator, generator_or_function)

    def keep() -> Iterator[Any]:
        current = _cv_context.get(None)
        ctx = None if current is None else current._request_ctx
        if ctx is None:
            raise RuntimeError(
                "'stream_with_context' can only be used when a request context is active, such"
                " as in a view function."
            )
        with ctx:
            # Stop here, with the context pushed, until the body is iterated.
            yield None
            try:
                yield from generator
            finally:
                if hasattr(generator, "close"):
                    generator.close()

    kept = keep()
    next(kept)
    return kept
