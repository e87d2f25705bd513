"""The page of an error: the person's own code first, and the values beside it."""

from __future__ import annotations

import os
from itertools import groupby
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from .chain import Link, as_it_is_read
from .editors import editor_url
from .pages import render_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .details import Section
    from .frames import DebugFrameSummary
    from .masks import Masks

# So many frames of an exception are shown at either end.
_FIRST, _LAST = 10, 30
# Of a function that calls itself at one place.
_MOST_REPEATS = 3
_LONGEST_TITLE = 200
_RELATIONS = {
    "cause": "It was raised because of this one:",
    "context": "It was raised while this one was handled:",
}

_PAGE = Markup(
    '<header><h1>{name}</h1><div class="detail"><p class="errormsg">{message}</p></div>'
    "{where}"
    '<p class="tools"><button type="button" class="copy">Copy as text</button></p></header>'
    "{errors}"
    "{sections}"
    '<details class="plain"><summary>The traceback as text</summary>'
    '<textarea cols="50" rows="20" readonly aria-label="The traceback as text">{text}</textarea>'
    "</details>"
    '<div class="explanation">{explanation}</div>'
)
_WHERE = Markup('<p class="where">In <code>{name}</code>, {place}</p>')
_ERROR = Markup(
    '<section class="error level-{level}">{head}<div class="own">{own}</div>{whole}</section>'
)
_HEAD = Markup(
    '<div class="exc-divider">{relation}</div><h2 class="exc-line">{headline}</h2>{message}'
)
_WHOLE = Markup(
    '<details class="whole"><summary>The whole traceback, most recent call last:'
    " {count} of libraries</summary>{frames}</details>"
)
_FRAME = Markup(
    '<details class="frame {kind}" id="frame-{id}"{open}><summary>'
    '<code class="function">{name}</code> <span class="place">{place}</span></summary>'
    '{note}<div class="source open{source_kind}">{lines}</div>{variables}</details>'
)
_PLACE = Markup(
    '<cite class="filename" title="{filename}">{shown}</cite>:<em class="line">{line}</em>'
)
_LINK = Markup('<a class="editor" href="{url}" title="Open in the editor">{place}</a>')
_LINE = Markup('<pre class="line {kind}" data-line="{number}">{text}</pre>')
_SAME = Markup('<p class="same"><a href="#frame-{id}">{name}, {shown}:{line}</a></p>')
_NOTE = Markup('<p class="note">{}</p>')
_SECTION = Markup(
    '<details class="values"{open}><summary>{title} <span class="count">{count}</span></summary>'
    "<table>{rows}</table></details>"
)
_ROW = Markup('<tr><th scope="row">{name}</th><td><pre>{text}</pre></td></tr>')

# Werkzeug's words, which tests look for.
_CAUGHT = Markup("<p>The debugger caught an exception in your WSGI application.</p>")
_CONSOLE = Markup(
    "<p>The button <code>&gt;_</code> of a frame opens a console, which runs Python among the"
    " frame's variables.</p>"
)
_EDITOR = Markup(
    "<p>A file's name opens it in the editor that <code>ERLEN_EDITOR</code> names, such as"
    " <code>vscode</code> or <code>pycharm</code>.</p>"
)


def render_error_page(
    root: Link,
    text: str,
    masks: Masks,
    *,
    variables: dict[int, Section] | None = None,
    sections: Sequence[Section] = (),
    note: str = "",
    evalex: bool = False,
    secret: str = "",
    is_trusted: bool = False,
) -> str:
    """The HTML of the page.

    :param text: the traceback as text, without secrets
    :param masks: what is not shown
    :param variables: those of frames, by the number of the frame
    :param sections: further tables
    :param note: what else is to be said
    :param evalex, secret, is_trusted: see :func:`render_page`
    """
    shown = own_frames(root)
    opened = {frame.number for frames in shown.values() for frame in frames}
    page = _Page(masks, variables or {}, opened)
    nearest = next((frames[-1] for frames in shown.values() if frames), None)
    where: Any = ""
    if nearest is not None:
        where = _WHERE.format(name=nearest.name, place=page.place(nearest))
    title = masks.hide(root.headline)
    return render_page(
        title=title if len(title) <= _LONGEST_TITLE else f"{title[:_LONGEST_TITLE]}…",
        content=_PAGE.format(
            name=root.name,
            message=masks.hide(root.text),
            where=where,
            errors=Markup("").join(
                page.error(one, shown[id(one)], is_first=one is root) for one in as_it_is_read(root)
            ),
            sections=Markup("").join(_section(section, "") for section in sections),
            text=text,
            explanation=_CAUGHT
            + (_NOTE.format(note) if note else "")
            + _EDITOR
            + (_CONSOLE if evalex else ""),
        ),
        evalex=evalex,
        secret=secret,
        is_trusted=is_trusted,
        comment=text,
    )


def own_frames(root: Link) -> dict[int, list[DebugFrameSummary]]:
    """The frames of each exception that are shown open, by ``id`` of its :class:`Link`: those of
    the person's own code, or all where the person's own code has no part in it."""
    links = list(as_it_is_read(root))
    has_own = any(not frame.is_library for one in links for frame in one.frames)
    return {
        id(one): _some(
            [frame for frame in one.frames if not (has_own and frame.is_library)],
        )[0]
        for one in links
    }


def _some(frames: list[DebugFrameSummary]) -> tuple[list[DebugFrameSummary], int]:
    """Frames without those of the middle and those that repeat, and how many were left out."""
    found: list[DebugFrameSummary] = []
    for _, group in groupby(frames, lambda frame: (frame.filename, frame.lineno, frame.name)):
        same = list(group)
        found += same if len(same) <= _MOST_REPEATS else [*same[: _MOST_REPEATS - 1], same[-1]]
    if len(found) > _FIRST + _LAST:
        found = found[:_FIRST] + found[-_LAST:]
    return found, len(frames) - len(found)


class _Page:
    """Makes the parts of a page that belong to frames."""

    def __init__(self, masks: Masks, variables: dict[int, Section], opened: set[int]) -> None:
        self._masks = masks
        self._variables = variables
        self._opened = opened

    def error(self, one: Link, own: list[DebugFrameSummary], is_first: bool) -> Markup:
        """One exception with its frames."""
        head = Markup("")
        if not is_first:
            rest = one.message if one.message != one.headline else ""
            head = _HEAD.format(
                relation=_RELATIONS.get(one.relation, one.relation),
                headline=self._masks.hide(one.headline),
                message=_NOTE.format(self._masks.hide(rest)) if rest else "",
            )
        # The place that failed first.
        frames = Markup("").join(
            self.frame(frame, is_open=True, shows=number == 0)
            for number, frame in enumerate(reversed(own))
        )
        return _ERROR.format(level=min(one.level, 4), head=head, own=frames, whole=self._whole(one))

    def _whole(self, one: Link) -> Markup:
        if all(frame.number in self._opened for frame in one.frames):
            return Markup("")
        frames, left_out = _some(one.frames)
        parts = [
            _SAME.format(
                id=frame.number, name=frame.name, shown=_short(frame.filename), line=frame.lineno
            )
            if frame.number in self._opened
            else self.frame(frame, is_open=False)
            for frame in frames
        ]
        if left_out:
            parts.append(_NOTE.format(f"{left_out} more frames are not shown."))
        count = sum(frame.is_library for frame in one.frames)
        counted = f"{count} frame" if count == 1 else f"{count} frames"
        return _WHOLE.format(count=counted, frames=Markup("").join(parts))

    def frame(self, frame: DebugFrameSummary, is_open: bool, shows: bool = False) -> Markup:
        """A frame with its source and its variables.

        :param shows: whether the variables are open, too
        """
        lines = frame.source()
        note = ""
        if not lines and not frame.filename.startswith("<"):
            note = "The source is not there: the file is gone, is no text, or has fewer lines."
        elif frame.has_changed:
            note = (
                "The file was changed after the program was started: these lines may not be those"
                " that ran."
            )
        variables = self._variables.get(frame.number)
        return _FRAME.format(
            id=frame.number,
            kind="library" if frame.is_library else "mine",
            open=Markup(" open") if is_open else "",
            name=frame.name,
            place=self.place(frame),
            note=_NOTE.format(note) if note else "",
            source_kind=" library" if frame.is_library else "",
            lines=Markup("").join(self._line(line) for line in lines),
            variables=_section(variables, " open" if shows else "") if variables else "",
        )

    def _line(self, line: Any) -> Markup:
        hide = self._masks.hide_source
        text = hide(line.text)
        if line.marked:
            marked, rest = hide(line.marked), hide(line.rest)
            text = Markup("{}<mark>{}</mark>{}").format(text, marked, rest)
        return _LINE.format(kind=line.kind, number=line.number, text=text or " ")

    def place(self, frame: DebugFrameSummary) -> Markup:
        """File and line, as a link if an editor can open it."""
        line = frame.lineno or 1
        place = _PLACE.format(filename=frame.filename, shown=_short(frame.filename), line=line)
        url = editor_url(frame.filename, line)
        return place if url is None else _LINK.format(url=url, place=place)


def _section(section: Section, opened: str) -> Markup:
    rows = Markup("").join(_ROW.format(name=name, text=text) for name, text in section.rows)
    if section.left_out:
        rows += _ROW.format(name="…", text=f"{section.left_out:,} more")
    count = len(section.rows) + section.left_out
    return _SECTION.format(title=section.title, rows=rows, count=count, open=Markup(opened))


def _short(filename: str) -> str:
    """A file below the current folder, or below where packages are installed, from there on."""
    for mark in ("site-packages", "dist-packages"):
        _, found, after = filename.rpartition(f"{os.sep}{mark}{os.sep}")
        if found:
            return after
    try:
        here = os.getcwd() + os.sep
    except OSError:
        return filename
    return filename.removeprefix(here)


def as_json(root: Link, text: str, masks: Masks) -> dict[str, Any]:
    """The error for a program.

    :param text: the traceback as text, without secrets
    """
    return {
        "error": masks.hide(root.headline),
        "exceptions": [
            {
                "type": one.name,
                "message": masks.hide(one.text),
                "relation": one.relation or None,
                "frames": [
                    {
                        "file": frame.filename,
                        "line": frame.lineno,
                        "function": frame.name,
                        "library": frame.is_library,
                    }
                    for frame in _some(one.frames)[0]
                ],
            }
            for one in as_it_is_read(root)
        ],
        "traceback": text,
    }
