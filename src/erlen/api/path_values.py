"""Values of the path, behind the converters of the rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import inspect as shapes

from .mistakes import escaped
from .models import DICTS, LISTS, OBJECTS, plain_shape, shape_of, type_of
from .readers import Reader
from .signature import refuse

if TYPE_CHECKING:
    from .mistakes import Mistakes
    from .signature import Parameter


def path_reader(view: str, parameter: Parameter, given: Any) -> Reader | None:
    """A reader for what the rule's converter leaves to do; ``None`` where that is nothing.

    :param given: the type that the converter gives
    """
    annotation, name = parameter.type, parameter.name
    if annotation is Any or given is None:
        return None
    try:
        shape = plain_shape(shape_of(annotation))
    except (TypeError, NameError) as error:
        refuse(view, name, f"has a type that cannot be read: {error}")
    parts = shape.types if isinstance(shape, shapes.UnionType) else (shape,)
    if not any(_can_be(plain_shape(part), given) for part in parts):
        told = getattr(annotation, "__name__", annotation)
        written = _CONVERTERS.get(type(plain_shape(parts[0])))
        advice = (
            f"write <{written}:{name}> in the rule"
            if written and given is str
            else f"annotate it as {given.__name__}"
        )
        refuse(
            view,
            name,
            f"is {told}, and the converter of its rule gives {given.__name__}: {advice}.",
        )
    if annotation is given:
        return None
    strict = given is not str
    pointer = f"/{escaped(name)}"

    def read(request: Any, values: dict[str, Any]) -> Any:
        return msgspec.convert(values[name], annotation, strict=strict)

    def explain(request: Any, values: dict[str, Any], mistakes: Mistakes) -> None:
        mistakes.read("path", annotation, values[name], pointer, strict)

    return Reader(parameter, read, explain, pointer)


_CONVERTERS: dict[Any, str] = {
    shapes.IntType: "int",
    shapes.FloatType: "float",
    shapes.UUIDType: "uuid",
}
_NUMBERS = (shapes.IntType, shapes.FloatType, shapes.DecimalType)
# What no text is; numbers and ids have converters of their own.
_NO_TEXT = (
    *OBJECTS,
    *LISTS,
    *DICTS,
    *_CONVERTERS,
    shapes.TupleType,
    shapes.NoneType,
    shapes.BoolType,
)


def _can_be(shape: Any, given: Any) -> bool:
    """Whether a value of what the converter gives can be of this type."""
    if isinstance(shape, shapes.AnyType | shapes.CustomType):
        return isinstance(shape, shapes.AnyType)
    if isinstance(shape, shapes.EnumType):
        return all(isinstance(item.value, given) for item in shape.cls)
    if isinstance(shape, shapes.LiteralType):
        return all(isinstance(value, given) for value in shape.values)
    if given is int:
        return isinstance(shape, _NUMBERS)
    if given is float:
        return isinstance(shape, shapes.FloatType | shapes.DecimalType)
    if given is str:
        return not isinstance(
            shape,
            (
                *OBJECTS,
                *LISTS,
                *DICTS,
                *_CONVERTERS,
                shapes.TupleType,
                shapes.NoneType,
                shapes.BoolType,
            ),
        )
    return type_of(shape) is given
