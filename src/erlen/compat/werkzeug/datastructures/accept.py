"""The names of ``werkzeug.datastructures.accept``."""

from __future__ import annotations

from erlen.http.accept import Accept, CharsetAccept, LanguageAccept, MIMEAccept

__all__ = [
    "Accept",
    "CharsetAccept",
    "LanguageAccept",
    "MIMEAccept",
]
