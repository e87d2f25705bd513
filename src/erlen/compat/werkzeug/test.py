"""``werkzeug.test``."""

from ...testing.builder import EnvironBuilder, create_environ
from ...testing.client import Client, ClientRedirectError, TestResponse, run_wsgi_app
from ...testing.cookies import Cookie
from ...testing.multipart import encode_multipart, stream_encode_multipart

__all__ = [
    "Client",
    "ClientRedirectError",
    "Cookie",
    "EnvironBuilder",
    "TestResponse",
    "create_environ",
    "encode_multipart",
    "run_wsgi_app",
    "stream_encode_multipart",
]
