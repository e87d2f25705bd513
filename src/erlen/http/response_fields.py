"""The response headers that have a meaning of their own, read and written as values."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from .auth import WWWAuthenticate
from .caching import ResponseCacheControl, parse_cache_control_header
from .callback_dict import CallbackDict
from .csp import ContentSecurityPolicy, dump_csp_header, parse_csp_header
from .dates import dump_age, http_date, parse_age, parse_date
from .etags import quote_etag, unquote_etag
from .grammar import dump_header, dump_options_header, parse_options_header
from .header_set import HeaderSet, parse_set_header
from .header_value import HeaderValue
from .isolation import COEP, COOP
from .properties import header_property
from .ranges import ContentRange, parse_content_range_header

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime, timedelta

    from .headers import Headers
    from .properties import Attribute


def _set(fields: ResponseFields, name: str, value: Any, dump: Callable[[Any], str] = str) -> None:
    """Write a field: text as it is, another value by ``dump``; what is empty removes it."""
    if value:
        fields.headers[name] = value if isinstance(value, str) else dump(value)
    else:
        fields.headers.pop(name, None)


def _writes(fields: ResponseFields, name: str) -> Callable[[HeaderValue], None]:
    """What a value is given that writes itself back when it is changed."""
    return lambda value: _set(fields, name, value)


def _set_header(name: str, doc: str) -> Attribute[HeaderSet, Iterable[str] | None]:
    """A header that is a set of tokens; changing the set changes the header."""

    def read(self: ResponseFields) -> HeaderSet:
        # Several lines are one list (RFC 9110, 5.3); writing must not lose the others.
        return parse_set_header(", ".join(self.headers.getlist(name)), _writes(self, name))

    return property(read, lambda self, value: _set(self, name, value, dump_header), doc=doc)


def _policy_header(
    name: str, doc: str
) -> Attribute[ContentSecurityPolicy, ContentSecurityPolicy | str | None]:
    """A content security policy; changing the policy changes the header."""

    def read(self: ResponseFields) -> ContentSecurityPolicy:
        return parse_csp_header(self.headers.get(name), _writes(self, name))

    return property(read, lambda self, value: _set(self, name, value, dump_csp_header), doc=doc)


class ResponseFields:
    """Response header fields as values; a mix-in over an object that has ``headers``."""

    if TYPE_CHECKING:

        @property
        def headers(self) -> Headers: ...

    # RFC 9110, sections 8, 10 and 14
    content_type: header_property[str] = header_property[str]("Content-Type")
    content_length: header_property[int] = header_property("Content-Length", None, int, str)
    content_location: header_property[str] = header_property[str]("Content-Location")
    content_encoding: header_property[str] = header_property[str]("Content-Encoding")
    content_md5: header_property[str] = header_property[str]("Content-MD5")
    accept_ranges: header_property[str] = header_property[str]("Accept-Ranges")
    location: header_property[str] = header_property[str]("Location")
    # RFC 9110, sections 6.6.1 and 8.8.2; RFC 9111, sections 5.1 and 5.3
    age: header_property[timedelta] = header_property("Age", None, parse_age, dump_age)
    date: header_property[datetime] = header_property("Date", None, parse_date, http_date)
    expires: header_property[datetime] = header_property("Expires", None, parse_date, http_date)
    last_modified: header_property[datetime] = header_property(
        "Last-Modified", None, parse_date, http_date
    )

    vary: Attribute[HeaderSet, Iterable[str] | None] = _set_header(
        "Vary", "The request headers that chose this answer (RFC 9110, 12.5.5)."
    )
    content_language: Attribute[HeaderSet, Iterable[str] | None] = _set_header(
        "Content-Language", "The languages of the body."
    )
    allow: Attribute[HeaderSet, Iterable[str] | None] = _set_header(
        "Allow", "The methods that the resource knows (RFC 9110, 10.2.1)."
    )

    content_security_policy: Attribute[
        ContentSecurityPolicy, ContentSecurityPolicy | str | None
    ] = _policy_header("Content-Security-Policy", "The content security policy (CSP level 3).")
    content_security_policy_report_only: Attribute[
        ContentSecurityPolicy, ContentSecurityPolicy | str | None
    ] = _policy_header(
        "Content-Security-Policy-Report-Only", "A policy that is reported and not enforced."
    )

    # HTML standard: cross-origin isolation. Fetch standard: CORS protocol.
    cross_origin_opener_policy: header_property[COOP] = header_property(
        "Cross-Origin-Opener-Policy", COOP.UNSAFE_NONE, COOP, str
    )
    cross_origin_embedder_policy: header_property[COEP] = header_property(
        "Cross-Origin-Embedder-Policy", COEP.UNSAFE_NONE, COEP, str
    )
    access_control_allow_headers: header_property[HeaderSet] = header_property(
        "Access-Control-Allow-Headers", None, parse_set_header, dump_header
    )
    access_control_allow_methods: header_property[HeaderSet] = header_property(
        "Access-Control-Allow-Methods", None, parse_set_header, dump_header
    )
    access_control_allow_origin: header_property[str] = header_property[str](
        "Access-Control-Allow-Origin"
    )
    access_control_expose_headers: header_property[HeaderSet] = header_property(
        "Access-Control-Expose-Headers", None, parse_set_header, dump_header
    )
    access_control_max_age: header_property[int] = header_property(
        "Access-Control-Max-Age", None, int, str
    )

    @property
    def access_control_allow_credentials(self) -> bool:
        """Whether a page of another origin may read the answer to a request with credentials."""
        return "Access-Control-Allow-Credentials" in self.headers

    @access_control_allow_credentials.setter
    def access_control_allow_credentials(self, value: bool | None) -> None:
        _set(self, "Access-Control-Allow-Credentials", "true" if value else None)

    @property
    def mimetype(self) -> str | None:
        """The media type without its parameters, or ``None``."""
        content_type = self.headers.get("Content-Type")
        return content_type.split(";", 1)[0].strip() if content_type else None

    @mimetype.setter
    def mimetype(self, value: str) -> None:
        self.headers["Content-Type"] = content_type_for(value)

    @property
    def mimetype_params(self) -> dict[str, str]:
        """The parameters of the media type; changing the dict changes the header."""

        def write(params: CallbackDict[str, str]) -> None:
            self.headers["Content-Type"] = dump_options_header(self.mimetype, params)

        params = parse_options_header(self.headers.get("Content-Type", ""))[1]
        return CallbackDict(params, write)

    @property
    def is_json(self) -> bool:
        """Whether the body is JSON: ``application/json`` or ``application/*+json``."""
        mimetype = self.mimetype
        return mimetype is not None and (
            mimetype == "application/json"
            or (mimetype.startswith("application/") and mimetype.endswith("+json"))
        )

    @property
    def retry_after(self) -> datetime | None:
        """When to ask again; assign seconds, a date or ``None`` (RFC 9110, 10.2.3)."""
        from datetime import datetime, timedelta

        value = self.headers.get("Retry-After")
        if value is None:
            return None
        if value.isascii() and value.isdigit():
            # Ten digits are 317 years; more would overflow a date.
            return datetime.now(UTC) + timedelta(seconds=int(value[:10]))
        return parse_date(value)

    @retry_after.setter
    def retry_after(self, value: datetime | int | str | None) -> None:
        if isinstance(value, int):
            value = str(value)
        _set(self, "Retry-After", value, http_date)

    @property
    def cache_control(self) -> ResponseCacheControl:
        """The ``Cache-Control`` directives; changing them changes the header."""
        # RFC 9110, 5.2: several lines are one list.
        lines = ", ".join(self.headers.getlist("Cache-Control"))
        write = _writes(self, "Cache-Control")
        return parse_cache_control_header(lines, write, ResponseCacheControl)

    def set_etag(self, etag: str, weak: bool = False) -> None:
        """Set the entity tag, given without quotes (RFC 9110, 8.8.3)."""
        self.headers["ETag"] = quote_etag(etag, weak)

    def get_etag(self) -> tuple[str, bool] | tuple[None, None]:
        """The entity tag and whether it is weak, or two ``None``."""
        return unquote_etag(self.headers.get("ETag"))

    @property
    def content_range(self) -> ContentRange:
        """Which part of the whole the body is; changing it changes the header."""
        write = _writes(self, "Content-Range")
        parsed = parse_content_range_header(self.headers.get("Content-Range"), write)
        return ContentRange(None, None, None, on_update=write) if parsed is None else parsed

    @content_range.setter
    def content_range(self, value: ContentRange | str | None) -> None:
        _set(self, "Content-Range", value)

    @property
    def www_authenticate(self) -> WWWAuthenticate:
        """The challenge of a 401 answer; changing it changes the header."""
        parsed = WWWAuthenticate.from_header(self.headers.get("WWW-Authenticate"))
        if parsed is None:
            parsed = WWWAuthenticate("basic")
        parsed._on_update = _writes(self, "WWW-Authenticate")
        return parsed

    @www_authenticate.setter
    def www_authenticate(self, value: WWWAuthenticate | list[WWWAuthenticate] | None) -> None:
        if isinstance(value, list):
            self.headers.setlist("WWW-Authenticate", [item.to_header() for item in value])
            return
        _set(self, "WWW-Authenticate", value)
        if value is not None:
            value._on_update = _writes(self, "WWW-Authenticate")

    @www_authenticate.deleter
    def www_authenticate(self) -> None:
        self.headers.pop("WWW-Authenticate", None)


# Media types outside text/ that are text, and get a charset as text/ does.
_TEXT_TYPES = frozenset(
    {
        "application/ecmascript",
        "application/javascript",
        "application/sql",
        "application/xml",
        "application/xml-dtd",
        "application/xml-external-parsed-entity",
    }
)


def content_type_for(mimetype: str) -> str:
    """The ``Content-Type`` value of a media type: text gets ``; charset=utf-8``.

    >>> content_type_for("text/css")
    'text/css; charset=utf-8'
    >>> content_type_for("application/json")
    'application/json'
    """
    if mimetype.startswith("text/") or mimetype in _TEXT_TYPES or mimetype.endswith("+xml"):
        return mimetype + "; charset=utf-8"
    return mimetype
