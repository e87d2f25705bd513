"""How each parameter of a typed view is read; decided when the view is registered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import inspect as shapes
from msgspec import structs

from ..http.exceptions import HTTPException
from ..http.files import FileStorage
from .markers import FromBody, FromCookie, FromForm, FromHeader, FromQuery
from .mistakes import WRONG, Mistakes, escaped, is_finite
from .models import DICTS, LISTS, OBJECTS, plain_shape, shapes_in, type_of
from .problems import InvalidInput, MalformedBody, WrongMediaType
from .signature import refuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from .signature import Parameter, Signature

    Read = Callable[[Any, dict[str, Any]], Any]

#: A file of a form: ``picture: Upload``.
Upload = FileStorage

# What a decimal may be written as, and JSON has no word for; escaped, it may be anything.
_MAYBE_NO_NUMBER = re.compile(rb"nan|inf|\\u", re.IGNORECASE)
_JSON = "application/json"
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


class Unfit(Exception):
    """A value that the fast way does not take; the slow walk says why."""


#: What reading raises for input that does not fit.
FAILED = (Unfit, msgspec.DecodeError, ValueError, RecursionError)
_NOT_FINITE = "Expected a number, got NaN or Infinity"


@dataclass(frozen=True)
class Reader:
    """One parameter.

    :param read: gives its value, and raises what :data:`FAILED` names
    :param explain: collects what does not fit, behind a ``read`` that failed
    :param pointer: where its value is in its place
    """

    parameter: Parameter
    read: Read
    explain: Callable[[Any, dict[str, Any], Mistakes], None]
    pointer: str = ""


def readers_of(signature: Signature, path: dict[str, Any]) -> list[Reader]:
    """How the parameters of a view are read.

    :param path: the type that the converter of each variable of the rule gives, ``None`` where it
        is not known
    :raises ViewError: for a parameter that comes from nowhere, or of a type that cannot be read
    """
    found = []
    for parameter in signature.parameters:
        source, name = parameter.source, parameter.name
        if source is None:
            if name not in path:
                continue
            reader = _path_reader(signature.name, parameter, path[name])
            if reader is not None:
                found.append(reader)
            continue
        if name in path:
            refuse(
                signature.name,
                name,
                f"comes from the {parameter.place} by its marker, and is a variable of the rule:"
                " take off the marker, or give it another name.",
            )
        try:
            shape = plain_shape(shapes.type_info(parameter.type))
        except (TypeError, NameError) as error:
            refuse(signature.name, name, f"has a type that cannot be read: {error}")
        make = _MAKERS[type(source)]
        found.append(make(signature.name, parameter, shape))
    return found


def problem_of(readers: list[Reader], request: Any, values: dict[str, Any]) -> InvalidInput:
    """Everything that does not fit in a request.

    :raises MalformedBody: (400) for a body that is none
    :raises WrongMediaType: (415) for one of another media type
    """
    mistakes = Mistakes()
    for reader in readers:
        try:
            reader.read(request, values)
        except FAILED as error:
            before = len(mistakes.found)
            reader.explain(request, values, mistakes)
            if len(mistakes.found) == before and not mistakes.is_full:
                # The decoder sees more than the walk: of a key that is there twice, both values.
                mistakes.add_error(reader.parameter.place, reader.pointer, error)
    count = len(mistakes.found)
    detail = f"{count} values do not fit." if count > 1 else "A value does not fit."
    if mistakes.is_full:
        detail = f"More than {count} values do not fit; these are the first of them."
    return InvalidInput(detail=detail, errors=mistakes.found)


# -- JSON --------------------------------------------------------------------------------------


def _body_reader(view: str, parameter: Parameter, shape: Any) -> Reader:
    for inner in shapes_in(shape):
        if isinstance(inner, shapes.CustomType):
            refuse(view, parameter.name, f"has a type that cannot be read: {inner.cls!r}.")
    annotation, default = parameter.type, parameter.default
    decode = msgspec.json.Decoder(annotation).decode
    has_decimals = any(isinstance(s, shapes.DecimalType) for s in shapes_in(shape))
    is_required = parameter.is_required

    def read(request: Any, values: dict[str, Any]) -> Any:
        # PERF: most say no more than this, and nothing is parsed for it.
        if request.environ.get("CONTENT_TYPE") != _JSON and not _is_json(request):
            if is_required or request.get_data():
                raise Unfit
            return default
        data = request.get_data()
        if not data and not is_required:
            return default
        if has_decimals and _MAYBE_NO_NUMBER.search(data):
            mistakes = Mistakes()
            found = mistakes.read("body", annotation, msgspec.json.decode(data))
            if found is WRONG:
                raise Unfit(_NOT_FINITE)
            return found
        return decode(data)

    def explain(request: Any, values: dict[str, Any], mistakes: Mistakes) -> None:
        data = request.get_data()
        if not data:
            if is_required:
                raise MalformedBody(detail="A JSON document is needed, and the body is empty.")
            return
        if not _is_json(request):
            raise WrongMediaType(detail=f"The body has to be {_JSON} in UTF-8.")
        try:
            value = msgspec.json.decode(data)
        except msgspec.ValidationError as error:
            # A number beyond all bounds.
            mistakes.add_error("body", "", error)
            return
        except RecursionError:
            raise MalformedBody(detail="The document is nested too deeply.") from None
        except (msgspec.DecodeError, ValueError) as error:
            raise MalformedBody(detail=_without_content(error)) from None
        mistakes.read("body", annotation, value)

    return Reader(parameter, read, explain)


def _is_json(request: Any) -> bool:
    """Whether the body says that it is JSON, in UTF-8 (RFC 8259, section 8.1)."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    return request.is_json and charset in ("utf-8", "utf8", "us-ascii")


def _without_content(error: Exception) -> str:
    """What a decoder says of a document."""
    if isinstance(error, UnicodeDecodeError):
        return "The document is not UTF-8."
    text = str(error)
    return f"{text[:200].rstrip('.')}."


# -- forms -------------------------------------------------------------------------------------


def _form_reader(view: str, parameter: Parameter, shape: Any) -> Reader:
    if not isinstance(shape, OBJECTS):
        refuse(
            view, parameter.name, "is a form: give it a type with fields, as a Struct, one for each"
            " field of the form.",
        )  # fmt: skip
    annotation, default, is_required = parameter.type, parameter.default, parameter.is_required
    fields = _fields_of(view, parameter, shape, takes_files=True)
    keeps_unknown = bool(getattr(shape, "forbid_unknown_fields", False))

    def gather(request: Any) -> dict[str, Any]:
        found = _gather(request.form, fields, keeps_unknown)
        if request.files:
            found |= _gather(request.files, fields, keeps_unknown)
        return found

    def read(request: Any, values: dict[str, Any]) -> Any:
        if request.mimetype not in _FORMS:
            if is_required or request.get_data():
                raise Unfit
            return default
        return _checked(msgspec.convert(gather(request), annotation, strict=False), fields)

    def explain(request: Any, values: dict[str, Any], mistakes: Mistakes) -> None:
        if request.mimetype not in _FORMS:
            if is_required or request.get_data():
                raise WrongMediaType(detail=f"The body has to be {' or '.join(_FORMS)}.")
            return
        try:
            value = gather(request)
        except HTTPException as error:
            if error.code != 400:
                raise
            raise MalformedBody(detail=error.description) from None
        _explain(mistakes, "form", annotation, value)

    return Reader(parameter, read, explain)


# -- query, headers, cookies -------------------------------------------------------------------


def _text_reader(
    view: str,
    parameter: Parameter,
    shape: Any,
    get: Callable[[Any], Any],
    name_of: Callable[[str], str] = str,
    splits: bool = False,
) -> Reader:
    """A reader of a source whose values are text by names.

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
        fields = _fields_of(view, parameter, shape)
        keeps_unknown = bool(getattr(shape, "forbid_unknown_fields", False)) and place == "query"

        def gather(request: Any) -> Any:
            return _gather(get(request), fields, keeps_unknown, name_of, splits)

        def read(request: Any, values: dict[str, Any]) -> Any:
            found = gather(request)
            if not found and not is_required:
                return default
            return _checked(msgspec.convert(found, annotation, strict=False), fields)

        def explain(request: Any, values: dict[str, Any], mistakes: Mistakes) -> None:
            found = gather(request)
            before = len(mistakes.found)
            if found or is_required:
                _explain(mistakes, place, annotation, found)
            mistakes.found[before:] = [
                structs.replace(one, pointer=name_of(one.pointer))
                for one in mistakes.found[before:]
            ]

        return Reader(parameter, read, explain)

    one = _checked_field(view, parameter, parameter.name, shape)
    is_list, has_floats = one.is_list, one.has_floats
    name = name_of(parameter.name)
    pointer = f"/{escaped(name)}"

    def take(request: Any) -> Any:
        if is_list:
            found = _list(get(request), name, splits)
            return found or None
        return get(request).get(name)

    def read_one(request: Any, values: dict[str, Any]) -> Any:
        found = take(request)
        if found is None:
            if is_required:
                raise Unfit
            return default
        made = msgspec.convert(found, annotation, strict=False)
        if has_floats and not _is_finite(made):
            raise Unfit(_NOT_FINITE)
        return made

    def explain_one(request: Any, values: dict[str, Any], mistakes: Mistakes) -> None:
        found = take(request)
        if found is None:
            if is_required:
                mistakes.add_if_room(place, pointer, "Required, and missing")
            return
        _explain(mistakes, place, annotation, found, pointer)

    return Reader(parameter, read_one, explain_one, pointer)


@dataclass(frozen=True)
class _Field:
    attribute: str
    name: str
    is_list: bool
    has_floats: bool
    is_file: bool = False


def _fields_of(
    view: str, parameter: Parameter, shape: Any, takes_files: bool = False
) -> tuple[_Field, ...]:
    return tuple(
        _checked_field(
            view, parameter, field.encode_name, plain_shape(field.type), takes_files, field.name
        )
        for field in shape.fields
    )


def _checked_field(
    view: str,
    parameter: Parameter,
    name: str,
    shape: Any,
    takes_files: bool = False,
    attribute: str = "",
) -> _Field:
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
    return _Field(
        attribute or name,
        name,
        is_list=bool(lists),
        has_floats=any(isinstance(s, shapes.FloatType | shapes.DecimalType) for s in leaves),
        is_file=any(isinstance(leaf, shapes.CustomType) for leaf in leaves),
    )


def _gather(
    source: Any,
    fields: tuple[_Field, ...],
    keeps_unknown: bool,
    name_of: Callable[[str], str] = str,
    splits: bool = False,
) -> dict[str, Any]:
    """The fields that were sent, by their names in the type."""
    found: dict[str, Any] = {}
    for field in fields:
        name = name_of(field.name)
        if field.is_list:
            values = _list(source, name, splits)
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


def _list(source: Any, name: str, splits: bool) -> list[Any]:
    if not splits:
        return [v for v in source.getlist(name) if getattr(v, "filename", True) != ""]
    text = source.get(name)
    return [] if text is None else [part.strip() for part in text.split(",")]


def _checked(made: Any, fields: tuple[_Field, ...]) -> Any:
    """What was converted from text.

    :raises Unfit: for NaN or Infinity
    """
    for field in fields:
        if field.has_floats:
            name = field.attribute
            value = made.get(name) if isinstance(made, dict) else getattr(made, name)
            if not _is_finite(value):
                raise Unfit(_NOT_FINITE)
    return made


def _is_finite(value: Any) -> bool:
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(is_finite, value))
    return is_finite(value)


def _explain(
    mistakes: Mistakes, place: str, annotation: Any, value: Any, pointer: str = ""
) -> None:
    mistakes.read(place, annotation, value, pointer, strict=False)


def _header_name(name: str) -> str:
    return name.replace("_", "-")


# -- the path ----------------------------------------------------------------------------------


def _path_reader(view: str, parameter: Parameter, given: Any) -> Reader | None:
    """A reader for what the rule's converter leaves to do; ``None`` where that is nothing.

    :param given: the type that the converter gives
    """
    annotation, name = parameter.type, parameter.name
    if annotation is Any or given is None:
        return None
    try:
        shape = plain_shape(shapes.type_info(annotation))
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


_MAKERS: dict[Any, Callable[..., Reader]] = {
    FromBody: _body_reader,
    FromForm: _form_reader,
    FromQuery: partial(_text_reader, get=lambda request: request.args),
    FromHeader: partial(
        _text_reader, get=lambda request: request.headers, name_of=_header_name, splits=True
    ),
    FromCookie: partial(_text_reader, get=lambda request: request.cookies),
}
