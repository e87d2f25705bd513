"""``werkzeug.datastructures``."""

from ....http.accept import Accept, CharsetAccept, LanguageAccept, MIMEAccept
from ....http.auth import Authorization, WWWAuthenticate
from ....http.caching import RequestCacheControl, ResponseCacheControl
from ....http.conditional import ETags
from ....http.csp import ContentSecurityPolicy
from ....http.files import FileStorage
from ....http.header_set import HeaderSet
from ....http.headers import EnvironHeaders, Headers
from ....http.immutable import ImmutableDict, ImmutableList
from ....http.multidict import (
    CallbackDict,
    CombinedMultiDict,
    FileMultiDict,
    ImmutableMultiDict,
    ImmutableOrderedMultiDict,
    ImmutableTypeConversionDict,
    MultiDict,
    OrderedMultiDict,
    TypeConversionDict,
    iter_multi_items,
)
from ....http.ranges import ContentRange, IfRange, Range

__all__ = [
    "Accept",
    "Authorization",
    "CallbackDict",
    "CharsetAccept",
    "CombinedMultiDict",
    "ContentRange",
    "ContentSecurityPolicy",
    "ETags",
    "EnvironHeaders",
    "FileMultiDict",
    "FileStorage",
    "HeaderSet",
    "Headers",
    "IfRange",
    "ImmutableDict",
    "ImmutableList",
    "ImmutableMultiDict",
    "ImmutableOrderedMultiDict",
    "ImmutableTypeConversionDict",
    "LanguageAccept",
    "MIMEAccept",
    "MultiDict",
    "OrderedMultiDict",
    "Range",
    "RequestCacheControl",
    "ResponseCacheControl",
    "TypeConversionDict",
    "WWWAuthenticate",
    "iter_multi_items",
]
