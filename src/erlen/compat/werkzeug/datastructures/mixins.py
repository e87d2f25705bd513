"""The names of ``werkzeug.datastructures.mixins``."""

from __future__ import annotations

from erlen.http.callback_dict import UpdateDictMixin
from erlen.http.headers import ImmutableHeadersMixin
from erlen.http.immutable import (
    ImmutableDictMixin,
    ImmutableListMixin,
    ImmutableMultiDictMixin,
)

__all__ = [
    "ImmutableDictMixin",
    "ImmutableHeadersMixin",
    "ImmutableListMixin",
    "ImmutableMultiDictMixin",
    "UpdateDictMixin",
]
