"""What a context keeps for a client, whatever keeps it from one request to the next."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any


class SessionMixin(MutableMapping[str, Any]):
    """A dictionary with the state of a session."""

    #: Whether the client has no session yet.
    new = False
    #: Whether it was changed; set it after changing an object inside of it.
    modified = True
    #: Whether it was read or written, so that the answer depends on the cookie.
    accessed = True

    @property
    def permanent(self) -> bool:
        """Whether it outlives the browser, for ``PERMANENT_SESSION_LIFETIME``."""
        return bool(self.get("_permanent", False))

    @permanent.setter
    def permanent(self, value: bool) -> None:
        self["_permanent"] = bool(value)

    def regenerate(self) -> None:
        """Give the session a new id: call it at log-in, so that an id that somebody planted
        before is worth nothing.

        :raises NotImplementedError: if this class does not say how
        """
        cls = type(self).__name__
        raise NotImplementedError(
            f"{cls} does not say how it gets a new id. Write {cls}.regenerate(), or set"
            " app.session_interface = ServerSideSessionInterface(store), from"
            " erlen.sessions.server_side."
        )
