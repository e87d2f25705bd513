"""Multipart forms as a browser writes them (RFC 7578)."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from .media_types import guess_type
from .multidict import iter_multi_items
from .multipart import escape_name


def stream_encode_multipart(
    data: Mapping[str, Any],
    use_tempfile: bool = True,
    threshold: int = 1024 * 500,
    boundary: str | None = None,
) -> tuple[IO[bytes], int, str]:
    """The form as a file, its length, and the boundary.

    :param use_tempfile: write a large form to disk
    :param threshold: from how many bytes on
    """
    if boundary is None:
        from secrets import token_hex

        boundary = f"---------------ErlenFormPart_{token_hex(16)}"
    stream: IO[bytes]
    if use_tempfile:
        from tempfile import SpooledTemporaryFile

        # The caller gets the file, and closes it.
        stream = SpooledTemporaryFile(max_size=threshold, mode="wb+")  # noqa: SIM115
    else:
        stream = BytesIO()
    mark = f"--{boundary}".encode()
    for key, value in iter_multi_items(data):
        stream.write(
            mark + b'\r\nContent-Disposition: form-data; name="' + escape_name(key).encode() + b'"'
        )
        read = getattr(value, "read", None)
        if read is None:
            content = value if isinstance(value, bytes) else str(value).encode()
            stream.write(b"\r\n\r\n" + content + b"\r\n")
            continue
        filename = getattr(value, "filename", getattr(value, "name", None))
        content_type = getattr(value, "content_type", None)
        if content_type is None:
            content_type = guess_type(str(filename or ""))[0] or "application/octet-stream"
        headers = getattr(value, "headers", None)
        if filename is not None:
            stream.write(b'; filename="' + escape_name(str(filename)).encode() + b'"')
        stream.write(b"\r\n")
        if headers is not None:
            for name, text in headers.items():
                if name.lower() not in ("content-disposition", "content-type"):
                    stream.write(f"{name}: {text}\r\n".encode())
        stream.write(f"Content-Type: {content_type}\r\n\r\n".encode())
        while chunk := read(16384):
            stream.write(chunk)
        stream.write(b"\r\n")
    stream.write(mark + b"--\r\n")
    length = stream.tell()
    stream.seek(0)
    return stream, length, boundary


def encode_multipart(values: Mapping[str, Any], boundary: str | None = None) -> tuple[str, bytes]:
    """The boundary and the bytes of a form."""
    stream, _, boundary = stream_encode_multipart(values, use_tempfile=False, boundary=boundary)
    return boundary, stream.read()
