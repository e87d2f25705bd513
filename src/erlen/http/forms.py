"""Forms: the bodies that browsers send (HTML standard, section 4.10.21; RFC 7578)."""

from __future__ import annotations

from io import BytesIO
from typing import IO, TYPE_CHECKING, Any

from .exceptions import RequestEntityTooLarge
from .files import FileStorage
from .form_parts import MalformedForm, Part, read_parts
from .grammar import parse_options_header
from .multidict import MultiDict
from .streams import CHUNK, get_content_length, get_input_stream
from .urls import TooManyFields, query_dict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    ParsedForm = tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]

URLENCODED = "application/x-www-form-urlencoded"
FORM_TYPES = frozenset({"multipart/form-data", URLENCODED})
# The files of a body up to this size are kept in memory, whatever else is there.
_MEMORY_FILE = 500 * 1024
# What of a multipart body is read at once: it stays in a processor's cache until the boundary was
# looked for in it.
_PIECE = 256 * 1024
# RFC 2046, section 5.1.1 has 70; that much is searched for in every piece of the body.
_MAX_BOUNDARY = 256


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
    from .spool import SpooledUpload

    return SpooledUpload()  # type: ignore[return-value]


class FormDataParser:
    """Parses the forms of one request, within its limits.

    :param stream_factory: makes the file of an upload; see :func:`default_stream_factory`
    :param max_form_memory_size: the most bytes of text fields together; ``None`` is no limit
    :param max_content_length: the most bytes of the whole body
    :param cls: the class of the results
    :param silent: take a malformed form for an empty one, and do not count urlencoded fields
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
        self.stream_factory: Callable[..., IO[bytes]] = stream_factory or default_stream_factory
        self.max_form_memory_size = max_form_memory_size
        self.max_content_length = max_content_length
        self.max_form_parts = max_form_parts
        self.cls: type[MultiDict[str, Any]] = cls or MultiDict
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
                if len(boundary) > _MAX_BOUNDARY:
                    raise MalformedForm(
                        f"The boundary of the multipart form is longer than {_MAX_BOUNDARY}"
                        " characters."
                    )
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
            if mimetype == URLENCODED:
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
            # Never all that comes: the announced length may be too small.
            data = _read(stream, limit + 1 if content_length is None else content_length)
        return parse_urlencoded(data, self.cls, limit, None if self.silent else self.max_form_parts)


def parse_urlencoded(
    data: bytes, cls: type[MultiDict[str, Any]], max_size: int | None, max_fields: int | None
) -> MultiDict[str, str]:
    """The fields of a urlencoded form.

    :param cls: the class of the result
    :raises RequestEntityTooLarge: (413) beyond ``max_size`` bytes or ``max_fields``
    """
    if max_size is not None and len(data) > max_size:
        raise RequestEntityTooLarge()
    try:
        return query_dict(cls, data.decode(), max_fields)
    except UnicodeDecodeError:
        # Whatever the charset is, the URL standard knows no other than UTF-8: as in Flask, such a
        # form is empty.
        return cls()
    except TooManyFields as error:
        raise RequestEntityTooLarge() from error


def _read(stream: IO[bytes], size: int) -> bytes:
    """``size`` bytes, or all; a stream may return less than it was asked for."""
    piece = stream.read(size if size < CHUNK else CHUNK)
    if len(piece) == size:
        return piece
    pieces = []
    while piece:
        pieces.append(piece)
        size -= len(piece)
        if size <= 0:
            break
        piece = stream.read(min(size, CHUNK))
    return b"".join(pieces)


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


class MultiPartParser:
    """Parses a multipart form as it comes, within limits.

    :param buffer_size: how many bytes to read at once
    """

    def __init__(
        self,
        stream_factory: Callable[..., IO[bytes]] | None = None,
        max_form_memory_size: int | None = None,
        cls: type[MultiDict[str, Any]] | None = None,
        buffer_size: int = _PIECE,
        max_form_parts: int | None = None,
    ) -> None:
        self.stream_factory: Callable[..., IO[bytes]] = stream_factory or default_stream_factory
        self.max_form_memory_size = max_form_memory_size
        self.max_form_parts = max_form_parts
        self.cls: type[MultiDict[str, Any]] = cls or MultiDict
        self.buffer_size = buffer_size

    def parse(
        self, stream: IO[bytes], boundary: str | bytes, content_length: int | None
    ) -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
        """The text fields and the files.

        :raises RequestEntityTooLarge: (413) beyond a limit
        :raises MalformedForm: (400) for what is no multipart form
        """
        files: list[tuple[str, FileStorage]] = []
        fields: list[tuple[str, str]] = []
        open_part: list[Part] = []
        raw = boundary.encode() if isinstance(boundary, str) else boundary
        try:
            events = read_parts(stream, raw, self.buffer_size)
            self._collect(events, content_length, fields, files, open_part)
        except BaseException:
            # Nothing of a form that failed is kept.
            for _, storage in files:
                storage.close()
            for part in open_part:
                if part.file is not None:
                    part.file.close()
            raise
        return self.cls(fields), self.cls(files)

    def _collect(
        self,
        events: Iterable[Part | bytes | None],
        content_length: int | None,
        fields: list[tuple[str, str]],
        files: list[tuple[str, FileStorage]],
        open_part: list[Part],
    ) -> None:
        count = memory = 0
        write: Any = None
        part: Any = None
        limit = self.max_form_memory_size
        most = self.max_form_parts
        for event in events:
            if event is None:
                name, file = part.name, part.file
                if file is None:
                    fields.append((name, part.text()))
                else:
                    file.seek(0)
                    storage = FileStorage(file, part.filename, name, headers=part.headers)
                    files.append((name, storage))
                open_part.clear()
            elif isinstance(event, Part):
                count += 1
                if most is not None and count > most:
                    raise RequestEntityTooLarge()
                part = event
                write = None
                if part.filename is not None:
                    part.file = self.stream_factory(
                        content_length, part.content_type, part.filename, None
                    )
                    write = part.file.write
                open_part.append(part)
            elif write is None:
                memory += len(event)
                if limit is not None and memory > limit:
                    raise RequestEntityTooLarge()
                part.chunks.append(bytes(event))
            else:
                write(event)
