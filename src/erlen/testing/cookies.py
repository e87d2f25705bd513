"""The cookies that a test client keeps."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import unquote

from ..http.cookies import dump_cookie, parse_cookie
from ..http.dates import parse_date


class Cookie(NamedTuple):
    """A cookie that a server has set.

    ``origin_only`` is whether it goes to this very host alone; the others are the attributes of
    ``Set-Cookie``.
    """

    key: str
    value: str
    decoded_key: str
    decoded_value: str
    expires: datetime | None
    max_age: int | None
    domain: str
    origin_only: bool
    path: str
    secure: bool | None
    http_only: bool | None
    same_site: str | None

    @classmethod
    def from_header(cls, server_name: str, path: str, header: str) -> Cookie:
        """The cookie of a ``Set-Cookie`` value.

        :param server_name: the host that set it
        :param path: the path of the request
        """
        first, _, rest = header.partition(";")
        key, _, value = first.partition("=")
        decoded_key, decoded_value = next(
            iter(parse_cookie(first).items()), (key.strip(), value.strip())
        )
        attributes: dict[str, Any] = {}
        for item in rest.split(";"):
            name, has_value, text = item.partition("=")
            attributes[name.strip().lower()] = text.strip() if has_value else None
        max_age = attributes.get("max-age")
        domain = attributes.get("domain") or server_name
        text_path = attributes.get("path")
        return cls(
            key=key.strip(),
            value=value.strip(),
            decoded_key=decoded_key,
            decoded_value=decoded_value,
            expires=parse_date(attributes.get("expires")),
            max_age=int(max_age) if max_age is not None and max_age.lstrip("-").isdigit() else None,
            domain=domain.lstrip("."),
            origin_only="domain" not in attributes,
            path=unquote(text_path) if text_path else (path.rpartition("/")[0] or "/"),
            secure="secure" in attributes,
            http_only="httponly" in attributes,
            same_site=attributes.get("samesite"),
        )

    @property
    def storage_key(self) -> tuple[str, str, str]:
        """What identifies it: a cookie with the same one replaces it."""
        return self.domain, self.path, self.decoded_key

    def matches_request(self, server_name: str, path: str) -> bool:
        """Whether it is sent to this host and path (RFC 6265bis, 5.1.3 and 5.1.4)."""
        if server_name != self.domain and (
            self.origin_only or not server_name.endswith(f".{self.domain}")
        ):
            return False
        return path == self.path or path.startswith(f"{self.path.rstrip('/')}/")

    def to_request_header(self) -> str:
        """The pair that is sent."""
        return f"{self.key}={self.value}"

    def should_delete(self) -> bool:
        """Whether the server has ended it."""
        if self.max_age is not None:
            return self.max_age <= 0
        return self.expires is not None and self.expires <= datetime.now(UTC)


class CookieJar(dict[tuple[str, str, str], Cookie]):
    """Keeps cookies as a browser does, by domain, path and name."""

    def put(
        self, key: str, value: str, domain: str, origin_only: bool, path: str, **kwargs: Any
    ) -> None:
        """Keep a cookie, or forget it if the attributes say so."""
        header = dump_cookie(
            key, value, domain=None if origin_only else domain, path=path, max_size=0, **kwargs
        )
        self._take(Cookie.from_header(domain, path, header)._replace(domain=domain))

    def _take(self, cookie: Cookie) -> None:
        if cookie.should_delete():
            self.pop(cookie.storage_key, None)
        else:
            self[cookie.storage_key] = cookie

    def header(self, server_name: str, path: str) -> str:
        """The ``Cookie`` header of a request; the longest paths first."""
        fitting = [c for c in self.values() if c.matches_request(server_name, path)]
        fitting.sort(key=lambda c: -len(c.path))
        return "; ".join(cookie.to_request_header() for cookie in fitting)

    def take(self, headers: list[str], server_name: str, path: str) -> None:
        """Take what the ``Set-Cookie`` headers of an answer say."""
        for header in headers:
            self._take(Cookie.from_header(server_name, path, header))
