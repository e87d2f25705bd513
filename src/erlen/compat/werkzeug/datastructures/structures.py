"""The names of ``werkzeug.datastructures.structures``."""

from __future__ import annotations

from erlen.http.header_set import HeaderSet
from erlen.http.immutable import ImmutableDict, ImmutableDictMixin, ImmutableList
from erlen.http.multidict import (
    CallbackDict,
    CombinedMultiDict,
    ImmutableMultiDict,
    ImmutableTypeConversionDict,
    MultiDict,
    TypeConversionDict,
    iter_multi_items,
)

__all__ = [
    "CallbackDict",
    "CombinedMultiDict",
    "HeaderSet",
    "ImmutableDict",
    "ImmutableDictMixin",
    "ImmutableList",
    "ImmutableMultiDict",
    "ImmutableTypeConversionDict",
    "MultiDict",
    "TypeConversionDict",
    "iter_multi_items",
]
