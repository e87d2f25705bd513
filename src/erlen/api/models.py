"""Which types have fields, and how msgspec sees a type."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin, is_typeddict
from uuid import UUID

import msgspec
from msgspec import inspect as shapes

from .pages import Page
from .problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

_LIMITS = (
    "gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern", "tz",
)  # fmt: skip
_TYPES: dict[Any, Any] = {
    shapes.NoneType: None,
    shapes.BoolType: bool,
    shapes.IntType: int,
    shapes.FloatType: float,
    shapes.StrType: str,
    shapes.BytesType: bytes,
    shapes.ByteArrayType: bytearray,
    shapes.MemoryViewType: memoryview,
    shapes.DateTimeType: datetime,
    shapes.DateType: date,
    shapes.TimeType: time,
    shapes.TimeDeltaType: timedelta,
    shapes.UUIDType: UUID,
    shapes.DecimalType: Decimal,
    shapes.RawType: msgspec.Raw,
}

#: The shapes that are written as objects, by their fields.
OBJECTS = (shapes.StructType, shapes.DataclassType, shapes.TypedDictType)
#: The shapes of many values.
LISTS = (
    shapes.ListType,
    shapes.SetType,
    shapes.FrozenSetType,
    shapes.VarTupleType,
    shapes.CollectionType,
)
#: The shapes of values by keys.
DICTS = (shapes.DictType, shapes.FrozenDictType)


def is_model_class(annotation: Any) -> bool:
    """Whether a type is a class with fields, which msgspec writes by them."""
    if not isinstance(annotation, type):
        return False
    return (
        issubclass(annotation, msgspec.Struct)
        or dataclasses.is_dataclass(annotation)
        or is_typeddict(annotation)
        or (issubclass(annotation, tuple) and hasattr(annotation, "_fields"))
        or "__attrs_attrs__" in vars(annotation)
    )


def is_model(annotation: Any) -> bool:
    """Whether a class with fields stands somewhere in a type."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return is_model(get_args(annotation)[0])
    if is_model_class(origin or annotation):
        return True
    return any(is_model(part) for part in get_args(annotation))


def is_answer(annotation: Any) -> bool:
    """Whether a type is one that only answers have: a page or a problem."""
    origin = get_origin(annotation) or annotation
    return isinstance(origin, type) and issubclass(origin, Page | Problem)


def type_of(shape: Any) -> Any:
    """The type of a shape without parts, with what constrains it."""
    kind = type(shape)
    if kind is shapes.LiteralType:
        return Literal[tuple(shape.values)]
    if kind in (shapes.EnumType, shapes.CustomType):
        return shape.cls
    if kind is shapes.Metadata:
        return type_of(shape.type)
    limits = {name: value for name in _LIMITS if (value := getattr(shape, name, None)) is not None}
    plain = _TYPES.get(kind, Any)
    return Annotated[plain, msgspec.Meta(**limits)] if limits else plain


def shapes_in(shape: Any) -> Iterator[Any]:
    """A shape and all that are in it, each once."""
    seen: set[int] = set()
    waiting = [shape]
    while waiting:
        found = waiting.pop()
        if id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        for name in ("type", "item_type", "key_type", "value_type"):
            if isinstance(inner := getattr(found, name, None), shapes.Type):
                waiting.append(inner)
        waiting.extend(getattr(found, "types", ()))
        waiting.extend(getattr(found, "item_types", ()))
        waiting.extend(field.type for field in getattr(found, "fields", ()))


@lru_cache(maxsize=1024)
def _shape_of(annotation: Any) -> Any:
    return shapes.type_info(annotation)


def shape_of(annotation: Any) -> Any:
    """How msgspec sees a type.

    :raises TypeError: for a type that it does not know
    :raises NameError: for one with a field whose type cannot be resolved
    """
    # Views of one application share their types, and looking at one takes long.
    return _shape_of(annotation) if is_hashable(annotation) else shapes.type_info(annotation)


def is_hashable(annotation: Any) -> bool:
    """Whether a type can be a key; one with examples in its constraints may be none."""
    try:
        hash(annotation)
    except TypeError:
        return False
    return True


def class_of(shape: Any) -> Any:
    """The class of a shape; that of a generic one without its parameters."""
    return get_origin(shape.cls) or shape.cls


def plain_shape(shape: Any) -> Any:
    """A shape without what is told about it."""
    while isinstance(shape, shapes.Metadata):
        shape = shape.type
    return shape
