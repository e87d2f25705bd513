"""The names of ``werkzeug.urls``."""

from __future__ import annotations

from erlen.http.urls import iri_to_uri, uri_to_iri

__all__ = [
    "iri_to_uri",
    "uri_to_iri",
]
