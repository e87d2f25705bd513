"""A response body as a file to write to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .headers import Headers


class Writable(Protocol):
    """What is needed of a response."""

    response: Any

    @property
    def headers(self) -> Headers: ...
    def iter_encoded(self) -> Iterator[bytes]: ...
    def _ensure_sequence(self, mutable: bool = False) -> None: ...


class ResponseStream:
    """Appends what is written to the body of a response."""

    mode = "wb+"

    def __init__(self, response: Writable) -> None:
        self.response = response
        self.closed: bool = False

    def write(self, value: bytes | str) -> int:
        """Append to the body; returns the number of bytes or characters.

        :raises ValueError: after :meth:`close`
        """
        if self.closed:
            raise ValueError("The response stream is closed; write before closing it.")
        self.response._ensure_sequence(mutable=True)
        self.response.response.append(value)
        self.response.headers.pop("Content-Length", None)
        return len(value)

    def writelines(self, lines: Iterable[bytes | str]) -> None:
        """Append each of ``lines``."""
        for line in lines:
            self.write(line)

    def close(self) -> None:
        """Refuse further writing."""
        self.closed = True

    def flush(self) -> None:
        """Nothing to do: the body is in memory."""
        if self.closed:
            raise ValueError("The response stream is closed.")

    def isatty(self) -> bool:
        """Never a terminal."""
        return False

    def tell(self) -> int:
        """The length of the body so far, in bytes."""
        self.response._ensure_sequence()
        return sum(map(len, self.response.iter_encoded()))

    @property
    def encoding(self) -> str:
        """Text is written as UTF-8."""
        return "utf-8"
