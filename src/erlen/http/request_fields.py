"""The request headers that have a meaning of their own, each parsed on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from .accept import Accept as EncodingAccept
from .accept import CharsetAccept, LanguageAccept, MIMEAccept, parse_accept_header
from .auth import Authorization
from .caching import RequestCacheControl, parse_cache_control_header
from .dates import parse_date
from .etags import ETags, parse_etags
from .grammar import digits, parse_list_header, parse_options_header
from .header_set import HeaderSet, parse_set_header
from .properties import cached_property, header_property
from .ranges import IfRange, Range, parse_if_range_header, parse_range_header
from .user_agent import UserAgent

if TYPE_CHECKING:
    from datetime import datetime

    from .headers import Headers


class RequestFields:
    """Request header fields as values; a mix-in over an object that has ``headers``.

    A missing or malformed field is ``None``, an empty collection or an unset value, as each
    property says: reading a header never raises.
    """

    if TYPE_CHECKING:

        @property
        def headers(self) -> Headers: ...

    user_agent_class: ClassVar[type[UserAgent]] = UserAgent

    # RFC 9110, sections 8 and 10
    content_type: header_property[str] = header_property[str]("Content-Type", read_only=True)
    content_encoding: header_property[str] = header_property[str](
        "Content-Encoding", read_only=True
    )
    content_md5: header_property[str] = header_property[str]("Content-MD5", read_only=True)
    referrer: header_property[str] = header_property[str]("Referer", read_only=True)
    date: header_property[datetime] = header_property("Date", None, parse_date, read_only=True)
    max_forwards: header_property[int] = header_property(
        "Max-Forwards", None, digits, read_only=True
    )

    # Fetch standard: CORS protocol
    origin: header_property[str] = header_property[str]("Origin", read_only=True)
    access_control_request_headers: header_property[HeaderSet] = header_property(
        "Access-Control-Request-Headers", load_func=parse_set_header, read_only=True
    )
    access_control_request_method: header_property[str] = header_property[str](
        "Access-Control-Request-Method", read_only=True
    )

    @cached_property
    def _parsed_content_type(self) -> tuple[str, dict[str, str]]:
        return parse_options_header(self.headers.get("Content-Type", ""))

    @property
    def mimetype(self) -> str:
        """The media type without its parameters, in lower case; ``""`` if there is none."""
        return self._parsed_content_type[0].lower()

    @property
    def mimetype_params(self) -> dict[str, str]:
        """The parameters of the media type: ``text/html; charset=utf-8`` gives
        ``{"charset": "utf-8"}``."""
        return self._parsed_content_type[1]

    @property
    def is_json(self) -> bool:
        """Whether the body claims to be JSON: ``application/json`` or ``application/*+json``."""
        mimetype = self.mimetype
        return mimetype == "application/json" or (
            mimetype.startswith("application/") and mimetype.endswith("+json")
        )

    @cached_property
    def pragma(self) -> HeaderSet:
        """The ``Pragma`` directives (obsolete; RFC 9111, section 5.4)."""
        return parse_set_header(self.headers.get("Pragma", ""))

    @cached_property
    def accept_mimetypes(self) -> MIMEAccept:
        """Media types that the client takes, best first (RFC 9110, section 12.5.1)."""
        return parse_accept_header(self.headers.get("Accept"), MIMEAccept)

    @cached_property
    def accept_charsets(self) -> CharsetAccept:
        """Character sets that the client takes (RFC 9110, section 12.5.2)."""
        return parse_accept_header(self.headers.get("Accept-Charset"), CharsetAccept)

    @cached_property
    def accept_encodings(self) -> EncodingAccept:
        """Content codings that the client takes (RFC 9110, section 12.5.3)."""
        return parse_accept_header(self.headers.get("Accept-Encoding"))

    @cached_property
    def accept_languages(self) -> LanguageAccept:
        """Languages that the client takes (RFC 9110, section 12.5.4)."""
        return parse_accept_header(self.headers.get("Accept-Language"), LanguageAccept)

    @cached_property
    def cache_control(self) -> RequestCacheControl:
        """The ``Cache-Control`` directives of the client (RFC 9111, section 5.2.1)."""
        return parse_cache_control_header(
            self.headers.get("Cache-Control"), None, RequestCacheControl
        )

    @cached_property
    def if_match(self) -> ETags:
        """The entity tags of ``If-Match`` (RFC 9110, section 13.1.1)."""
        return parse_etags(self.headers.get("If-Match"))

    @cached_property
    def if_none_match(self) -> ETags:
        """The entity tags of ``If-None-Match`` (RFC 9110, section 13.1.2)."""
        return parse_etags(self.headers.get("If-None-Match"))

    @cached_property
    def if_modified_since(self) -> datetime | None:
        """The date of ``If-Modified-Since`` in UTC, or ``None`` (RFC 9110, section 13.1.3)."""
        return parse_date(self.headers.get("If-Modified-Since"))

    @cached_property
    def if_unmodified_since(self) -> datetime | None:
        """The date of ``If-Unmodified-Since`` in UTC, or ``None`` (RFC 9110, section 13.1.4)."""
        return parse_date(self.headers.get("If-Unmodified-Since"))

    @cached_property
    def if_range(self) -> IfRange:
        """The condition on a range (RFC 9110, section 13.1.5)."""
        return parse_if_range_header(self.headers.get("If-Range"))

    @property
    def range(self) -> Range | None:
        """The ranges asked for, or ``None`` (RFC 9110, section 14.2)."""
        return parse_range_header(self.headers.get("Range"))

    @cached_property
    def user_agent(self) -> UserAgent:
        """The ``User-Agent`` header; the text is in ``user_agent.string``."""
        return self.user_agent_class(self.headers.get("User-Agent", ""))

    @cached_property
    def authorization(self) -> Authorization | None:
        """The credentials of the client, or ``None`` (RFC 9110, section 11.6.2)."""
        return Authorization.from_header(self.headers.get("Authorization"))

    def _forwarded_addresses(self) -> list[str] | None:
        forwarded = self.headers.get("X-Forwarded-For")
        return None if forwarded is None else parse_list_header(forwarded)
