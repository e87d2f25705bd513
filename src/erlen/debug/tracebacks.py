"""Exceptions with the frames that they came through, as text and as HTML."""

from __future__ import annotations

import traceback

from markupsafe import Markup

from .chain import Link, as_it_happened, link, take_over
from .error_page import render_error_page
from .frames import DebugFrameSummary as DebugFrameSummary
from .masks import Masks

_ITEM = Markup("<li{kind}>{content}</li>")
_LIST = Markup(
    '<div class="traceback">{title}<ul>{items}</ul><blockquote>{error}</blockquote></div>'
)


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
        if te is None:
            try:
                te = traceback.TracebackException(type(exc), exc, exc.__traceback__)
            except Exception:
                # Groups in groups in groups, or an exception that fails when it is asked.
                te = None
        #: The exception, with those that belong to it.
        self.root: Link = link(exc, skip, hide)
        self._te = te if take_over(self.root, te) else None
        happened = list(as_it_happened(self.root))
        # The first exception of the chain comes first; each of the others says how it came about.
        self.all_tracebacks: list[tuple[str | None, list[DebugFrameSummary]]] = [
            (divider, one.frames) for divider, one in happened
        ]
        self._messages = [one.message for _, one in happened]

    @property
    def all_frames(self) -> list[DebugFrameSummary]:
        """The frames of all exceptions."""
        return [frame for _, frames in self.all_tracebacks for frame in frames]

    def render_traceback_text(self) -> str:
        """The traceback as Python prints it."""
        if self._te is not None:
            try:
                return "".join(self._te.format())
            except Exception:
                pass
        lines = []
        for (divider, frames), message in zip(self.all_tracebacks, self._messages, strict=True):
            lines += [f"\n{divider}\n"] * (divider is not None)
            lines.append("Traceback (most recent call last):")
            lines += [f'  File "{f.filename}", line {f.lineno}, in {f.name}' for f in frames]
            lines.append(message)
        return "\n".join(lines) + "\n"

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
        return _LIST.format(title=title, items=items, error=self.root.message)

    def render_debugger_html(self, evalex: bool, secret: str, evalex_trusted: bool) -> str:
        """The page of the exception, without the values that belong to it.

        :param evalex: with a console at each frame
        :param secret: what the page must send to run something
        :param evalex_trusted: whether it is clear that this browser may
        """
        masks = Masks()
        return render_error_page(
            self.root,
            masks.hide_traceback(self.render_traceback_text()),
            masks,
            evalex=evalex,
            secret=secret,
            is_trusted=evalex_trusted,
        )
