"""The names of ``werkzeug.datastructures.file_storage``."""

from __future__ import annotations

from erlen.http.files import FileMultiDict, FileStorage

__all__ = [
    "FileMultiDict",
    "FileStorage",
]
