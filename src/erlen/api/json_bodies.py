"""The body of a request as JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import inspect as shapes

from .mistakes import WRONG, Mistakes
from .models import shapes_in
from .problems import MalformedBody, WrongMediaType
from .readers import NOT_FINITE, Reader, Unfit
from .signature import refuse

if TYPE_CHECKING:
    from .signature import Parameter

_JSON = "application/json"
# What a decimal may be written as, and JSON has no word for; escaped, it may be anything.
_MAYBE_NO_NUMBER = re.compile(rb"nan|inf|\\u", re.IGNORECASE)


def body_reader(view: str, parameter: Parameter, shape: Any) -> Reader:
    """The reader of a body.

    :raises ViewError: for a type that JSON cannot be
    """
    has_decimals = False
    for inner in shapes_in(shape):
        has_decimals = has_decimals or isinstance(inner, shapes.DecimalType)
        if isinstance(inner, shapes.CustomType):
            refuse(view, parameter.name, f"has a type that cannot be read: {inner.cls!r}.")
    annotation, default = parameter.type, parameter.default
    decode = msgspec.json.Decoder(annotation).decode
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
                raise Unfit(NOT_FINITE)
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
