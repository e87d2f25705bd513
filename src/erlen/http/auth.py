"""Credentials and challenges (RFC 9110, section 11; RFC 7617 Basic)."""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Self

from .callback_dict import CallbackDict
from .grammar import dump_header, parse_dict_header, quote_header_value
from .header_value import HeaderValue

# RFC 7616: these Digest parameters are quoted strings.
_DIGEST_QUOTED = frozenset({"realm", "domain", "nonce", "opaque", "qop"})


class _Scheme(HeaderValue):
    """A scheme with a token, or with parameters."""

    if TYPE_CHECKING:
        type: str
        token: str | None
        parameters: dict[str, str | None]

        def __init__(
            self, auth_type: str, data: dict[str, str | None] | None, token: str | None
        ) -> None: ...

    def __getitem__(self, name: str) -> str | None:
        return self.parameters.get(name)

    def get(self, key: str, default: str | None = None) -> str | None:
        """A parameter, or ``default``."""
        return self.parameters.get(key, default)

    def __contains__(self, key: str) -> bool:
        return key in self.parameters

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return (
            other.type == self.type
            and other.token == self.token
            and other.parameters == self.parameters
        )

    @classmethod
    def from_header(cls, value: str | None) -> Self | None:
        """The value of a header, or ``None`` for none: a scheme with a token, or with parameters
        that are read as :func:`~.grammar.parse_dict_header` does."""
        if not value:
            return None
        scheme, _, rest = value.partition(" ")
        rest = rest.strip()
        if "=" in rest.rstrip("="):
            return cls(scheme.lower(), parse_dict_header(rest), None)
        return cls(scheme.lower(), None, rest)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.to_header()}>"


class Authorization(_Scheme):
    """The ``Authorization`` header.

    :param auth_type: the scheme, such as ``"basic"`` or ``"bearer"``
    :param data: the parameters, if the scheme has parameters
    :param token: the token, if it has a token
    """

    def __init__(
        self,
        auth_type: str,
        data: dict[str, str | None] | None = None,
        token: str | None = None,
    ) -> None:
        self.type = auth_type
        self.parameters: dict[str, str | None] = {} if data is None else data
        self.token = token

    def __getattr__(self, name: str) -> str | None:
        # "username", "password", "nonce" …: None without it.
        if name.startswith("__") or name == "parameters":
            raise AttributeError(name)
        return self.parameters.get(name)

    @classmethod
    def from_header(cls, value: str | None) -> Self | None:
        """The credentials of a header: user name and password for Basic, which are base64 of UTF-8
        or ``None``; otherwise a token, or parameters that are read as
        :func:`~.grammar.parse_dict_header` does. ``None`` without a header, too."""
        scheme, _, rest = (value or "").partition(" ")
        if scheme.lower() != "basic":
            return super().from_header(value)
        try:
            raw = a2b_base64(rest.strip(), strict_mode=True)
            username, _, password = raw.decode().partition(":")
        except ValueError:
            # No base64, or no UTF-8.
            return None
        return cls("basic", {"username": username, "password": password})

    def to_header(self) -> str:
        """The credentials as a header value."""
        if self.type == "basic":
            get = self.parameters.get
            raw = f"{get('username')}:{get('password')}".encode()
            return f"Basic {b2a_base64(raw, newline=False).decode('ascii')}"
        if self.token is not None:
            return f"{self.type.title()} {self.token}"
        return f"{self.type.title()} {dump_header(self.parameters)}"


class WWWAuthenticate(_Scheme):
    """The ``WWW-Authenticate`` header: what a client must show.

    :param auth_type: the scheme
    :param values: the parameters
    :param token: the token, for schemes with one
    """

    def __init__(
        self,
        auth_type: str,
        values: dict[str, str | None] | None = None,
        token: str | None = None,
    ) -> None:
        self._type = auth_type.lower()
        self._parameters: CallbackDict[str, str | None] = CallbackDict(
            values, lambda _: self._trigger_on_update()
        )
        self._token = token
        self._on_update: Callable[[WWWAuthenticate], None] | None = None

    def _trigger_on_update(self) -> None:
        if self._on_update is not None:
            self._on_update(self)

    @property
    def type(self) -> str:
        """The scheme."""
        return self._type

    @type.setter
    def type(self, value: str) -> None:
        self._type = value
        self._trigger_on_update()

    @property
    def parameters(self) -> dict[str, str | None]:
        """The parameters; changing them changes the header."""
        return self._parameters

    @parameters.setter
    def parameters(self, value: Mapping[str, str | None]) -> None:
        self._parameters = CallbackDict(value, lambda _: self._trigger_on_update())
        self._trigger_on_update()

    @property
    def token(self) -> str | None:
        """The token."""
        return self._token

    @token.setter
    def token(self, value: str | None) -> None:
        self._token = value
        self._trigger_on_update()

    def __setitem__(self, key: str, value: str | None) -> None:
        if value is None:
            self.parameters.pop(key, None)
        else:
            self.parameters[key] = value

    def __delitem__(self, key: str) -> None:
        if key in self.parameters:
            del self.parameters[key]

    def __getattr__(self, name: str) -> str | None:
        if name.startswith("_"):
            raise AttributeError(name)
        return self[name]

    def __setattr__(self, name: str, value: str | None) -> None:
        if name in {"_type", "_parameters", "_token", "_on_update", "type", "parameters", "token"}:
            super().__setattr__(name, value)
        else:
            self[name] = value

    def __delattr__(self, name: str) -> None:
        del self[name]

    def to_header(self) -> str:
        """The challenge as a header value."""
        if self.token is not None:
            return f"{self.type.title()} {self.token}"
        if self.type == "digest":
            items = [
                f"{key}={quote_header_value(value, allow_token=key not in _DIGEST_QUOTED)}"
                for key, value in self.parameters.items()
            ]
            return f"Digest {', '.join(items)}".rstrip()
        return f"{self.type.title()} {dump_header(self.parameters)}".rstrip()
