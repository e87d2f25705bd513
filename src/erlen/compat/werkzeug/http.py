"""The names of ``werkzeug.http``."""

from __future__ import annotations

from erlen.http.accept import parse_accept_header
from erlen.http.caching import parse_cache_control_header
from erlen.http.conditional import (
    is_entity_header,
    is_hop_by_hop_header,
    is_resource_modified,
    remove_entity_headers,
    remove_hop_by_hop_headers,
)
from erlen.http.cookies import dump_cookie
from erlen.http.csp import dump_csp_header, parse_csp_header
from erlen.http.dates import dump_age, http_date, parse_age, parse_date
from erlen.http.etags import generate_etag, parse_etags, quote_etag, unquote_etag
from erlen.http.grammar import (
    dump_header,
    dump_options_header,
    parse_dict_header,
    parse_list_header,
    parse_options_header,
    quote_header_value,
    unquote_header_value,
)
from erlen.http.header_set import parse_set_header
from erlen.http.isolation import COEP, COOP
from erlen.http.ranges import (
    is_byte_range_valid,
    parse_content_range_header,
    parse_if_range_header,
    parse_range_header,
)
from erlen.http.status import HTTP_STATUS_CODES

from ..environment import parse_environ_cookie as parse_cookie

__all__ = [
    "COEP",
    "COOP",
    "HTTP_STATUS_CODES",
    "dump_age",
    "dump_cookie",
    "dump_csp_header",
    "dump_header",
    "dump_options_header",
    "generate_etag",
    "http_date",
    "is_byte_range_valid",
    "is_entity_header",
    "is_hop_by_hop_header",
    "is_resource_modified",
    "parse_accept_header",
    "parse_age",
    "parse_cache_control_header",
    "parse_content_range_header",
    "parse_cookie",
    "parse_csp_header",
    "parse_date",
    "parse_dict_header",
    "parse_etags",
    "parse_if_range_header",
    "parse_list_header",
    "parse_options_header",
    "parse_range_header",
    "parse_set_header",
    "quote_etag",
    "quote_header_value",
    "remove_entity_headers",
    "remove_hop_by_hop_headers",
    "unquote_etag",
    "unquote_header_value",
]
