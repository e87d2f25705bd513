"""The names of ``werkzeug.test``."""

from __future__ import annotations

from erlen.http.form_encoding import encode_multipart, stream_encode_multipart
from erlen.testing.builder import EnvironBuilder, create_environ
from erlen.testing.client import Client, ClientRedirectError, TestResponse, run_wsgi_app
from erlen.testing.cookies import Cookie

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
