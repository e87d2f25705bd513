"""Everything that does not fit, in place of the first thing: the slow walk over a value that
msgspec's decoder has refused.

It takes time that grows as the value does, since each part is converted once, from the leaves
upward; and it ends when it has found enough.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

import msgspec
from msgspec import inspect as shapes

from .models import DICTS, LISTS, OBJECTS, plain_shape, shape_of, type_of
from .problems import Mistake

if TYPE_CHECKING:
    from collections.abc import Callable

#: How many mistakes one answer tells.
MOST = 100
#: In place of a value that does not fit.
WRONG: Any = object()

# What msgspec says behind the message: "... - at `$.items[0].price`".
_AT = re.compile(r" - at `(?:key in )?\$(.*)`\Z", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


class Full(Exception):
    """There are as many mistakes as are told."""


class Mistakes:
    """Collects what does not fit in one request.

    :attr:`found` has at most :data:`MOST`, and :attr:`is_full` says whether there may be more.
    """

    def __init__(self) -> None:
        self.found: list[Mistake] = []
        self.is_full: bool = False

    def add(self, place: str, pointer: str, detail: str) -> None:
        """Keep one.

        :raises Full: where there are enough
        """
        if len(self.found) >= MOST:
            self.is_full = True
            raise Full
        self.found.append(Mistake(place=place, pointer=pointer, detail=detail))

    def read(
        self, place: str, annotation: Any, value: Any, pointer: str = "", strict: bool = True
    ) -> Any:
        """Convert a value of plain JSON types, and keep what does not fit.

        :param strict: ``False`` where all values are text, as in a query
        :returns: the value, or :data:`WRONG`
        """
        before = len(self.found)
        try:
            walk = _Walk(self, place, strict)
            found = walk.convert(shape_of(annotation), value, pointer)
        except Full:
            return WRONG
        except RecursionError:
            del self.found[before:]
            self.add_if_room(place, pointer, "The value is nested too deeply.")
            return WRONG
        return found

    def add_error(self, place: str, pointer: str, error: Exception) -> None:
        """Keep what msgspec said, where the walk finds nothing: what it may see differently."""
        detail, inner = told_by(error)
        if isinstance(error, RecursionError):
            detail = "The value is nested too deeply."
        self.add_if_room(place, pointer + inner, detail)

    def add_if_room(self, place: str, pointer: str, detail: str) -> None:
        """Keep one, where there is room for it."""
        try:
            self.add(place, pointer, detail)
        except Full:
            return


def told_by(error: Exception) -> tuple[str, str]:
    """What an error of msgspec says, and the JSON pointer to where; without what was sent."""
    text = str(error)
    at = _AT.search(text)
    pointer = ""
    if at is not None:
        text = text[: at.start()]
        for name, number in _STEP.findall(at.group(1)):
            pointer += "/" + (number or escaped(name))
    if text.startswith("Invalid enum value"):
        text = "Expected one of the values that are allowed"
    elif text.startswith("Invalid value "):
        text = "Expected the name of one of the types that are allowed"
    return text, pointer


def escaped(name: str) -> str:
    """A name as a part of a JSON pointer (RFC 6901, section 3)."""
    return name.replace("~", "~0").replace("/", "~1")


def is_finite(value: Any) -> bool:
    """Whether a number is one: JSON has neither NaN nor Infinity."""
    if isinstance(value, float):
        return math.isfinite(value)
    return value.is_finite() if isinstance(value, Decimal) else True


class _Walk:
    def __init__(self, mistakes: Mistakes, place: str, strict: bool) -> None:
        self.add: Callable[[str, str, str], None] = mistakes.add
        self.place = place
        self.strict = strict

    def wrong(self, pointer: str, detail: str) -> Any:
        self.add(self.place, pointer, detail)
        return WRONG

    def convert(self, shape: Any, value: Any, pointer: str) -> Any:
        if isinstance(shape, shapes.Metadata):
            return self.convert(shape.type, value, pointer)
        if isinstance(shape, shapes.UnionType):
            return self.union(shape, value, pointer)
        if isinstance(shape, OBJECTS):
            if getattr(shape, "array_like", False):
                return self.leaf(shape.cls, value, pointer)
            if not isinstance(value, dict):
                return self.wrong(pointer, f"Expected `object`, got `{_kind(value)}`")
            return self.object(shape, value, pointer)
        if isinstance(shape, LISTS):
            return self.list(shape, value, pointer)
        if isinstance(shape, DICTS):
            return self.dict(shape, value, pointer)
        if isinstance(shape, shapes.TupleType):
            return self.tuple(shape.item_types, tuple, value, pointer)
        if isinstance(shape, shapes.NamedTupleType):
            types = [field.type for field in shape.fields]
            return self.tuple(types, lambda made: shape.cls(*made), value, pointer)
        found = self.leaf(type_of(shape), value, pointer)
        if found is not WRONG and not is_finite(found):
            return self.wrong(pointer, "Expected a number, got NaN or Infinity")
        return found

    def leaf(self, annotation: Any, value: Any, pointer: str) -> Any:
        try:
            return msgspec.convert(value, annotation, strict=self.strict)
        except msgspec.ValidationError as error:
            if isinstance(annotation, type) and issubclass(annotation, Enum):
                return self.wrong(pointer, _one_of([item.value for item in annotation]))
            if get_origin(annotation) is Literal:
                return self.wrong(pointer, _one_of(get_args(annotation)))
            detail, inner = told_by(error)
            return self.wrong(pointer + inner, detail)

    def object(self, shape: Any, value: dict[Any, Any], pointer: str) -> Any:
        made: dict[str, Any] = {}
        is_wrong = False
        for field in shape.fields:
            # That of a TypedDict has no other name.
            name = field.encode_name
            below = f"{pointer}/{escaped(name)}"
            if name in value:
                found = self.convert(field.type, value[name], below)
                if found is WRONG:
                    is_wrong = True
                else:
                    made[field.name] = found
            elif field.required:
                is_wrong = True
                self.wrong(below, "Required, and missing")
        tag_field = getattr(shape, "tag_field", None)
        if tag_field is not None and tag_field in value and value[tag_field] != shape.tag:
            is_wrong = True
            self.wrong(f"{pointer}/{escaped(tag_field)}", _one_of([shape.tag]))
        if getattr(shape, "forbid_unknown_fields", False):
            known = {field.encode_name for field in shape.fields} | {tag_field}
            for name in value.keys() - known:
                is_wrong = True
                self.wrong(f"{pointer}/{escaped(str(name))}", "Not a field of this type")
        if is_wrong:
            return WRONG
        if isinstance(shape, shapes.TypedDictType):
            return made
        try:
            # Checks of the class's own, in __post_init__.
            return shape.cls(**made)
        except (ValueError, TypeError) as error:
            return self.wrong(pointer, str(error))

    def list(self, shape: Any, value: Any, pointer: str) -> Any:
        if not isinstance(value, list | tuple):
            return self.wrong(pointer, f"Expected `array`, got `{_kind(value)}`")
        if not self.is_as_long(shape, value, pointer, "array"):
            return WRONG
        made = [
            self.convert(shape.item_type, item, f"{pointer}/{number}")
            for number, item in enumerate(value)
        ]
        if any(item is WRONG for item in made):
            return WRONG
        kind = {
            shapes.SetType: set,
            shapes.FrozenSetType: frozenset,
            shapes.VarTupleType: tuple,
        }.get(type(shape), list)
        try:
            return kind(made)
        except TypeError as error:
            return self.wrong(pointer, str(error))

    def dict(self, shape: Any, value: Any, pointer: str) -> Any:
        if not isinstance(value, dict):
            return self.wrong(pointer, f"Expected `object`, got `{_kind(value)}`")
        if not self.is_as_long(shape, value, pointer, "object"):
            return WRONG
        made = {}
        is_wrong = False
        for key, item in value.items():
            below = f"{pointer}/{escaped(str(key))}"
            found_key = self.leaf_key(shape.key_type, key, below)
            found = self.convert(shape.value_type, item, below)
            if found is WRONG or found_key is WRONG:
                is_wrong = True
            else:
                made[found_key] = found
        return WRONG if is_wrong else made

    def leaf_key(self, shape: Any, key: Any, pointer: str) -> Any:
        try:
            return msgspec.convert(key, type_of(shape), strict=False)
        except msgspec.ValidationError as error:
            return self.wrong(pointer, f"The key: {told_by(error)[0]}")

    def tuple(self, types: Any, make: Any, value: Any, pointer: str) -> Any:
        if not isinstance(value, list | tuple):
            return self.wrong(pointer, f"Expected `array`, got `{_kind(value)}`")
        if len(value) != len(types):
            return self.wrong(pointer, f"Expected `array` of length {len(types)}, got {len(value)}")
        made = [
            self.convert(shape, item, f"{pointer}/{number}")
            for number, (shape, item) in enumerate(zip(types, value, strict=True))
        ]
        return WRONG if any(item is WRONG for item in made) else make(made)

    def is_as_long(self, shape: Any, value: Any, pointer: str, kind: str) -> bool:
        least, most = shape.min_length, shape.max_length
        if least is not None and len(value) < least:
            self.wrong(pointer, f"Expected `{kind}` of length >= {least}")
            return False
        if most is not None and len(value) > most:
            self.wrong(pointer, f"Expected `{kind}` of length <= {most}")
            return False
        return True

    def union(self, shape: Any, value: Any, pointer: str) -> Any:
        types: list[Any] = [plain_shape(t) for t in shape.types]
        if value is None and any(isinstance(t, shapes.NoneType) for t in types):
            return None
        rest = [t for t in types if not isinstance(t, shapes.NoneType)]
        if len(rest) > 1 and isinstance(value, dict):
            tags = {t.tag: t for t in rest if getattr(t, "tag_field", None) is not None}
            if tags:
                field = next(iter(tags.values())).tag_field
                below = f"{pointer}/{escaped(field)}"
                if field not in value:
                    return self.wrong(below, "Required, and missing")
                tag = value[field]
                if not isinstance(tag, str | int) or tag not in tags:
                    return self.wrong(below, _one_of(tags))
                return self.convert(tags[tag], value, pointer)
            rest = [t for t in rest if isinstance(t, (*OBJECTS, *DICTS))] or rest
        elif len(rest) > 1 and isinstance(value, list):
            rest = [t for t in rest if isinstance(t, (*LISTS, shapes.TupleType))] or rest
        if len(rest) == 1:
            return self.convert(rest[0], value, pointer)
        if all(isinstance(t, (*OBJECTS, *LISTS, *DICTS)) for t in rest):
            kinds = " | ".join("array" if isinstance(t, LISTS) else "object" for t in rest)
            return self.wrong(pointer, f"Expected `{kinds}`, got `{_kind(value)}`")
        simple = [t for t in rest if not isinstance(t, (*OBJECTS, *LISTS, *DICTS))]
        union: Any = type_of(simple[0])
        for t in simple[1:]:
            union = union | type_of(t)
        return self.leaf(union, value, pointer)


def _kind(value: Any) -> str:
    """What JSON calls a value."""
    if value is None:
        return "null"
    names: dict[type, str] = {dict: "object", list: "array"}
    return names.get(type(value), type(value).__name__)


def _one_of(values: Any) -> str:
    told = [msgspec.json.encode(value).decode() for value in values]
    return f"Expected one of {', '.join(told)}" if len(told) > 1 else f"Expected {told[0]}"
