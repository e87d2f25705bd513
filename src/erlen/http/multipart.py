"""Multipart bodies part by part, without I/O (RFC 2046, section 5.1; RFC 7578).

:mod:`erlen.http.forms` reads the forms of browsers with a quicker parser, and with this one the
forms of programs that end their lines in another way than the RFC says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from .exceptions import RequestEntityTooLarge
from .grammar import parse_options_header
from .headers import Headers

_LINE_BREAK = re.compile(rb"\r\n|\n|\r")
# The end of a part's headers.
_BLANK_LINE = re.compile(rb"\r\n\r\n|\n\n|\r\r")
# RFC 2046: transport padding behind a boundary is white space; nobody sends more.
_PADDING = re.compile(rb"[ \t]{0,64}(?:(\r\n|\n|\r(?!\Z))|\r?\Z)")
_MAX_HEADERS = 16
_MAX_HEADER_BYTES = 64 * 1024


class Event:
    """What a decoder reads, or an encoder writes."""


@dataclass(frozen=True)
class Preamble(Event):
    """What comes before the first part; recipients ignore it."""

    data: bytes


@dataclass(frozen=True)
class Field(Event):
    """The start of a text field."""

    name: str
    headers: Headers


@dataclass(frozen=True)
class File(Event):
    """The start of a file."""

    name: str
    filename: str
    headers: Headers


@dataclass(frozen=True)
class Data(Event):
    """Some of a part's content; ``more_data`` is false for the last of it."""

    data: bytes
    more_data: bool


@dataclass(frozen=True)
class Epilogue(Event):
    """What comes behind the last part; recipients ignore it."""

    data: bytes


class NeedData(Event):
    """There is no event until the decoder gets more data."""


NEED_DATA = NeedData()


class State(Enum):
    """Where in the body a decoder or an encoder is."""

    PREAMBLE = auto()
    PART = auto()
    DATA = auto()
    DATA_START = auto()
    EPILOGUE = auto()
    COMPLETE = auto()


class MultipartDecoder:
    """Turns bytes into events.  Lines may end in CR LF, LF or CR.

    >>> decoder = MultipartDecoder(b"x")
    >>> decoder.receive_data(b'--x\\nContent-Disposition: form-data; name="a"\\n\\n1\\n--x--')
    >>> decoder.receive_data(None)
    >>> [type(event).__name__ for event in decoder]
    ['Preamble', 'Field', 'Data', 'Epilogue']

    :param boundary: as the media type names it
    :param max_form_memory_size: the most bytes of text fields together
    :param max_parts: the most parts
    """

    def __init__(
        self,
        boundary: bytes,
        max_form_memory_size: int | None = None,
        *,
        max_parts: int | None = None,
    ) -> None:
        self.state: State = State.PREAMBLE
        self.max_form_memory_size = max_form_memory_size
        self.max_parts = max_parts
        self.complete: bool = False
        self._delimiter = b"--" + boundary
        self._buffer = bytearray()
        # Nothing before this index begins a boundary or a blank line.
        self._searched = 0
        self._parts = 0
        self._in_field = False
        self._field_bytes = 0

    def receive_data(self, data: bytes | None) -> None:
        """Take some of the body; ``None`` says that it has ended."""
        if data is None:
            self.complete = True
        else:
            self._buffer += data

    def __iter__(self) -> Iterator[Event]:
        """The events that the data gives, the :class:`Epilogue` as the last one of all."""
        while self.state is not State.COMPLETE:
            event = self.next_event()
            if isinstance(event, NeedData):
                return
            yield event

    def next_event(self) -> Event:
        """The next event, or :data:`NEED_DATA`.

        :raises ValueError: if the body is malformed, or ended early
        :raises RequestEntityTooLarge: (413) beyond a limit
        """
        event: Event | None = None
        if self.state is State.PREAMBLE:
            event = self._read_preamble()
        elif self.state is State.PART:
            event = self._read_part()
        elif self.state is State.EPILOGUE:
            event = self._read_epilogue()
        elif self.state is not State.COMPLETE:
            event = self._read_data()
        if event is not None:
            return event
        if self.complete and self.state is not State.COMPLETE:
            raise ValueError(f"Invalid form-data cannot parse beyond {self.state}")
        return NEED_DATA

    def _take(self, end: int, skip_to: int) -> bytes:
        """The first ``end`` bytes of the buffer, which then begins at ``skip_to``."""
        data = bytes(self._buffer[:end])
        del self._buffer[:skip_to]
        self._searched = 0
        return data

    def _find_delimiter(self, at_start: bool) -> tuple[int, int, bool] | None:
        """Where the content before the next boundary ends, where the line of the boundary ends,
        and whether it is the last one.

        ``None`` if there is none yet; :attr:`_searched` is then what cannot belong to one.

        :param at_start: whether a boundary needs no line break before it at the very beginning
        """
        buffer, delimiter = self._buffer, self._delimiter
        index = self._searched
        while (index := buffer.find(delimiter, index)) != -1:
            end = self._line_break_before(index)
            if end < index or (at_start and index == 0):
                behind = index + len(delimiter)
                tail = bytes(buffer[behind : behind + 66])
                if tail[:2] == b"--":
                    return end, behind + 2, True
                padding = _PADDING.match(tail)
                if padding is not None and padding[1]:
                    return end, behind + padding.end(), False
                if padding is not None or tail == b"-":
                    # It may still become one.
                    self._searched = end
                    return None
            index += 1
        # What a boundary may have begun in: a line break and less than the whole of it.
        start = max(0, len(buffer) - len(delimiter) - 1)
        line_break = max(buffer.rfind(b"\n", start), buffer.rfind(b"\r", start))
        if line_break == -1:
            self._searched = len(buffer)
        else:
            self._searched = self._line_break_before(line_break + 1)
        if at_start and len(buffer) < len(delimiter) and delimiter.startswith(bytes(buffer)):
            self._searched = 0
        return None

    def _line_break_before(self, index: int) -> int:
        """Where the line break starts that ends at ``index``; ``index`` if there is none."""
        last = bytes(self._buffer[max(0, index - 2) : index])
        if last == b"\r\n":
            return index - 2
        return index - 1 if last[-1:] in (b"\n", b"\r") else index

    def _next_part(self, last: bool) -> None:
        if last:
            self.state = State.EPILOGUE
            return
        self.state = State.PART
        self._parts += 1
        if self.max_parts is not None and self._parts > self.max_parts:
            raise RequestEntityTooLarge()

    def _read_preamble(self) -> Event | None:
        found = self._find_delimiter(at_start=True)
        if found is None:
            return None
        end, line_end, last = found
        preamble = Preamble(self._take(end, line_end))
        self._next_part(last)
        return preamble

    def _read_part(self) -> Event | None:
        if bytes(self._buffer[:1]) in (b"\r", b"\n"):
            raise ValueError("A part of the multipart form has no headers")
        match = _BLANK_LINE.search(self._buffer, self._searched)
        if (match.end() if match else len(self._buffer)) > _MAX_HEADER_BYTES:
            raise ValueError("The headers of a part are too long")
        if match is None:
            self._searched = max(0, len(self._buffer) - 3)
            return None
        lines = self._take(match.start(), match.end())
        headers = _parse_headers(lines)
        if "content-disposition" not in headers:
            raise ValueError("Missing Content-Disposition header")
        options = parse_options_header(headers["content-disposition"])[1]
        name, filename = options.get("name"), options.get("filename")
        if name is None:
            raise ValueError("A part of the multipart form has no name")
        self.state = State.DATA_START
        self._in_field = filename is None
        if filename is None:
            return Field(name, headers)
        return File(name, filename, headers)

    def _read_data(self) -> Event | None:
        found = self._find_delimiter(at_start=self.state is State.DATA_START)
        if found is None:
            if self._searched == 0:
                return None
            self.state = State.DATA
            return self._count(Data(self._take(self._searched, self._searched), True))
        end, line_end, last = found
        data = self._count(Data(self._take(end, line_end), False))
        self._next_part(last)
        return data

    def _count(self, data: Data) -> Data:
        if self._in_field and self.max_form_memory_size is not None:
            self._field_bytes += len(data.data)
            if self._field_bytes > self.max_form_memory_size:
                raise RequestEntityTooLarge()
        return data

    def _read_epilogue(self) -> Event | None:
        if not self.complete:
            return None
        self.state = State.COMPLETE
        first = _LINE_BREAK.match(self._buffer)
        return Epilogue(bytes(self._buffer[first.end() if first else 0 :]))


def _parse_headers(data: bytes) -> Headers:
    fields: list[tuple[str, list[str]]] = []
    for line in _LINE_BREAK.split(data):
        text = line.decode("utf-8", "replace")
        if text[:1] in (" ", "\t") and fields:
            # RFC 5322, section 2.2.3: a folded line.
            fields[-1][1].append(text.strip())
        elif text:
            name, colon, value = text.partition(":")
            if not colon:
                raise ValueError("A header of a part has no colon")
            fields.append((name.strip(), [value.strip()]))
            if len(fields) > _MAX_HEADERS:
                raise ValueError("A part has too many headers")
    return Headers([(name, " ".join(lines)) for name, lines in fields])


class MultipartEncoder:
    """Turns events into bytes.

    >>> encoder = MultipartEncoder(b"x")
    >>> encoder.send_event(Preamble(b"")) + encoder.send_event(Epilogue(b""))
    b'\\r\\n--x--\\r\\n'
    """

    def __init__(self, boundary: bytes) -> None:
        self.boundary = boundary
        self.state: State = State.PREAMBLE

    def send_event(self, event: Event) -> bytes:
        """The bytes of an event.

        :raises ValueError: if no such event can come now
        """
        if self.state not in _BEFORE.get(type(event), ()):
            raise ValueError(f"Cannot generate {event} in state: {self.state}")
        if isinstance(event, Preamble):
            self.state = State.PART
            return event.data
        if isinstance(event, (Field, File)):
            self.state = State.DATA_START
            return self._head(event)
        if isinstance(event, Data):
            blank_line = b"\r\n" if self.state is State.DATA_START and event.data else b""
            if not event.more_data:
                self.state = State.PART
            elif event.data:
                self.state = State.DATA
            return blank_line + event.data
        assert isinstance(event, Epilogue)
        self.state = State.COMPLETE
        return b"\r\n--" + self.boundary + b"--\r\n" + event.data

    def _head(self, event: Field | File) -> bytes:
        disposition = f'form-data; name="{escape_name(event.name)}"'
        if isinstance(event, File):
            disposition += f'; filename="{escape_name(event.filename)}"'
        lines = [f"Content-Disposition: {disposition}"]
        for name, value in event.headers.items():
            if name.lower() != "content-disposition":
                lines.append(f"{name}: {value}")
        return b"\r\n--" + self.boundary + b"\r\n" + "".join(f"{x}\r\n" for x in lines).encode()


_BEFORE: dict[type[Event], tuple[State, ...]] = {
    Preamble: (State.PREAMBLE,),
    Field: (State.PREAMBLE, State.PART),
    File: (State.PREAMBLE, State.PART),
    Data: (State.DATA_START, State.DATA),
    Epilogue: (State.PREAMBLE, State.PART),
}


def escape_name(name: str) -> str:
    """A name as it stands in ``Content-Disposition`` (HTML standard, "multipart/form-data encoding
    algorithm")."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
