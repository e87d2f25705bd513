"""What a program sends, checked for its types; what a value may be is said by the services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from erlen import request
from erlen.http.exceptions import BadRequest

from ..services import pages
from ..services.errors import Invalid

#: What ``Idempotency-Key`` may be; a random UUID has 36.
_LONGEST_KEY = 255


def body() -> Mapping[str, Any]:
    """The JSON object of the request.

    :raises BadRequest: if it is not JSON, or JSON but no object
    :raises UnsupportedMediaType: if it does not say that it is JSON
    """
    found = request.get_json()
    if not isinstance(found, dict):
        raise BadRequest("Send a JSON object.")
    return found


def string(values: Mapping[str, Any], field: str) -> str:
    """
    :raises Invalid: if it is missing or no string
    """
    value = values.get(field)
    if not isinstance(value, str):
        raise Invalid(field, "Send a string.")
    return value


def number_or_none(values: Mapping[str, Any], field: str) -> int | None:
    """
    :raises Invalid: if it is neither a whole number nor null nor missing
    """
    value = values.get(field)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise Invalid(field, "Send a whole number, or null.")
    return value


def idempotency_key() -> str | None:
    """The key that makes two equal requests one."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 1 <= len(key) <= _LONGEST_KEY:
        raise BadRequest(f"An Idempotency-Key has 1 to {_LONGEST_KEY} characters.")
    return None if key is None else f"api:{key}"


def cursor() -> str | None:
    return request.args.get("cursor")


def limit() -> int:
    """How many items a page shall have.

    :raises BadRequest: for anything that is no number from 1 to 100
    """
    text = request.args.get("limit", str(pages.PAGE))
    if not (text.isascii() and text.isdigit() and len(text) <= 3):
        raise BadRequest(f"limit is a number from 1 to {pages.LARGEST_PAGE}.")
    number = int(text)
    if not 1 <= number <= pages.LARGEST_PAGE:
        raise BadRequest(f"limit is a number from 1 to {pages.LARGEST_PAGE}.")
    return number
