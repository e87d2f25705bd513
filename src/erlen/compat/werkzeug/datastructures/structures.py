"""The names of ``werkzeug.datastructures.structures``."""

from __future__ import annotations

from erlen.http.callback_dict import CallbackDict
from erlen.http.header_set import HeaderSet
from erlen.http.immutable import ImmutableDict, ImmutableDictMixin, ImmutableList
from erlen.http.multidict import (
    CombinedMultiDict,
    ImmutableMultiDict,
    ImmutableTypeConversionDict,
    MultiDict,
    TypeConversionDict,
    iter_multi_items,
)
from erlen.http.ordered_multidict import (
    ImmutableOrderedMultiDict as ImmutableOrderedMultiDict,
)
from erlen.http.ordered_multidict import (
    ImmutableOrderedMultiDict as _ImmutableOrderedMultiDict,
)
from erlen.http.ordered_multidict import (
    OrderedMultiDict as OrderedMultiDict,
)
from erlen.http.ordered_multidict import (
    OrderedMultiDict as _OrderedMultiDict,
)

__all__ = [
    "CallbackDict",
    "CombinedMultiDict",
    "HeaderSet",
    "ImmutableDict",
    "ImmutableDictMixin",
    "ImmutableList",
    "ImmutableMultiDict",
    "ImmutableOrderedMultiDict",
    "ImmutableTypeConversionDict",
    "MultiDict",
    "OrderedMultiDict",
    "TypeConversionDict",
    "_ImmutableOrderedMultiDict",
    "_OrderedMultiDict",
    "iter_multi_items",
]
