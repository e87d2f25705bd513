"""The frames that an exception came through, with their source and their variables."""

from __future__ import annotations

import linecache
import os
import re
import sys
import sysconfig
import time
import traceback
from itertools import count, islice
from typing import TYPE_CHECKING, Any, NamedTuple

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# How many lines stand around the one that was run.
_CONTEXT = 5
# Of an expression over many lines, and of a line that no person wrote.
_MOST_LINES = 12
_MOST_CHARACTERS = 500
_LIBRARIES = (
    *(sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib")),
    os.path.dirname(os.path.dirname(__file__)) + os.sep,
    "<frozen ",
)
_is_installed = re.compile(r"[\\/](?:site|dist)-packages[\\/]").search
_started = time.time()
_numbers = count(1)

_FRAME = Markup(
    '<div class="frame" id="frame-{id}"><h4>File <cite class="filename">"{filename}"</cite>,'
    ' line <em class="line">{lineno}</em>, in <code class="function">{name}</code></h4>'
    '<div class="source{kind}">{lines}</div></div>'
)
_LINE = Markup('<pre class="line {kind}">{text}</pre>')


class Line(NamedTuple):
    """A line of source.

    :param kind: ``"current"`` for what was run, ``"before"`` or ``"after"`` for the others
    :param marked: the part of a line that was run, where that is less than the line
    """

    number: int
    kind: str
    text: str
    marked: str = ""
    rest: str = ""


class DebugFrameSummary(traceback.FrameSummary):
    """A frame of a traceback that still has its variables.

    :param locals: the local variables
    :param globals: those of the module
    """

    def __init__(
        self, *, locals: Mapping[str, Any], globals: Mapping[str, Any], **kwargs: Any
    ) -> None:
        super().__init__(locals=None, **kwargs)
        # Never that of a frame that was dropped, as its id() may be.
        self.number: int = next(_numbers)
        self.local_ns = locals
        self.global_ns = globals
        #: Its index in its traceback.
        self.place = 0

    @property
    def info(self) -> Any:
        """What the frame says of itself in the variable ``__traceback_info__``."""
        return self.local_ns.get("__traceback_info__")

    @property
    def is_library(self) -> bool:
        """Whether the code belongs to Python, to an installed package or to Erlen."""
        return self.filename.startswith(_LIBRARIES) or _is_installed(self.filename) is not None

    @property
    def has_changed(self) -> bool:
        """Whether the file is another one than when the program was started."""
        try:
            return os.stat(self.filename).st_mtime > _started
        except (OSError, ValueError):
            return False

    def source(self) -> list[Line]:
        """The lines around the one that was run; none where the source is not there."""
        linecache.checkcache(self.filename)
        lines = linecache.getlines(self.filename, dict(self.global_ns))
        first = (self.lineno or 0) - 1
        if not 0 <= first < len(lines):
            return []
        last = min(max(first, (self.end_lineno or 0) - 1), first + _MOST_LINES, len(lines) - 1)
        start = max(0, first - _CONTEXT)
        found = []
        for index, line in enumerate(lines[start : last + _CONTEXT + 1], start):
            line = line.rstrip("\r\n")
            if first <= index <= last:
                found.append(self._marked(index, line))
            else:
                kind = "before" if index < first else "after"
                found.append(Line(index + 1, kind, line[:_MOST_CHARACTERS]))
        return found

    def _marked(self, index: int, line: str) -> Line:
        """A line with a mark on the part that was run."""
        number = index + 1
        start, end = self.colno, self.end_colno
        # The columns of a template are those of what was made of it.
        is_python = self.filename.endswith((".py", ".pyw", ">"))
        if start is None or end is None or not is_python:
            return Line(number, "current", line[:_MOST_CHARACTERS])
        stripped = line.strip()
        indent = len(line) - len(line.lstrip())
        # They count bytes.
        start = _characters(line, start) if number == self.lineno else indent
        end = _characters(line, end) if number == self.end_lineno else indent + len(stripped)
        if line[start:end] == stripped:
            return Line(number, "current", line[:_MOST_CHARACTERS])
        from_here = max(0, start - _MOST_CHARACTERS)
        return Line(
            number,
            "current",
            line[from_here:start],
            line[start:end][:_MOST_CHARACTERS],
            line[end : end + _MOST_CHARACTERS],
        )

    def render_html(self, mark_library: bool) -> Markup:
        """The frame with some lines of its code."""
        return _FRAME.format(
            id=self.number,
            filename=self.filename,
            lineno=self.lineno,
            name=self.name,
            kind=" library" if mark_library and self.is_library else "",
            lines=Markup("").join(self._html_lines()),
        )

    def _html_lines(self) -> Iterator[Markup]:
        lines = self.source()
        for line in lines:
            text: str = line.text or ("" if line.marked else " ")
            if line.marked:
                text = Markup("{}<mark>{}</mark>{}").format(text, line.marked, line.rest)
            yield _LINE.format(kind=line.kind, text=text)
        if lines and self.info is not None:
            yield _LINE.format(kind="current", text=self.info)


def _characters(line: str, count: int) -> int:
    if line.isascii():
        return count
    return len(line.encode("utf-8", "surrogatepass")[:count].decode("utf-8", "replace"))


def frames_of(error: BaseException) -> list[DebugFrameSummary]:
    """The frames of one exception, the most recent last."""
    found: list[DebugFrameSummary] = []
    step = error.__traceback__
    while step is not None:
        frame, code = step.tb_frame, step.tb_frame.f_code
        positions: tuple[int | None, ...] = (None,) * 4
        if step.tb_lasti >= 0:
            positions = next(islice(code.co_positions(), step.tb_lasti // 2, None), positions)
        summary = DebugFrameSummary(
            locals=frame.f_locals,
            globals=frame.f_globals,
            filename=sys.intern(code.co_filename),
            lineno=step.tb_lineno,
            name=code.co_name,
            lookup_line=False,
            end_lineno=positions[1],
            colno=positions[2],
            end_colno=positions[3],
        )
        summary.place = len(found)
        found.append(summary)
        step = step.tb_next
    return found


def visible(frames: list[DebugFrameSummary]) -> list[DebugFrameSummary]:
    """Without the frames that ask not to be shown, but never without all of them.

    ``__traceback_hide__`` is true for the frame itself, ``"before"`` for it and those before it,
    ``"after"`` for it and those behind it.
    """
    shown: list[DebugFrameSummary] = []
    for frame in frames:
        hide = frame.local_ns.get("__traceback_hide__", False)
        if hide == "before":
            shown = []
        elif hide == "after":
            break
        elif not hide:
            shown.append(frame)
    return shown or frames
