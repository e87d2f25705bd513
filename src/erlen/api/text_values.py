"""Queries, headers and cookies: as a type for all of them, or a value by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import inspect as shapes
from msgspec import structs

from .mistakes import escaped
from .models import OBJECTS, plain_shape
from .readers import NOT_FINITE, Reader, Unfit
from .signature import refuse
from .text_fields import are_finite, checked, field_of, fields_of, gather_fields, listed

if TYPE_CHECKING:
    from collections.abc import Callable

    from .mistakes import Mistakes
    from .signature import Parameter


def text_reader(
    view: str,
    parameter: Parameter,
    shape: Any,
    get: Callable[[Any], Any],
    name_of: Callable[[str], str] = str,
    splits: bool = False,
) -> Reader:
    """The reader of a source whose values are text by names.

    :param get: the multi-dictionary of a request
    :param name_of: the name there of a field
    :param splits: whether a list is one text with commas
    """
    place = parameter.place
    annotation, default, is_required = parameter.type, parameter.default, parameter.is_required
    is_whole = isinstance(shape, OBJECTS) or (
        isinstance(shape, shapes.UnionType)
        and any(isinstance(plain_shape(part), OBJECTS) for part in shape.types)
    )
    if is_whole:
        if isinstance(shape, shapes.UnionType):
            parts = [plain_shape(p) for p in shape.types]
            parts = [p for p in parts if not isinstance(p, shapes.NoneType)]
            if len(parts) != 1:
                refuse(view, parameter.name, f"is all of the {place}: a union cannot be told.")
            shape = parts[0]
        fields = fields_of(view, parameter, shape)
        keeps_unknown = bool(getattr(shape, "forbid_unknown_fields", False)) and place == "query"

        def gather(request: Any) -> Any:
            return gather_fields(get(request), fields, keeps_unknown, name_of, splits)

        def read(request: Any, values: dict[str, Any]) -> Any:
            found = gather(request)
            if not found and not is_required:
                return default
            return checked(msgspec.convert(found, annotation, strict=False), fields)

        def explain(request: Any, values: dict[str, Any], mistakes: Mistakes) -> None:
            found = gather(request)
            before = len(mistakes.found)
            if found or is_required:
                mistakes.read(place, annotation, found, strict=False)
            mistakes.found[before:] = [
                structs.replace(one, pointer=name_of(one.pointer))
                for one in mistakes.found[before:]
            ]

        return Reader(parameter, read, explain)

    one = field_of(view, parameter, parameter.name, shape)
    is_list, has_floats = one.is_list, one.has_floats
    name = name_of(parameter.name)
    pointer = f"/{escaped(name)}"

    def take(request: Any) -> Any:
        if is_list:
            found = listed(get(request), name, splits)
            return found or None
        return get(request).get(name)

    def read_one(request: Any, values: dict[str, Any]) -> Any:
        found = take(request)
        if found is None:
            if is_required:
                raise Unfit
            return default
        made = msgspec.convert(found, annotation, strict=False)
        if has_floats and not are_finite(made):
            raise Unfit(NOT_FINITE)
        return made

    def explain_one(request: Any, values: dict[str, Any], mistakes: Mistakes) -> None:
        found = take(request)
        if found is None:
            if is_required:
                mistakes.add_if_room(place, pointer, "Required, and missing")
            return
        mistakes.read(place, annotation, found, pointer, strict=False)

    return Reader(parameter, read_one, explain_one, pointer)
