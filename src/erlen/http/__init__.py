"""HTTP by itself: data structures, headers, cookies, URLs, forms, requests and responses.

>>> from erlen.http import Accept, Headers, MultiDict

Nothing here knows of an application.  What a module gives is imported when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .accept import Accept as Accept
    from .accept import CharsetAccept as CharsetAccept
    from .accept import LanguageAccept as LanguageAccept
    from .accept import MIMEAccept as MIMEAccept
    from .accept import parse_accept_header as parse_accept_header
    from .auth import *  # noqa: F403
    from .caching import RequestCacheControl as RequestCacheControl
    from .caching import ResponseCacheControl as ResponseCacheControl
    from .caching import parse_cache_control_header as parse_cache_control_header
    from .callback_dict import CallbackDict as CallbackDict
    from .conditional import is_resource_modified as is_resource_modified
    from .cookies import dump_cookie as dump_cookie
    from .cookies import parse_cookie as parse_cookie
    from .csp import ContentSecurityPolicy as ContentSecurityPolicy
    from .csp import dump_csp_header as dump_csp_header
    from .csp import parse_csp_header as parse_csp_header
    from .dates import *  # noqa: F403
    from .etags import *  # noqa: F403
    from .exceptions import *  # noqa: F403
    from .files import *  # noqa: F403
    from .forms import FormDataParser as FormDataParser
    from .forms import parse_form_data as parse_form_data
    from .grammar import dump_header as dump_header
    from .grammar import dump_options_header as dump_options_header
    from .grammar import parse_dict_header as parse_dict_header
    from .grammar import parse_list_header as parse_list_header
    from .grammar import parse_options_header as parse_options_header
    from .grammar import quote_header_value as quote_header_value
    from .grammar import unquote_header_value as unquote_header_value
    from .header_set import *  # noqa: F403
    from .headers import EnvironHeaders as EnvironHeaders
    from .headers import Headers as Headers
    from .immutable import ImmutableDict as ImmutableDict
    from .immutable import ImmutableList as ImmutableList
    from .multidict import CombinedMultiDict as CombinedMultiDict
    from .multidict import ImmutableMultiDict as ImmutableMultiDict
    from .multidict import MultiDict as MultiDict
    from .multidict import TypeConversionDict as TypeConversionDict
    from .ranges import ContentRange as ContentRange
    from .ranges import IfRange as IfRange
    from .ranges import Range as Range
    from .ranges import parse_content_range_header as parse_content_range_header
    from .ranges import parse_if_range_header as parse_if_range_header
    from .ranges import parse_range_header as parse_range_header
    from .request import Request as Request
    from .response import Response as Response
    from .status import HTTP_STATUS_CODES as HTTP_STATUS_CODES
    from .urls import dump_query as dump_query
    from .urls import iri_to_uri as iri_to_uri
    from .urls import parse_query as parse_query
    from .urls import uri_to_iri as uri_to_iri
    from .user_agent import UserAgent as UserAgent

# The same for the interpreter, which skips the lines above: `import erlen` needs few of them.
_NAMES = {
    "accept": "Accept CharsetAccept LanguageAccept MIMEAccept parse_accept_header",
    "auth": "Authorization WWWAuthenticate",
    "caching": "RequestCacheControl ResponseCacheControl parse_cache_control_header",
    "callback_dict": "CallbackDict",
    "conditional": "is_resource_modified",
    "cookies": "dump_cookie parse_cookie",
    "csp": "ContentSecurityPolicy dump_csp_header parse_csp_header",
    "dates": "dump_age http_date parse_age parse_date",
    "etags": "ETags generate_etag parse_etags quote_etag unquote_etag",
    "exceptions": (
        "Aborter BadGateway BadHost BadRequest BadRequestKeyError ClientDisconnected Conflict"
        " ExpectationFailed FailedDependency Forbidden GatewayTimeout Gone HTTPException"
        " HTTPVersionNotSupported ImATeapot InternalServerError LengthRequired Locked"
        " MethodNotAllowed MisdirectedRequest NotAcceptable NotFound NotImplemented"
        " PreconditionFailed PreconditionRequired RequestEntityTooLarge"
        " RequestHeaderFieldsTooLarge RequestTimeout RequestURITooLarge"
        " RequestedRangeNotSatisfiable SecurityError ServiceUnavailable TooManyRequests"
        " Unauthorized UnavailableForLegalReasons UnprocessableEntity UnsupportedMediaType abort"
        " default_exceptions"
    ),
    "files": "FileMultiDict FileStorage secure_filename",
    "forms": "FormDataParser parse_form_data",
    "grammar": (
        "dump_header dump_options_header parse_dict_header parse_list_header parse_options_header"
        " quote_header_value unquote_header_value"
    ),
    "header_set": "HeaderSet parse_set_header",
    "headers": "EnvironHeaders Headers",
    "immutable": "ImmutableDict ImmutableList",
    "multidict": "CombinedMultiDict ImmutableMultiDict MultiDict TypeConversionDict",
    "ranges": (
        "ContentRange IfRange Range parse_content_range_header parse_if_range_header"
        " parse_range_header"
    ),
    "request": "Request",
    "response": "Response",
    "status": "HTTP_STATUS_CODES",
    "urls": "dump_query iri_to_uri parse_query uri_to_iri",
    "user_agent": "UserAgent",
}
_HOMES = {name: module for module, names in _NAMES.items() for name in names.split()}


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        module = _HOMES.get(name)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(f".{module}", __name__), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
