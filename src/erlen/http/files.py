"""Uploaded files, and names that are safe on this disk."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

from .grammar import parse_options_header
from .headers import Headers
from .multidict import MultiDict
from .paths import WINDOWS_DEVICES

_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")


def secure_filename(filename: str) -> str:
    """A name in ASCII that stays in its folder; it may be empty.

    >>> secure_filename("../../../etc/passwd")
    'etc_passwd'
    """
    import unicodedata

    name = unicodedata.normalize("NFKD", filename).encode("ascii", "ignore").decode("ascii")
    for separator in (os.sep, os.altsep, "/", "\\"):
        if separator:
            name = name.replace(separator, " ")
    name = _UNSAFE.sub("", "_".join(name.split())).strip("._")
    if os.name == "nt" and name and name.split(".")[0].upper() in WINDOWS_DEVICES:
        name = f"_{name}"
    return name


class FileStorage:
    """A file that a form brought; what a file object can do, it can.

    :param stream: the content, by default an empty one
    :param filename: the name as the client tells it: never use it as a path, see
        :func:`secure_filename`
    :param name: the name of the form's field
    :param content_type: the media type as the client tells it
    :param content_length: the length as the client tells it
    :param headers: the headers of the part
    """

    def __init__(
        self,
        stream: IO[bytes] | None = None,
        filename: str | None = None,
        name: str | None = None,
        content_type: str | None = None,
        content_length: int | None = None,
        headers: Headers | None = None,
    ) -> None:
        self.name = name
        if stream is None:
            from io import BytesIO

            stream = BytesIO()
        self.stream = stream
        if filename is None:
            filename = getattr(stream, "name", None)
            if filename is not None:
                filename = os.fsdecode(filename) if not isinstance(filename, int) else None
            # Python names streams without a file "<stdin>".
            if filename and filename[0] == "<" and filename[-1] == ">":
                filename = None
        self.filename = filename
        if headers is None:
            headers = Headers()
        self.headers = headers
        if content_type is not None:
            headers["Content-Type"] = content_type
        if content_length is not None:
            headers["Content-Length"] = str(content_length)

    def _parsed_content_type(self) -> tuple[str, dict[str, str]]:
        return parse_options_header(self.content_type)

    @property
    def content_type(self) -> str | None:
        """The media type as the client tells it."""
        value: str | None = self.headers.get("content-type")
        return value

    @property
    def content_length(self) -> int:
        """The length as the client tells it; 0 if it does not."""
        value = self.headers.get("content-length", "")
        return int(value) if value.isascii() and value.isdigit() and len(value) < 20 else 0

    @property
    def mimetype(self) -> str:
        """The media type without its parameters, in lower case."""
        return self._parsed_content_type()[0].lower()

    @property
    def mimetype_params(self) -> dict[str, str]:
        """The parameters of the media type."""
        return self._parsed_content_type()[1]

    def save(self, dst: str | os.PathLike[str] | IO[bytes], buffer_size: int = 16384) -> None:
        """Write the content to a path or to a file object.

        :param buffer_size: how many bytes to copy at once
        """
        from shutil import copyfileobj

        if isinstance(dst, (str, os.PathLike)):
            with open(dst, "wb") as target:
                copyfileobj(self.stream, target, buffer_size)
        else:
            copyfileobj(self.stream, dst, buffer_size)

    def close(self) -> None:
        """Close the content."""
        try:
            self.stream.close()
        except Exception:
            # The file of a failed upload may be gone already; nothing depends on it.
            return

    def __bool__(self) -> bool:
        return bool(self.filename)

    def __getattr__(self, name: str) -> Any:
        try:
            return getattr(self.stream, name)
        except AttributeError:
            # SpooledTemporaryFile hides some attributes of its file.
            if hasattr(self.stream, "_file"):
                return getattr(self.stream._file, name)  # pyright: ignore[reportAttributeAccessIssue]
            raise

    if TYPE_CHECKING:
        # What the content has, as far as most ask for it.
        def read(self, size: int = -1, /) -> bytes: ...
        def readline(self, size: int = -1, /) -> bytes: ...
        def readlines(self, hint: int = -1, /) -> list[bytes]: ...
        def seek(self, offset: int, whence: int = 0, /) -> int: ...
        def tell(self) -> int: ...

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.stream)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.filename!r} ({self.content_type!r})>"


class FileMultiDict(MultiDict[str, FileStorage]):
    """A :class:`MultiDict` of files."""

    def add_file(
        self,
        name: str,
        file: str | IO[bytes] | FileStorage,
        filename: str | None = None,
        content_type: str | None = None,
    ) -> None:
        """Add a file: a :class:`FileStorage`, a path, or a file object.

        :param filename: the name it has for the server, by default that of the path
        :param content_type: its media type, by default guessed from the name
        """
        if isinstance(file, FileStorage):
            self.add(name, file)
            return
        if isinstance(file, str):
            if filename is None:
                filename = file
            file = open(file, "rb")  # noqa: SIM115 - closed with the FileStorage
        if filename and content_type is None:
            import mimetypes

            content_type = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        self.add(name, FileStorage(file, filename, name, content_type))
