"""``werkzeug.formparser``."""

from ...http.forms import (
    FormDataParser,
    MultiPartParser,
    default_stream_factory,
    parse_form_data,
)

__all__ = ["FormDataParser", "MultiPartParser", "default_stream_factory", "parse_form_data"]
