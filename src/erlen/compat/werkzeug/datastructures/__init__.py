"""The names of ``werkzeug.datastructures``."""

from __future__ import annotations

from erlen.http.accept import Accept, CharsetAccept, LanguageAccept, MIMEAccept
from erlen.http.auth import Authorization, WWWAuthenticate
from erlen.http.caching import RequestCacheControl, ResponseCacheControl
from erlen.http.callback_dict import CallbackDict, UpdateDictMixin
from erlen.http.csp import ContentSecurityPolicy
from erlen.http.etags import ETags
from erlen.http.files import FileMultiDict, FileStorage
from erlen.http.header_set import HeaderSet
from erlen.http.headers import EnvironHeaders, Headers, ImmutableHeadersMixin
from erlen.http.immutable import (
    ImmutableDict,
    ImmutableDictMixin,
    ImmutableList,
    ImmutableListMixin,
    ImmutableMultiDictMixin,
)
from erlen.http.multidict import (
    CombinedMultiDict,
    ImmutableMultiDict,
    ImmutableTypeConversionDict,
    MultiDict,
    TypeConversionDict,
    iter_multi_items,
)
from erlen.http.ordered_multidict import ImmutableOrderedMultiDict, OrderedMultiDict
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
    "ImmutableHeadersMixin",
    "ImmutableList",
    "ImmutableListMixin",
    "ImmutableMultiDict",
    "ImmutableMultiDictMixin",
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
    "UpdateDictMixin",
    "WWWAuthenticate",
    "iter_multi_items",
]
