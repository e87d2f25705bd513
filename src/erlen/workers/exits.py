"""``SystemExit`` and ``KeyboardInterrupt`` in the code of one request.

asyncio ends a loop by them, with all that others do there.
"""

from __future__ import annotations

#: What ends an event loop that one of its tasks raises it on.
EXITS = (SystemExit, KeyboardInterrupt)


class ExitInRequest(RuntimeError):
    """Stands for an exit that was raised in a request, which it ends, and not the server."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(
            f"{error!r} was raised while a request was served. On an event loop it ends that"
            " request alone: abort() answers with an error, and SIGTERM to the process stops the"
            " server."
        )
        self.__cause__: BaseException = error


def contained(error: BaseException) -> BaseException:
    """``error``, or what stands for it where it would end the loop."""
    return ExitInRequest(error) if isinstance(error, EXITS) else error
