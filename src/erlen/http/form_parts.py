"""The parts of a multipart form, as they come in (RFC 7578)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .exceptions import BadRequest
from .grammar import parse_options_header
from .headers import Headers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

# RFC 7578 parts have two or three short headers.
_MAX_PART_HEADERS = 16
_MAX_PART_HEADER_SIZE = 8 * 1024
# Programs that end their lines in another way begin with the boundary: a long preamble is not kept.
_MAX_BEGINNING = 16 * 1024
# RFC 7578, section 4.2, and what some programs write instead.
_DISPOSITIONS = frozenset(("form-data", "form-field"))
# What no header may hold, and no browser sends in a name: it would end a header, or a path.
_BREAKS = re.compile(r"[\r\n\0]")


class MalformedForm(BadRequest, ValueError):
    """400: the body is no form of the type that it claims to be."""


# PERF: the fields of a form have the same headers each time. The answers are only read.
@lru_cache(maxsize=256)
def _options_of(header: str | None) -> tuple[str, dict[str, str]]:
    parsed = parse_options_header(header)
    for text in parsed[1].values():
        if _BREAKS.search(text) is not None:
            raise MalformedForm("A name in the multipart form contains a line break or NUL.")
    return parsed


class Part:
    """A part that is being read: where its bytes go, and what becomes of them."""

    __slots__ = (
        "bytes_received", "charset", "chunks", "complete", "content_type", "file", "filename",
        "headers", "name",
    )  # fmt: skip

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        # The parser counts here.
        self.bytes_received = 0
        self.complete = False
        try:
            self.headers = Headers(pairs)
        except ValueError as error:
            raise MalformedForm(
                "A header of the multipart form contains a line break or NUL."
            ) from error
        disposition, options = _options_of(self.headers.get("content-disposition"))
        name = options.get("name")
        if disposition.lower() not in _DISPOSITIONS or name is None:
            raise MalformedForm("A part of the multipart form has no name.")
        self.name = name
        filename = options.get("filename")
        # Some browsers send the path of the client's disk.
        if filename is not None and (filename[1:3] == ":\\" or filename[:2] == "\\\\"):
            filename = filename.split("\\")[-1]
        self.filename = filename
        self.content_type: str | None = self.headers.get("content-type")
        self.file: IO[bytes] | None = None
        self.chunks: list[bytes] = []

    def text(self) -> str:
        if self.content_type is None:
            return b"".join(self.chunks).decode("utf-8", "replace")
        charset = _options_of(self.content_type)[1].get("charset", "utf-8").lower()
        if charset not in {"utf-8", "us-ascii", "ascii", "iso-8859-1"}:
            charset = "utf-8"
        return b"".join(self.chunks).decode(charset, "replace")


@lru_cache(maxsize=1)
def _form_parser() -> type[Any]:
    """The parser of bodies; a process that gets no form does not import it."""
    from multipart import PushMultipartParser

    class FormParser(PushMultipartParser):  # type: ignore[misc]
        def _create_segment(self, headerlist: list[tuple[str, str]]) -> Part:
            return Part(headerlist)

    return FormParser


class _AnyLineBreaks:
    """Has the methods of the parser, and takes lines that end in LF or CR alone."""

    def __init__(self, boundary: bytes) -> None:
        from .multipart import MultipartDecoder

        self._decoder = MultipartDecoder(boundary)
        self.closed = False

    def parse(self, chunk: bytes) -> Iterator[Part | bytes | None]:
        from .multipart import Data, Field, File, State

        self._decoder.receive_data(chunk or None)
        try:
            for event in self._decoder:
                if isinstance(event, Data):
                    if event.data:
                        yield event.data
                    if not event.more_data:
                        yield None
                elif isinstance(event, (Field, File)):
                    yield Part(list(event.headers))
        except MalformedForm:
            raise
        except ValueError as error:
            raise MalformedForm(f"The multipart form is malformed: {error}.") from error
        self.closed = self._decoder.state in (State.EPILOGUE, State.COMPLETE)


def read_parts(stream: IO[bytes], boundary: bytes, size: int) -> Iterator[Part | bytes | None]:
    """For each part the :class:`Part`, pieces of its content, and ``None`` at its end.

    :param size: how many bytes to read at once
    :raises MalformedForm: (400) for what is no multipart form
    """
    from multipart import MultipartError

    read = stream.read
    begun = False
    # What was read so far, for as long as the kind of line breaks may be another one.
    seen = b""
    try:
        parser = _form_parser()(
            boundary, max_header_count=_MAX_PART_HEADERS, max_header_size=_MAX_PART_HEADER_SIZE
        )
        while not parser.closed:
            # An empty chunk tells the parser that the body has ended.
            chunk = read(size)
            try:
                for event in parser.parse(chunk):
                    begun = True
                    yield event
            except MultipartError:
                body = seen + chunk
                if begun or not _has_other_line_breaks(body, boundary):
                    raise
                parser = _AnyLineBreaks(boundary)
                yield from parser.parse(body)
            if not begun:
                seen += chunk
                begun = len(seen) > _MAX_BEGINNING
    except MultipartError as error:
        raise MalformedForm(f"The multipart form is malformed: {error}") from error


def _has_other_line_breaks(body: bytes, boundary: bytes) -> bool:
    """Whether the line of the first boundary ends in LF or CR alone."""
    rest = body.partition(b"--" + boundary)[2][:2]
    return rest[:1] == b"\n" or (rest[:1] == b"\r" and rest != b"\r\n")
