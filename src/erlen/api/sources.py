"""How the parameters of a typed view are read; decided when the view is registered."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ..http.files import FileStorage
from .forms import form_reader
from .json_bodies import body_reader
from .markers import FromBody, FromCookie, FromForm, FromHeader, FromQuery
from .mistakes import Mistakes
from .models import plain_shape, shape_of
from .path_values import path_reader
from .problems import InvalidInput
from .readers import FAILED
from .signature import refuse
from .text_values import text_reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from .readers import Reader
    from .signature import Signature

#: A file of a form: ``picture: Upload``.
Upload = FileStorage


def readers_of(signature: Signature) -> list[Reader]:
    """How the parameters of a view are read that say where they come from.

    :raises ViewError: for one of a type that cannot be read
    """
    found = []
    for parameter in signature.parameters:
        if parameter.source is None:
            continue
        try:
            shape = plain_shape(shape_of(parameter.type))
        except (TypeError, NameError) as error:
            refuse(signature.name, parameter.name, f"has a type that cannot be read: {error}")
        found.append(_MAKERS[type(parameter.source)](signature.name, parameter, shape))
    return found


def path_readers_of(signature: Signature, path: dict[str, Any]) -> list[Reader]:
    """How the values of a path are read, where its converters leave something to do.

    :param path: the type that the converter of each variable of the rule gives, ``None`` where it
        is not known
    :raises ViewError: for a parameter that comes from elsewhere, or disagrees with the converter
    """
    found = []
    for parameter in signature.parameters:
        name = parameter.name
        if name not in path:
            continue
        if parameter.source is not None:
            refuse(
                signature.name,
                name,
                f"comes from the {parameter.place} by its marker, and is a variable of the rule:"
                " take off the marker, or give it another name.",
            )
        reader = path_reader(signature.name, parameter, path[name])
        if reader is not None:
            found.append(reader)
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


def _header_name(name: str) -> str:
    return name.replace("_", "-")


_MAKERS: dict[Any, Callable[..., Reader]] = {
    FromBody: body_reader,
    FromForm: form_reader,
    FromQuery: partial(text_reader, get=lambda request: request.args),
    FromHeader: partial(
        text_reader, get=lambda request: request.headers, name_of=_header_name, splits=True
    ),
    FromCookie: partial(text_reader, get=lambda request: request.cookies),
}
