"""Sessions: what is kept for a client from one request to the next."""

from .base import NullSession, SecureCookieSession, SessionInterface, SessionMixin
from .secure_cookie import SecureCookieSessionInterface, session_json_serializer

__all__ = [
    "NullSession",
    "SecureCookieSession",
    "SecureCookieSessionInterface",
    "SessionInterface",
    "SessionMixin",
    "session_json_serializer",
]
