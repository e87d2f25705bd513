"""The ``User-Agent`` header."""

from __future__ import annotations

from .header_value import HeaderValue


class UserAgent(HeaderValue):
    """The text that a client says of itself; the other attributes are for subclasses that parse
    it, set as ``Request.user_agent_class``.

    :param string: the header's value
    """

    platform: str | None = None
    browser: str | None = None
    version: str | None = None
    language: str | None = None

    def __init__(self, string: str) -> None:
        self.string = string

    def to_header(self) -> str:
        """The header's value."""
        return self.string

    def __bool__(self) -> bool:
        return bool(self.browser)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.browser}/{self.version}>"
