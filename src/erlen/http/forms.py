"""Forms: the bodies that browsers send (HTML standard, section 4.10.21; RFC 7578)."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from .exceptions import BadRequest, RequestEntityTooLarge
from .grammar import parse_options_header
from .headers import Headers
from .multidict import ImmutableMultiDict, MultiDict
from .streams import CHUNK, get_content_length, get_input_stream
from .urls import TooManyFields, parse_query

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import IO

    from .files import FileStorage

    ParsedForm = tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]

# An uploaded file up to this size is kept in memory.
_MEMORY_FILE = 500 * 1024
# RFC 7578 parts have two or three short headers.
_MAX_PART_HEADERS = 16
_MAX_PART_HEADER_SIZE = 8 * 1024


class MalformedForm(BadRequest, ValueError):
    """400: the body is no form of the type that it claims to be."""


def default_stream_factory(
    total_content_length: int | None,
    content_type: str | None,
    filename: str | None = None,
    content_length: int | None = None,
) -> IO[bytes]:
    """Where an uploaded file goes: memory while it is small, a temporary file from then on.

    :param total_content_length: the length of the whole body, if it is known
    """
    if total_content_length is not None and total_content_length <= _MEMORY_FILE:
        return BytesIO()
    from tempfile import SpooledTemporaryFile

    return SpooledTemporaryFile(max_size=_MEMORY_FILE, mode="rb+")


class FormDataParser:
    """Parses the forms of one request, within its limits.

    :param stream_factory: makes the file of an upload; see :func:`default_stream_factory`
    :param max_form_memory_size: the most bytes of text fields together; ``None`` is no limit
    :param max_content_length: the most bytes of the whole body
    :param cls: the class of the results
    :param silent: take a malformed form for an empty one
    :param max_form_parts: the most fields and files
    """

    def __init__(
        self,
        stream_factory: Callable[..., IO[bytes]] | None = None,
        max_form_memory_size: int | None = None,
        max_content_length: int | None = None,
        cls: type[MultiDict[str, Any]] | None = None,
        silent: bool = True,
        *,
        max_form_parts: int | None = None,
    ) -> None:
        self.stream_factory = stream_factory or default_stream_factory
        self.max_form_memory_size = max_form_memory_size
        self.max_content_length = max_content_length
        self.max_form_parts = max_form_parts
        self.cls = cls or ImmutableMultiDict
        self.silent = silent

    def parse_from_environ(self, environ: dict[str, Any]) -> ParsedForm:
        """The form of a WSGI request; see :meth:`parse`."""
        stream = get_input_stream(environ, max_content_length=self.max_content_length)
        mimetype, options = parse_options_header(environ.get("CONTENT_TYPE"))
        return self.parse(stream, mimetype, get_content_length(environ), options)

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: Mapping[str, str] | None = None,
    ) -> ParsedForm:
        """The stream behind the form, the text fields and the files.

        The stream is untouched if ``mimetype`` is no form.

        :param options: the parameters of the media type
        :raises RequestEntityTooLarge: (413) beyond a limit
        :raises MalformedForm: (400, a ``ValueError``) unless :attr:`silent`
        """
        mimetype = mimetype.lower()
        try:
            if mimetype == "multipart/form-data":
                boundary = (options or {}).get("boundary")
                if not boundary:
                    raise MalformedForm("The multipart form names no boundary.")
                if content_length == 0:
                    return stream, self.cls(), self.cls()
                parser = MultiPartParser(
                    self.stream_factory,
                    self.max_form_memory_size,
                    self.cls,
                    max_form_parts=self.max_form_parts,
                )
                form, files = parser.parse(stream, boundary, content_length)
                return stream, form, files
            if mimetype == "application/x-www-form-urlencoded":
                return stream, self._parse_urlencoded(stream, content_length), self.cls()
        except MalformedForm:
            if not self.silent:
                raise
        return stream, self.cls(), self.cls()

    def _parse_urlencoded(
        self, stream: IO[bytes], content_length: int | None
    ) -> MultiDict[str, str]:
        limit = self.max_form_memory_size
        if limit is None:
            data = stream.read()
        else:
            if content_length is not None and content_length > limit:
                raise RequestEntityTooLarge()
            data = stream.read(limit + 1) if content_length is None else stream.read()
            # A stream may return less than it was asked for.
            while content_length is None and len(data) <= limit and (more := stream.read(CHUNK)):
                data += more
            if len(data) > limit:
                raise RequestEntityTooLarge()
        try:
            return self.cls(parse_query(data, self.max_form_parts))
        except TooManyFields as error:
            raise RequestEntityTooLarge() from error


def parse_form_data(
    environ: dict[str, Any],
    stream_factory: Callable[..., IO[bytes]] | None = None,
    max_form_memory_size: int | None = None,
    max_content_length: int | None = None,
    cls: type[MultiDict[str, Any]] | None = None,
    silent: bool = True,
    *,
    max_form_parts: int | None = None,
) -> ParsedForm:
    """The form of a WSGI request; see :class:`FormDataParser`."""
    return FormDataParser(
        stream_factory,
        max_form_memory_size,
        max_content_length,
        cls,
        silent,
        max_form_parts=max_form_parts,
    ).parse_from_environ(environ)


class _Part:
    """A part that is being read: where its bytes go, and what becomes of them."""

    __slots__ = ("charset", "chunks", "content_type", "file", "filename", "headers", "name")

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self.headers = Headers(pairs)
        disposition, options = parse_options_header(self.headers.get("content-disposition"))
        name = options.get("name")
        if disposition.lower() != "form-data" or name is None:
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
        charset = parse_options_header(self.content_type)[1].get("charset", "utf-8").lower()
        if charset not in {"utf-8", "us-ascii", "ascii", "iso-8859-1"}:
            charset = "utf-8"
        return b"".join(self.chunks).decode(charset, "replace")


class MultiPartParser:
    """Parses a multipart form as it comes, within limits.

    :param buffer_size: how many bytes to read at once
    """

    def __init__(
        self,
        stream_factory: Callable[..., IO[bytes]] | None = None,
        max_form_memory_size: int | None = None,
        cls: type[MultiDict[str, Any]] | None = None,
        buffer_size: int = CHUNK,
        max_form_parts: int | None = None,
    ) -> None:
        self.stream_factory = stream_factory or default_stream_factory
        self.max_form_memory_size = max_form_memory_size
        self.max_form_parts = max_form_parts
        self.cls = cls or ImmutableMultiDict
        self.buffer_size = buffer_size

    def parse(
        self, stream: IO[bytes], boundary: str | bytes, content_length: int | None
    ) -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
        """The text fields and the files.

        :raises RequestEntityTooLarge: (413) beyond a limit
        :raises MalformedForm: (400) for what is no multipart form
        """
        from multipart import MultipartError, PushMultipartParser

        files: list[tuple[str, FileStorage]] = []
        fields: list[tuple[str, str]] = []
        open_part: list[_Part] = []
        try:
            parser = PushMultipartParser(
                boundary,
                max_header_count=_MAX_PART_HEADERS,
                max_header_size=_MAX_PART_HEADER_SIZE,
            )
            self._run(parser, stream, content_length, fields, files, open_part)
        except BaseException as error:
            # Nothing of a form that failed is kept.
            for _, storage in files:
                storage.close()
            for part in open_part:
                if part.file is not None:
                    part.file.close()
            if isinstance(error, MultipartError):
                raise MalformedForm(f"The multipart form is malformed: {error}") from error
            raise
        return self.cls(fields), self.cls(files)

    def _run(
        self,
        parser: Any,
        stream: IO[bytes],
        content_length: int | None,
        fields: list[tuple[str, str]],
        files: list[tuple[str, FileStorage]],
        open_part: list[_Part],
    ) -> None:
        from .files import FileStorage

        count = memory = 0
        write: Any = None
        part: Any = None
        read = stream.read
        size = self.buffer_size
        limit = self.max_form_memory_size
        while not parser.closed:
            # An empty chunk tells the parser that the body has ended.
            chunk = read(size)
            for event in parser.parse(chunk):
                if event.__class__ is bytes or isinstance(event, (bytes, bytearray)):
                    if write is None:
                        memory += len(event)
                        if limit is not None and memory > limit:
                            raise RequestEntityTooLarge()
                        part.chunks.append(bytes(event))
                    else:
                        write(event)
                elif event is None:
                    open_part.clear()
                    if part.file is None:
                        fields.append((part.name, part.text()))
                    else:
                        part.file.seek(0)
                        files.append(
                            (
                                part.name,
                                FileStorage(
                                    part.file, part.filename, part.name, headers=part.headers
                                ),
                            )
                        )
                else:
                    count += 1
                    if self.max_form_parts is not None and count > self.max_form_parts:
                        raise RequestEntityTooLarge()
                    part = _Part(event.headerlist)
                    write = None
                    if part.filename is not None:
                        part.file = self.stream_factory(
                            content_length, part.content_type, part.filename, None
                        )
                        write = part.file.write
                    open_part.append(part)
            if not chunk:
                break
        if not parser.closed:
            parser.close()
