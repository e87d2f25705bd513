"""The parts of a multipart form, as they come in (RFC 7578)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import IO, Any

from .exceptions import BadRequest
from .grammar import parse_options_header
from .headers import Headers

# RFC 7578 parts have two or three short headers.
_MAX_PART_HEADERS = 16
_MAX_PART_HEADER_SIZE = 8 * 1024
# Programs that end their lines in another way begin with the boundary: a long preamble is not kept.
_MAX_BEGINNING = 16 * 1024
# RFC 7578, section 4.2, and what some programs write instead.
_DISPOSITIONS = frozenset(("form-data", "form-field"))
# What browsers write in front of a field or a file, if there is nothing in the names to be decoded.
_AS_BROWSERS_WRITE = re.compile(
    rb'\r\nContent-Disposition: (form-data; name="([ !#$&-\[\]-~]*)"'
    rb'(?:; filename="([ !#$&-\[\]-~]*)")?)\r\n(?:Content-Type: ([!-~][ -~]*)\r\n)?\r\n'
).match
# So many parts are looked for at once.
_MOST_USUAL_PARTS = 64
# What no header may hold, and no browser sends in a name: it would end a header, or a path.
_BREAKS = re.compile(r"[\r\n\0]")


class MalformedForm(BadRequest, ValueError):
    """400: the body is no form of the type that it claims to be."""


def _options_of(header: str | None) -> tuple[str, dict[str, str]]:
    parsed = parse_options_header(header)
    for text in parsed[1].values():
        if _BREAKS.search(text) is not None:
            raise MalformedForm("A name in the multipart form contains a line break or NUL.")
    return parsed


# PERF: the fields of a form have the same headers each time.
@lru_cache(maxsize=256)
def _names_of(header: str | None) -> tuple[str, str | None]:
    """The name of the field, and that of the file if it is one."""
    disposition, options = _options_of(header)
    name = options.get("name")
    if disposition.lower() not in _DISPOSITIONS or name is None:
        raise MalformedForm("A part of the multipart form has no name.")
    filename = options.get("filename")
    # Some browsers send the path of the client's disk.
    if filename is not None and (filename[1:3] == ":\\" or filename[:2] == "\\\\"):
        filename = filename.split("\\")[-1]
    return name, filename


class Part:
    """A part that is being read: where its bytes go, and what becomes of them.

    :param pairs: its headers; the list is kept
    """

    __slots__ = (
        "_pairs", "bytes_received", "charset", "chunks", "complete", "content_type", "file",
        "filename", "name",
    )  # fmt: skip

    def __init__(
        self,
        pairs: list[tuple[str, str]],
        name: str,
        filename: str | None,
        content_type: str | None,
    ) -> None:
        # The parser counts here.
        self.bytes_received: int = 0
        self.complete: bool = False
        self._pairs = pairs
        self.name: str = name
        self.filename: str | None = filename
        self.content_type: str | None = content_type
        self.file: IO[bytes] | None = None
        self.chunks: list[bytes] = []

    @classmethod
    def of_headers(cls, pairs: list[tuple[str, str]]) -> Part:
        """The part that these headers begin.

        :raises MalformedForm: (400) for a line break in one, or without a name
        """
        disposition = content_type = None
        for pair in pairs:
            name, value = pair
            # PERF: what is printable holds no control character; the rest is looked at closely.
            if not (value.isprintable() and name.isprintable()):
                _check_header(pair)
            name = name.lower()
            if name == "content-disposition":
                if disposition is None:
                    disposition = value
            elif name == "content-type" and content_type is None:
                content_type = value
        return cls(pairs, *_names_of(disposition), content_type)

    @property
    def headers(self) -> Headers:
        """The headers, which were checked when they came."""
        return Headers._adopt(self._pairs)

    def text(self) -> str:
        if self.content_type is None:
            return b"".join(self.chunks).decode("utf-8", "replace")
        charset = _options_of(self.content_type)[1].get("charset", "utf-8").lower()
        if charset not in {"utf-8", "us-ascii", "ascii", "iso-8859-1"}:
            charset = "utf-8"
        return b"".join(self.chunks).decode(charset, "replace")


def _check_header(pair: tuple[str, str]) -> None:
    try:
        Headers((pair,))
    except ValueError as error:
        raise MalformedForm(
            "A header of the multipart form contains a line break or NUL."
        ) from error


@lru_cache(maxsize=1)
def _library() -> tuple[type[Any], type[Exception]]:
    """The parser of bodies, and its errors; a process that gets no form does not import it."""
    from multipart import MultipartError, ParserError, PushMultipartParser

    class FormParser(PushMultipartParser):  # type: ignore[misc]
        def _on_segment_headerline(self, line: bytes) -> None:
            # It is refused where the rest of the line is not there yet, and so must it be here.
            if b"\n" in line:
                raise ParserError("Invalid line break in segment header")
            super()._on_segment_headerline(line)

        _create_segment: Any = staticmethod(Part.of_headers)

    return FormParser, MultipartError


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
                    yield Part.of_headers(list(event.headers))
        except MalformedForm:
            raise
        except ValueError as error:
            raise MalformedForm(f"The multipart form is malformed: {error}.") from error
        self.closed = self._decoder.state in (State.EPILOGUE, State.COMPLETE)


def read_parts(stream: IO[bytes], boundary: bytes, size: int) -> Iterable[Part | bytes | None]:
    """For each part the :class:`Part`, pieces of its content, and ``None`` at its end.

    :param size: how many bytes to read at once
    :raises MalformedForm: (400) for what is no multipart form
    """
    chunk = stream.read(size)
    events = _usual_parts(chunk, boundary)
    if events is None:
        return _parse(stream.read, boundary, size, chunk)
    # What follows the last boundary is nothing, but it belongs to the body.
    while stream.read(size):
        pass
    return events


def _usual_parts(body: bytes, boundary: bytes) -> list[Part | bytes | None] | None:
    """PERF: the parts of a form that is there whole, and small, and written as browsers do;
    ``None`` for every other, which the parser takes. No headers but these are taken, so that no
    part is cut in another place."""
    mark = b"--" + boundary
    if (
        not body.endswith((mark + b"--\r\n", mark + b"--"))
        or not body.startswith(mark)
        or not boundary
        or b"\n" in boundary
    ):
        return None
    events: list[Part | bytes | None] = []
    start = len(mark)
    for piece in body.split(b"\r\n" + mark, _MOST_USUAL_PARTS):
        match = _AS_BROWSERS_WRITE(piece, start)
        if match is None or match.end() > _MAX_PART_HEADER_SIZE:
            return events if start == 0 and piece.startswith(b"--") else None
        start = 0
        disposition, name, filename, content_type = match.groups()
        pairs = [("Content-Disposition", disposition.decode())]
        if content_type is not None:
            content_type = content_type.decode()
            pairs.append(("Content-Type", content_type))
        if filename is not None:
            filename = filename.decode()
        events.append(Part(pairs, name.decode(), filename, content_type))
        if match.end() < len(piece):
            events.append(piece[match.end() :])
        events.append(None)
    return None


def _parse(
    read: Callable[[int], bytes], boundary: bytes, size: int, chunk: bytes
) -> Iterator[Part | bytes | None]:
    """:func:`read_parts` by the parser.

    :param chunk: what was read already
    """
    make_parser, errors = _library()
    try:
        parser, chunk = _begin(make_parser, read, boundary, size, chunk)
        yield from parser.parse(chunk)
        while not parser.closed:
            # An empty chunk tells the parser that the body has ended.
            yield from parser.parse(read(size))
    except errors as error:
        raise MalformedForm(f"The multipart form is malformed: {error}") from error


def _begin(
    make_parser: type[Any], read: Callable[[int], bytes], boundary: bytes, size: int, chunk: bytes
) -> tuple[Any, bytes]:
    """The parser of a body, and what to give to it first.

    The first boundary decides, wherever the pieces of the body are cut: text may stand in front of
    its line, and where that line ends in LF or CR alone, all lines do.
    """
    mark = b"--" + boundary
    parser = make_parser(
        boundary, max_header_count=_MAX_PART_HEADERS, max_header_size=_MAX_PART_HEADER_SIZE
    )
    if chunk.startswith(mark) and chunk[len(mark) : len(mark) + 2] == b"\r\n":
        # PERF: what clients send; the copy that follows is as large as what was read.
        return parser, chunk
    body = bytearray(chunk)
    # How many bytes were read and are not in the body any more; from where on it is unknown.
    dropped = start = 0
    while True:
        at = body.find(mark, start)
        if not chunk or (at >= 0 and len(body) >= at + len(mark) + 2):
            break
        start = max(0, len(body) - len(mark) + 1) if at < 0 else at
        if start > _MAX_BEGINNING:
            # All but the two bytes that stand in front of a boundary.
            dropped += start - 2
            del body[: start - 2]
            start = 2
        chunk = read(size)
        body += chunk
    if at < 0:
        raise MalformedForm("The multipart form has no boundary.")
    end = bytes(body[at + len(mark) : at + len(mark) + 2])
    if end[:1] == b"\n" or (end[:1] == b"\r" and end != b"\r\n"):
        if dropped + at > _MAX_BEGINNING:
            raise MalformedForm("The multipart form begins too late.")
        return _AnyLineBreaks(boundary), bytes(body)
    if dropped + at > 0 and body[max(0, at - 2) : at] != b"\r\n":
        raise MalformedForm("The first boundary of the multipart form does not begin a line.")
    return parser, bytes(body[at:])
