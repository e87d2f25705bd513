"""The names of ``werkzeug.datastructures``."""

from __future__ import annotations

from erlen.http.accept import Accept, CharsetAccept, LanguageAccept, MIMEAccept
from erlen.http.auth import Authorization, WWWAuthenticate
from erlen.http.caching import RequestCacheControl, ResponseCacheControl
from erlen.http.conditional import ETags
from erlen.http.csp import ContentSecurityPolicy
from erlen.http.files import FileStorage
from erlen.http.header_set import HeaderSet
from erlen.http.headers import EnvironHeaders, Headers
from erlen.http.immutable import ImmutableDict, ImmutableDictMixin, ImmutableList
from erlen.http.multidict import (
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
from erlen.http.ranges import ContentRange, IfRange, Range

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
    "ImmutableDictMixin",
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
