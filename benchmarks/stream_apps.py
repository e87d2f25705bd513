"""An application that streams as many bytes as the path says, in pieces of 64 kB."""

from __future__ import annotations

from typing import Any

PIECE = 64 << 10


def piece(number: int) -> bytes:
    """A piece of its own: one that is shared would take no memory where it waits."""
    return b"%016d" % number * (PIECE // 16)


def erlen() -> Any:
    """Erlen, by generators of both kinds."""
    import erlen

    app = erlen.Erlen(__name__)

    def pieces(count: int) -> Any:
        for number in range(count):
            yield piece(number)

    async def async_pieces(count: int) -> Any:
        for number in range(count):
            yield piece(number)

    @app.route("/<int:size>")
    def stream(size: int) -> Any:
        return erlen.Response(pieces(size // PIECE))

    @app.route("/async/<int:size>")
    async def async_stream(size: int) -> Any:
        return erlen.Response(async_pieces(size // PIECE))

    return app
