"""Functions that Werkzeug gives another signature than Erlen does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from erlen.http.conditional import is_resource_modified as _is_modified
from erlen.http.cookies import parse_cookie
from erlen.http.hosts import get_current_url as _get_url
from erlen.http.multidict import MultiDict
from erlen.http.request import decode_wsgi
from erlen.http.response_fields import content_type_for
from erlen.http.streams import get_content_length as _get_length

if TYPE_CHECKING:
    from datetime import datetime


def parse_environ_cookie(
    header: dict[str, Any] | str | None, cls: type[MultiDict[str, str]] | None = None
) -> MultiDict[str, str]:
    """:func:`erlen.http.cookies.parse_cookie`, of the header or of a WSGI environment."""
    text: str | None = header.get("HTTP_COOKIE") if isinstance(header, dict) else header
    return parse_cookie(text, cls or MultiDict)


def get_path_info(environ: dict[str, Any]) -> str:
    """The path of a request below the application's root, decoded."""
    return decode_wsgi(environ.get("PATH_INFO", ""))


def get_content_type(mimetype: str, charset: str) -> str:
    """The ``Content-Type`` of a media type: text gets the charset."""
    return content_type_for(mimetype).replace("utf-8", charset)


def get_content_length(
    http_content_length: str | None = None, http_transfer_encoding: str | None = None
) -> int | None:
    """The announced length of a body, from the values of its two headers."""
    environ = {"HTTP_TRANSFER_ENCODING": http_transfer_encoding or ""}
    if http_content_length is not None:
        environ["CONTENT_LENGTH"] = http_content_length
    return _get_length(environ)


def get_current_url(
    scheme: str,
    host: str,
    root_path: str | None = None,
    path: str | None = None,
    query_string: bytes | None = None,
) -> str:
    """:func:`erlen.http.hosts.get_current_url`, of the parts; it ends before one that is
    ``None``."""
    environ = {
        "wsgi.url_scheme": scheme,
        "HTTP_HOST": host,
        "SCRIPT_NAME": (root_path or "").encode().decode("latin-1"),
        "PATH_INFO": (path or "").encode().decode("latin-1"),
        "QUERY_STRING": (query_string or b"").decode("latin-1"),
    }
    return _get_url(
        environ,
        root_only=path is None,
        strip_querystring=query_string is None,
        host_only=root_path is None,
    )


def is_resource_modified(
    http_range: str | None = None,
    http_if_range: str | None = None,
    http_if_modified_since: str | None = None,
    http_if_none_match: str | None = None,
    http_if_match: str | None = None,
    etag: str | None = None,
    data: bytes | None = None,
    last_modified: datetime | str | None = None,
    ignore_if_range: bool = True,
) -> bool:
    """:func:`erlen.http.conditional.is_resource_modified`, of the values of the headers."""
    environ = {
        "REQUEST_METHOD": "GET",
        "HTTP_RANGE": http_range,
        "HTTP_IF_RANGE": http_if_range,
        "HTTP_IF_MODIFIED_SINCE": http_if_modified_since,
        "HTTP_IF_NONE_MATCH": http_if_none_match,
        "HTTP_IF_MATCH": http_if_match,
    }
    present = {key: value for key, value in environ.items() if value is not None}
    return _is_modified(present, etag, data, last_modified, ignore_if_range)
