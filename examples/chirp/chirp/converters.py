"""Ids in addresses: ``<id:chirp_id>``."""

from __future__ import annotations

from erlen import Erlen
from erlen.routing import IntegerConverter, ValidationError

LARGEST_ID = 2**63 - 1


class IdConverter(IntegerConverter):
    """A number that a row can have. Any other is nobody's address: 404, and no question that a
    database would refuse."""

    regex = "[1-9][0-9]{0,18}"

    def to_python(self, value: str) -> int:
        number: int = super().to_python(value)
        if number > LARGEST_ID:
            raise ValidationError
        return number


def init_app(app: Erlen) -> None:
    app.url_map.converters["id"] = IdConverter
