"""Values that come as text by names: of which kind each is, and how all are gathered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msgspec import inspect as shapes

from ..http.files import FileStorage
from .mistakes import is_finite
from .models import DICTS, LISTS, OBJECTS, plain_shape
from .readers import NOT_FINITE, Unfit
from .signature import refuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from .signature import Parameter


@dataclass(frozen=True)
class Field:
    """One value that is sent as text.

    :param attribute: its name in the class
    :param name: its name in what is sent
    :param is_list: whether there may be several of the name
    :param has_floats: whether it may be what JSON has no number for
    """

    attribute: str
    name: str
    is_list: bool
    has_floats: bool
    is_file: bool = False


def fields_of(
    view: str, parameter: Parameter, shape: Any, takes_files: bool = False
) -> tuple[Field, ...]:
    """The fields of a type, each as it is sent.

    :raises ViewError: for one that no text can be
    """
    return tuple(
        field_of(
            view, parameter, field.encode_name, plain_shape(field.type), takes_files, field.name
        )
        for field in shape.fields
    )


def field_of(
    view: str,
    parameter: Parameter,
    name: str,
    shape: Any,
    takes_files: bool = False,
    attribute: str = "",
) -> Field:
    """What has to be known of a value that is sent as text.

    :raises ViewError: for a type that no text can be
    """
    parts = (
        [plain_shape(p) for p in shape.types] if isinstance(shape, shapes.UnionType) else [shape]
    )
    lists = [part for part in parts if isinstance(part, LISTS)]
    leaves = [part for part in parts if not isinstance(part, LISTS)]
    leaves += [plain_shape(part.item_type) for part in lists]
    for leaf in leaves:
        is_file = isinstance(leaf, shapes.CustomType) and issubclass(leaf.cls, FileStorage)
        if isinstance(leaf, (*OBJECTS, *LISTS, *DICTS, shapes.TupleType)) or (
            isinstance(leaf, shapes.CustomType) and not (is_file and takes_files)
        ):
            where = "" if name == parameter.name else f" in its field {name!r}"
            refuse(
                view,
                parameter.name,
                f"has{where} a type that text cannot say: in a {parameter.place} a value is a"
                " number, a text, a date and the like, or a list of those.",
            )
    return Field(
        attribute or name,
        name,
        is_list=bool(lists),
        has_floats=any(isinstance(s, shapes.FloatType | shapes.DecimalType) for s in leaves),
        is_file=any(isinstance(leaf, shapes.CustomType) for leaf in leaves),
    )


def gather_fields(
    source: Any,
    fields: tuple[Field, ...],
    keeps_unknown: bool,
    name_of: Callable[[str], str] = str,
    splits: bool = False,
) -> dict[str, Any]:
    """The fields that were sent, by their names in the type."""
    found: dict[str, Any] = {}
    for field in fields:
        name = name_of(field.name)
        if field.is_list:
            values = listed(source, name, splits)
            if values:
                found[field.name] = values
        else:
            value = source.get(name)
            # A browser sends a file that nobody chose as one without name and content.
            if value is not None and not (field.is_file and not getattr(value, "filename", "")):
                found[field.name] = value
    if keeps_unknown:
        known = {name_of(field.name) for field in fields}
        found |= {key: source.get(key) for key in source if key not in known}
    return found


def listed(source: Any, name: str, splits: bool) -> list[Any]:
    """The values of one name.

    :param splits: whether they are one text with commas
    """
    if not splits:
        return [v for v in source.getlist(name) if getattr(v, "filename", True) != ""]
    text = source.get(name)
    return [] if text is None else [part.strip() for part in text.split(",")]


def checked(made: Any, fields: tuple[Field, ...]) -> Any:
    """What was converted from text.

    :raises Unfit: for NaN or Infinity
    """
    for field in fields:
        if field.has_floats:
            name = field.attribute
            value = made.get(name) if isinstance(made, dict) else getattr(made, name)
            if not are_finite(value):
                raise Unfit(NOT_FINITE)
    return made


def are_finite(value: Any) -> bool:
    """Whether a number, or each of several, is one that JSON has."""
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(is_finite, value))
    return is_finite(value)
