"""Exceptions with the frames that they came through, as text and as HTML."""

from __future__ import annotations

import linecache
import os
import sys
import sysconfig
import traceback
from itertools import count
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from .pages import render_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# How many lines stand around the one that was run.
_CONTEXT = 5
_LIBRARIES = (
    *{sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")},
    os.path.dirname(os.path.dirname(__file__)),
    "<frozen ",
)
_DIVIDERS = {
    "cause": "The above exception was the direct cause of the following exception:",
    "context": "During handling of the above exception, another exception occurred:",
}

_FRAME = Markup(
    '<div class="frame" id="frame-{id}"><h4>File <cite class="filename">"{filename}"</cite>,'
    ' line <em class="line">{lineno}</em>, in <code class="function">{name}</code></h4>'
    '<div class="source{kind}">{lines}</div></div>'
)
_LINE = Markup('<pre class="line {kind}">{text}</pre>')
_ITEM = Markup("<li{kind}>{content}</li>")
_LIST = Markup(
    '<div class="traceback">{title}<ul>{items}</ul><blockquote>{error}</blockquote></div>'
)
_PAGE = Markup(
    "<h1>{name}</h1>"
    '<div class="detail"><p class="errormsg">{error}</p></div>'
    '<h2 class="traceback">Traceback <em>(most recent call last)</em></h2>'
    "{frames}"
    '<div class="plain"><p>The traceback as text, to copy:</p>'
    '<textarea cols="50" rows="10" readonly>{text}</textarea></div>'
    '<div class="explanation"><p>The debugger caught an exception in your WSGI application.'
    " A click on a line shows those around it; a click on the word Traceback shows it as text."
    "{console}</p></div>"
)
_CONSOLE = (
    " The button at the right of a frame opens a console, which runs Python among the frame's"
    " variables."
)


_NUMBERS = count(1)


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
        self.number = next(_NUMBERS)
        self.local_ns = locals
        self.global_ns = globals

    @property
    def info(self) -> Any:
        """What the frame says of itself in the variable ``__traceback_info__``."""
        return self.local_ns.get("__traceback_info__")

    @property
    def is_library(self) -> bool:
        """Whether the code belongs to Python, to an installed package or to Erlen."""
        return self.filename.startswith(_LIBRARIES)

    def render_html(self, mark_library: bool) -> Markup:
        """The frame with some lines of its code."""
        return _FRAME.format(
            id=self.number,
            filename=self.filename,
            lineno=self.lineno,
            name=self.name,
            kind=" library" if mark_library and self.is_library else "",
            lines=Markup("").join(self._lines()),
        )

    def _lines(self) -> Iterator[Markup]:
        lines = linecache.getlines(self.filename, dict(self.global_ns))
        current = (self.lineno or 0) - 1
        if not 0 <= current < len(lines):
            return
        start = max(0, current - _CONTEXT)
        for number, line in enumerate(lines[start : current + _CONTEXT + 1], start):
            if number == current:
                yield _LINE.format(kind="current", text=self._marked(line.rstrip("\n")))
            else:
                kind = "before" if number < current else "after"
                yield _LINE.format(kind=kind, text=line.rstrip("\n") or " ")
        if self.info is not None:
            yield _LINE.format(kind="current", text=self.info)

    def _marked(self, line: str) -> Markup | str:
        """The line with a mark on the expression that was run."""
        start, end = getattr(self, "colno", None), getattr(self, "end_colno", None)
        if start is None or end is None or not line.isascii():
            return line
        if getattr(self, "end_lineno", self.lineno) != self.lineno:
            end = len(line)
        if line[start:end] == line.strip():
            return line
        return Markup("{}<mark>{}</mark>{}").format(line[:start], line[start:end], line[end:])


class DebugTraceback:
    """An exception, and those that led to it.

    :param exc: the exception
    :param te: the same as :mod:`traceback` prepared it
    :param skip: leave out so many of its first frames
    :param hide: leave out frames that have the variable ``__traceback_hide__``
    """

    def __init__(
        self,
        exc: BaseException,
        te: traceback.TracebackException | None = None,
        *,
        skip: int = 0,
        hide: bool = True,
    ) -> None:
        self._error = exc
        if te is None:
            te = traceback.TracebackException(type(exc), exc, exc.__traceback__)
        self._te = te
        # The first exception of the chain comes first; each of the others says how it came about.
        self.all_tracebacks: list[tuple[str | None, list[DebugFrameSummary]]] = []
        self._messages: list[str] = []
        self._collect(exc, te, None, skip, hide)

    def _collect(
        self,
        exc: BaseException,
        te: traceback.TracebackException,
        after: str | None,
        skip: int,
        hide: bool,
    ) -> None:
        # traceback has ended the chain where it came back to itself.
        if te.__cause__ is not None and exc.__cause__ is not None:
            self._collect(exc.__cause__, te.__cause__, after, 0, hide)
            after = _DIVIDERS["cause"]
        elif (
            te.__context__ is not None
            and exc.__context__ is not None
            and not te.__suppress_context__
        ):
            self._collect(exc.__context__, te.__context__, after, 0, hide)
            after = _DIVIDERS["context"]
        frames = _frames_of(exc, te)[skip:]
        if hide:
            frames = _visible(frames)
        te.stack = traceback.StackSummary.from_list(frames)
        self.all_tracebacks.append((after, frames))
        self._messages.append("".join(te.format_exception_only()).rstrip("\n"))
        if isinstance(exc, BaseExceptionGroup) and te.exceptions:
            for number, part in enumerate(zip(exc.exceptions, te.exceptions, strict=True), 1):
                divider = f"Exception {number} of {len(exc.exceptions)} in the group:"
                self._collect(*part, divider, 0, hide)

    @property
    def all_frames(self) -> list[DebugFrameSummary]:
        """The frames of all exceptions."""
        return [frame for _, frames in self.all_tracebacks for frame in frames]

    def render_traceback_text(self) -> str:
        """The traceback as Python prints it."""
        return "".join(self._te.format())

    def render_traceback_html(self, include_title: bool = True) -> str:
        """The frames as a list."""
        frames = self.all_frames
        # Only where there is something else to look at.
        mark_library = not all(frame.is_library for frame in frames)
        items = Markup("")
        for (divider, group), message in zip(self.all_tracebacks, self._messages, strict=True):
            if divider is not None:
                text = Markup('<div class="exc-divider">{}</div>').format(divider)
                items += _ITEM.format(kind="", content=text)
            for frame in group:
                items += _ITEM.format(kind="", content=frame.render_html(mark_library))
            if len(self._messages) > 1:
                items += _ITEM.format(kind=Markup(' class="exc-line"'), content=message)
        title = Markup("<h3>Traceback (most recent call last):</h3>") if include_title else ""
        return _LIST.format(title=title, items=items, error=self._message)

    @property
    def _message(self) -> str:
        return "".join(self._te.format_exception_only()).rstrip("\n")

    def render_debugger_html(self, evalex: bool, secret: str, evalex_trusted: bool) -> str:
        """The page of the exception.

        :param evalex: with a console at each frame
        :param secret: what the page must send to run something
        :param evalex_trusted: whether it is clear that this browser may
        """
        return render_page(
            title=self._message.partition("\n")[0],
            content=_PAGE.format(
                name=type(self._error).__name__,
                error=self._message,
                frames=Markup(self.render_traceback_html(False)),
                text=self.render_traceback_text(),
                console=_CONSOLE if evalex else "",
            ),
            evalex=evalex,
            secret=secret,
            is_trusted=evalex_trusted,
            comment=self.render_traceback_text(),
        )


def _frames_of(exc: BaseException, te: traceback.TracebackException) -> list[DebugFrameSummary]:
    frames = []
    walk = traceback.walk_tb(exc.__traceback__)
    for summary, (frame, _) in zip(te.stack, walk, strict=True):
        positions: dict[str, Any] = {
            name: getattr(summary, name) for name in ("end_lineno", "colno", "end_colno")
        }
        frames.append(
            DebugFrameSummary(
                locals=frame.f_locals,
                globals=frame.f_globals,
                filename=sys.intern(summary.filename),
                lineno=summary.lineno,
                name=summary.name,
                lookup_line=False,
                **positions,
            )
        )
    return frames


def _visible(frames: list[DebugFrameSummary]) -> list[DebugFrameSummary]:
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
