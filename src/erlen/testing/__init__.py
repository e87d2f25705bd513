"""Testing without a server: a client, an environment builder, and a command runner."""

from ..http.form_encoding import encode_multipart, stream_encode_multipart
from .app_client import EnvironBuilder, ErlenClient, ErlenCliRunner
from .client import Client, ClientRedirectError, TestResponse, run_wsgi_app, validated
from .cookies import Cookie

#: Flask's names.
FlaskClient = ErlenClient
FlaskCliRunner = ErlenCliRunner

__all__ = [
    "Client",
    "ClientRedirectError",
    "Cookie",
    "EnvironBuilder",
    "ErlenCliRunner",
    "ErlenClient",
    "FlaskCliRunner",
    "FlaskClient",
    "TestResponse",
    "encode_multipart",
    "run_wsgi_app",
    "stream_encode_multipart",
    "validated",
]
