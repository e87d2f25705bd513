"""The body of a request as a form, urlencoded or multipart, with files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from ..http.exceptions import HTTPException
from .models import OBJECTS
from .problems import MalformedBody, WrongMediaType
from .readers import Reader, Unfit
from .signature import refuse
from .text_fields import checked, fields_of, gather_fields

if TYPE_CHECKING:
    from .mistakes import Mistakes
    from .signature import Parameter

_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


def form_reader(view: str, parameter: Parameter, shape: Any) -> Reader:
    """The reader of a form.

    :raises ViewError: for a type without fields, or with one that no text and no file can be
    """
    if not isinstance(shape, OBJECTS):
        refuse(
            view, parameter.name, "is a form: give it a type with fields, as a Struct, one for each"
            " field of the form.",
        )  # fmt: skip
    annotation, default, is_required = parameter.type, parameter.default, parameter.is_required
    fields = fields_of(view, parameter, shape, takes_files=True)
    keeps_unknown = bool(getattr(shape, "forbid_unknown_fields", False))

    def gather(request: Any) -> dict[str, Any]:
        found = gather_fields(request.form, fields, keeps_unknown)
        if request.files:
            found |= gather_fields(request.files, fields, keeps_unknown)
        return found

    def read(request: Any, values: dict[str, Any]) -> Any:
        if request.mimetype not in _FORMS:
            if is_required or request.get_data():
                raise Unfit
            return default
        return checked(msgspec.convert(gather(request), annotation, strict=False), fields)

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
        mistakes.read("form", annotation, value, strict=False)

    return Reader(parameter, read, explain)
