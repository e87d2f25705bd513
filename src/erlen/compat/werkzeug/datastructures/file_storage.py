"""The names of ``werkzeug.datastructures.file_storage``."""

from __future__ import annotations

from erlen.http.files import FileStorage
from erlen.http.multidict import FileMultiDict

__all__ = [
    "FileMultiDict",
    "FileStorage",
]
