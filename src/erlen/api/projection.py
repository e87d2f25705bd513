"""Only declared fields are sent: what a declared type has of a value.

msgspec writes an object by the fields of its own class. Where that is not the class which the view
declares, as for a subclass with a password hash, the fields of the declared one are taken out
first. Whether that is needed is asked of all values of one place at once, in loops of C.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET
from msgspec import inspect as shapes

from .models import DICTS, LISTS, OBJECTS, class_of, plain_shape

#: Whether all values of one place have the declared class, with all that is in them.
Fits = Callable[[Any], bool]

_LEAVES = frozenset(
    {
        type(None), bool, int, float, str, bytes, bytearray, memoryview, date, datetime, time,
        timedelta, Decimal, UUID, msgspec.UnsetType,
    }
)  # fmt: skip


class Undeclared(TypeError):
    """A value is nothing of what is declared."""


def fitting(shape: Any, known: dict[int, Any] | None = None) -> Fits | None:
    """The question for a type; ``None`` where it has no objects, and nothing is asked."""
    known = {} if known is None else known
    shape = plain_shape(shape)
    if id(shape) in known:
        # One that is within itself.
        return lambda values: known[id(shape)](values)
    if isinstance(shape, shapes.TypedDictType):
        return _fitting_typed_dict(shape, known)
    if isinstance(shape, OBJECTS):
        return _fitting_object(shape, known)
    if isinstance(shape, LISTS):
        inner = fitting(shape.item_type, known)
        return inner and (lambda values: inner(list(chain.from_iterable(values))))
    if isinstance(shape, DICTS):
        of_values = fitting(shape.value_type, known)
        return of_values and (
            lambda values: of_values(list(chain.from_iterable(v.values() for v in values)))
        )
    if isinstance(shape, shapes.TupleType | shapes.NamedTupleType):
        types = (
            shape.item_types
            if isinstance(shape, shapes.TupleType)
            else [field.type for field in shape.fields]
        )
        inners = [(n, f) for n, t in enumerate(types) if (f := fitting(t, known)) is not None]
        if not inners:
            return None
        return lambda values: all(f(list(map(itemgetter(n), values))) for n, f in inners)
    if isinstance(shape, shapes.UnionType):
        return _fitting_union(shape, known)
    return None


def _fitting_object(shape: Any, known: dict[int, Any]) -> Fits:
    classes = {class_of(shape)}
    inners: list[tuple[Any, Fits]] = []

    def fits(values: Any) -> bool:
        if not classes.issuperset(map(type, values)):
            return False
        if not values:
            # What is within itself would go on for ever.
            return True
        return all(inner(list(map(get, values))) for get, inner in inners)

    known[id(shape)] = fits
    for field in shape.fields:
        inner = fitting(field.type, known)
        if inner is not None:
            inners.append((attrgetter(field.name), inner))
    return fits


def _fitting_typed_dict(shape: Any, known: dict[int, Any]) -> Fits:
    names = {field.name for field in shape.fields}
    inners: list[tuple[str, Fits]] = []

    def fits(values: Any) -> bool:
        if not all(type(value) is dict and value.keys() <= names for value in values):
            return False
        if not values:
            return True
        return all(inner([v[name] for v in values if name in v]) for name, inner in inners)

    known[id(shape)] = fits
    for field in shape.fields:
        inner = fitting(field.type, known)
        if inner is not None:
            inners.append((field.name, inner))
    return fits


def _fitting_union(shape: Any, known: dict[int, Any]) -> Fits | None:
    by_class: dict[type, Fits | None] = {}
    for part in map(plain_shape, shape.types):
        if isinstance(part, shapes.AnyType | shapes.RawType):
            return None
        for cls in classes_of(part):
            by_class[cls] = fitting(part, known)
    if not any(by_class.values()):
        return None
    plain = _LEAVES | {cls for cls, inner in by_class.items() if inner is None}

    def fits(values: Any) -> bool:
        rest = set(map(type, values)) - plain
        for cls in rest:
            inner = by_class.get(cls)
            if inner is None or not inner([v for v in values if type(v) is cls]):
                return False
        return True

    return fits


def classes_of(part: Any) -> list[type]:
    """The classes of values of a shape, where those have parts or are enumerations."""
    if isinstance(part, shapes.TypedDictType):
        return [dict]
    if isinstance(part, (*OBJECTS, shapes.NamedTupleType, shapes.EnumType)):
        return [class_of(part)]
    kinds: dict[Any, list[type]] = {
        shapes.ListType: [list],
        shapes.SetType: [set],
        shapes.FrozenSetType: [frozenset],
        shapes.VarTupleType: [tuple],
        shapes.TupleType: [tuple],
        shapes.CollectionType: [list, tuple],
        shapes.DictType: [dict],
    }
    return kinds.get(type(part), [])


def declared(shape: Any, value: Any) -> Any:
    """A value as its declared type has it, of types that msgspec writes.

    :raises Undeclared: for an object that is nothing of the declared kind
    """
    shape = plain_shape(shape)
    if isinstance(shape, OBJECTS):
        return _declared_object(shape, value)
    if isinstance(shape, shapes.UnionType):
        return _declared_union(shape, value)
    if isinstance(shape, LISTS):
        return [declared(shape.item_type, item) for item in _iterated(value, "list")]
    if isinstance(shape, DICTS):
        if not isinstance(value, Mapping):
            raise Undeclared(_wrong(value, "a dict"))
        return {key: declared(shape.value_type, item) for key, item in value.items()}
    if isinstance(shape, shapes.TupleType):
        items = list(_iterated(value, "tuple"))
        if len(items) != len(shape.item_types):
            raise Undeclared(f"a tuple of {len(items)} items in place of {len(shape.item_types)}")
        return [declared(t, item) for t, item in zip(shape.item_types, items, strict=True)]
    if isinstance(shape, shapes.NamedTupleType):
        return [declared(f.type, getattr(value, f.name)) for f in shape.fields]
    if isinstance(shape, shapes.AnyType | shapes.RawType | shapes.CustomType):
        return value
    if type(value) not in _LEAVES and not isinstance(value, Enum | str | int | float):
        # An object where a number or a text is declared would go out with all that it has.
        raise Undeclared(_wrong(value, type(shape).__name__.removesuffix("Type").lower()))
    return value


def _declared_object(shape: Any, value: Any) -> Any:
    is_mapping = isinstance(value, Mapping)
    cls = class_of(shape)
    if shape.__class__ is shapes.TypedDictType:
        if not is_mapping:
            raise Undeclared(_wrong(value, cls.__name__))
    elif not is_mapping and not isinstance(value, cls):
        raise Undeclared(_wrong(value, cls.__name__))
    made: dict[str, Any] = {}
    tag_field = getattr(shape, "tag_field", None)
    if tag_field is not None:
        made[tag_field] = shape.tag
    for field in shape.fields:
        if is_mapping:
            if field.name not in value:
                if field.required:
                    raise Undeclared(f"a dict without {field.name!r} in place of {cls.__name__}")
                continue
            item = value[field.name]
        else:
            item = getattr(value, field.name)
        if item is not UNSET:
            made[field.encode_name] = declared(field.type, item)
    return list(made.values()) if getattr(shape, "array_like", False) else made


def _declared_union(shape: Any, value: Any) -> Any:
    parts: list[Any] = [plain_shape(part) for part in shape.types]
    if type(value) in _LEAVES or isinstance(value, Enum):
        return value
    objects = [p for p in parts if isinstance(p, OBJECTS)]
    classes = [p for p in objects if not isinstance(p, shapes.TypedDictType)]
    found: list[Any] = [p for p in objects if class_of(p) is type(value)]
    found = found or [p for p in classes if isinstance(value, class_of(p))]
    if not found:
        kinds: Iterable[Any] = ()
        if isinstance(value, Mapping):
            kinds = (shapes.TypedDictType, *DICTS)
        elif isinstance(value, list | tuple | set | frozenset):
            kinds = (*LISTS, shapes.TupleType, shapes.NamedTupleType)
        found = [p for p in parts if isinstance(p, tuple(kinds))]
    found = found or [p for p in parts if isinstance(p, shapes.AnyType | shapes.RawType)]
    if not found:
        raise Undeclared(_wrong(value, " | ".join(_name(part) for part in parts)))
    # The nearest of several bases.
    order: dict[Any, int] = {cls: place for place, cls in enumerate(type(value).__mro__)}
    best = min(found, key=lambda p: order.get(_class(p), len(order)))
    return declared(best, value)


def _iterated(value: Any, kind: str) -> Iterable[Any]:
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise Undeclared(_wrong(value, f"a {kind}"))
    return value


def _class(part: Any) -> Any:
    return class_of(part) if hasattr(part, "cls") else None


def _name(part: Any) -> str:
    cls = _class(part)
    return cls.__name__ if cls else type(part).__name__.removesuffix("Type").lower()


def _wrong(value: Any, wanted: str) -> str:
    return f"{type(value).__name__} in place of {wanted}"
