"""The names of ``werkzeug.formparser``."""

from __future__ import annotations

from erlen.http.forms import (
    FormDataParser,
    MultiPartParser,
    default_stream_factory,
    parse_form_data,
)

__all__ = [
    "FormDataParser",
    "MultiPartParser",
    "default_stream_factory",
    "parse_form_data",
]
