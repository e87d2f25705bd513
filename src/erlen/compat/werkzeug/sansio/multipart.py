"""The names of ``werkzeug.sansio.multipart``."""

from __future__ import annotations

from erlen.http.multipart import (
    NEED_DATA,
    Data,
    Epilogue,
    Event,
    Field,
    File,
    MultipartDecoder,
    MultipartEncoder,
    NeedData,
    Preamble,
    State,
)

__all__ = [
    "NEED_DATA",
    "Data",
    "Epilogue",
    "Event",
    "Field",
    "File",
    "MultipartDecoder",
    "MultipartEncoder",
    "NeedData",
    "Preamble",
    "State",
]
