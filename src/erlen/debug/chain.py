"""Exceptions with what led to them and what is in them, each of them once."""

from __future__ import annotations

import re
import traceback
from typing import TYPE_CHECKING

from .frames import frames_of, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .frames import DebugFrameSummary

# So many exceptions are looked at: a chain can be as long as a program runs.
_MOST = 100
_class = re.compile(r"(?:[\w.<>]+(?:: ?|$))?").match
_DIVIDERS = {
    "cause": "The above exception was the direct cause of the following exception:",
    "context": "During handling of the above exception, another exception occurred:",
}


class Link:
    """One exception of a chain or of a group.

    :param relation: what it is to its owner: its ``"cause"``, its ``"context"``, or the text that
        says which ``"member"`` of a group it is
    :param level: how many groups it is in
    """

    def __init__(self, error: BaseException, relation: str = "", level: int = 0) -> None:
        self.error = error
        self.relation = relation
        self.level = level
        self.frames: list[DebugFrameSummary] = []
        #: What led to it.
        self.before: Link | None = None
        #: What is in it, if it is a group.
        self.members: list[Link] = []
        #: As Python prints it, with its notes.
        self.message = ""

    @property
    def name(self) -> str:
        """The class of the exception."""
        return type(self.error).__name__

    @property
    def headline(self) -> str:
        """The line that tells the exception; a syntax error tells its place in front of it."""
        lines = [line for line in self.message.splitlines() if line[:1].strip()]
        return lines[0] if lines else self.name

    @property
    def text(self) -> str:
        """The message without the class of the exception."""
        headline = self.headline
        if self.message.startswith(headline):
            return self.message[len(_class(headline)[0]) :]  # type: ignore[index]
        return self.message


def link(error: BaseException, skip: int, hide: bool) -> Link:
    """An exception with its frames, and those that belong to it.

    :param skip: leave out so many of its first frames
    :param hide: leave out frames that ask for that
    """
    root = Link(error)
    waiting, seen = [root], {id(error)}

    def add(other: BaseException | None, relation: str, level: int) -> Link | None:
        if other is None or id(other) in seen or len(seen) >= _MOST:
            return None
        seen.add(id(other))
        made = Link(other, relation, level)
        waiting.append(made)
        return made

    for one in waiting:
        error = one.error
        frames = frames_of(error)[skip if one is root else 0 :]
        one.frames = visible(frames) if hide else frames
        if isinstance(error, BaseExceptionGroup):
            of = len(error.exceptions)
            for number, member in enumerate(error.exceptions, 1):
                text = f"Exception {number} of {of} in the group:"
                made = add(member, text, one.level + 1)
                if made is not None:
                    one.members.append(made)
        if error.__cause__ is not None:
            one.before = add(error.__cause__, "cause", one.level)
        elif not error.__suppress_context__:
            one.before = add(error.__context__, "context", one.level)
    return root


def as_it_happened(root: Link) -> Iterator[tuple[str | None, Link]]:
    """The exceptions in Python's order, what led to one before it; each but the first with the
    line that goes before it."""
    waiting: list[tuple[str | None, Link, bool]] = [(None, root, False)]
    while waiting:
        divider, one, is_next = waiting.pop()
        if not is_next and one.before is not None:
            waiting.append((_DIVIDERS[one.before.relation], one, True))
            waiting.append((divider, one.before, False))
            continue
        yield divider, one
        waiting += [(member.relation, member, False) for member in reversed(one.members)]


def as_it_is_read(root: Link) -> Iterator[Link]:
    """The exceptions, the last one first; what is in it and what led to it behind it."""
    waiting = [root]
    while waiting:
        one = waiting.pop()
        yield one
        if one.before is not None:
            waiting.append(one.before)
        waiting += reversed(one.members)


def take_over(root: Link, te: traceback.TracebackException | None) -> bool:
    """Let what :mod:`traceback` prepared leave out the same frames, and take its messages.

    :param te: ``None`` if it could not prepare it
    :returns: whether it can print it
    """
    links = {id(one.error): one for one in as_it_is_read(root)}
    waiting = [] if te is None else [(root.error, te)]
    while waiting:
        error, prepared = waiting.pop()
        one = links.get(id(error))
        if one is not None and not one.message:
            one.message = "".join(prepared.format_exception_only()).rstrip("\n")
            if len(prepared.stack) != len(one.frames):
                places = {frame.place for frame in one.frames}
                prepared.stack = traceback.StackSummary.from_list(
                    [frame for place, frame in enumerate(prepared.stack) if place in places]
                )
        for other, its in (
            (error.__cause__, prepared.__cause__),
            (error.__context__, prepared.__context__),
        ):
            if other is not None and its is not None:
                waiting.append((other, its))
        if isinstance(error, BaseExceptionGroup) and prepared.exceptions:
            waiting += zip(error.exceptions, prepared.exceptions, strict=False)
    for one in links.values():
        one.message = one.message or _message_of(one.error)
    return te is not None


def _message_of(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:
        text = "<its text cannot be told>"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
