"""``werkzeug``: Erlen's HTTP rooms under Werkzeug's names."""

from ...http.request import Request as Request
from ...http.response import Response as Response
from ...serving import run_simple as run_simple
from ...testing import Client as Client

__all__ = ["Client", "Request", "Response", "run_simple"]
