"""``werkzeug.wrappers``."""

from ...http.request import Request
from ...http.response import Response

__all__ = ["Request", "Response"]
