"""Python typed in the browser and run in the process."""

from __future__ import annotations

import code
import linecache
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any

from markupsafe import escape

from .representation import debug_repr, dump, helper
from .tracebacks import DebugTraceback

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import CodeType


class HTMLStringO:
    """Collects what is printed; text is escaped."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def _write(self, html: str) -> None:
        self._pieces.append(html)

    def write(self, text: str) -> int:
        """Add text."""
        self._write(escape(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Add several texts."""
        for line in lines:
            self.write(line)

    def reset(self) -> str:
        """What was collected; it is empty then."""
        html = "".join(self._pieces)
        self._pieces.clear()
        return html

    def flush(self) -> None:
        """Nothing is held back."""

    def isatty(self) -> bool:
        """It is no terminal."""
        return False


_output: ContextVar[HTMLStringO | None] = ContextVar("erlen.debug.console", default=None)
_displayhook = sys.displayhook


def _show(value: object) -> None:
    """What ``sys.displayhook`` is: in a console the value is shown as HTML."""
    output = _output.get()
    if output is None:
        _displayhook(value)
    elif value is not None:
        output._write(f"{debug_repr(value)}\n")


sys.displayhook = _show


class ThreadedStream:
    """Stands for ``sys.stdout`` while a console runs: what other threads print goes where it went
    before."""

    _lock = Lock()
    _users = 0
    _before: Any = None

    @classmethod
    @contextmanager
    def capture(cls) -> Iterator[HTMLStringO]:
        """Collect what is printed in this context."""
        output = HTMLStringO()
        token = _output.set(output)
        with cls._lock:
            if cls._users == 0:
                cls._before, sys.stdout = sys.stdout, cls()
            cls._users += 1
        try:
            yield output
        finally:
            with cls._lock:
                cls._users -= 1
                if cls._users == 0:
                    sys.stdout = cls._before
            _output.reset(token)

    def __getattr__(self, name: str) -> Any:
        output = _output.get()
        return getattr(self._before if output is None else output, name)


class _Interpreter(code.InteractiveInterpreter):
    """Runs what is typed, piece by piece."""

    _numbers = count(1)

    def __init__(self, namespace: dict[str, Any]) -> None:
        super().__init__(namespace)
        self._lock = RLock()
        self._typed: list[str] = []

    @property
    def is_open(self) -> bool:
        """Whether more lines must follow before anything is run."""
        return bool(self._typed)

    def run(self, source: str) -> str:
        with self._lock, ThreadedStream.capture() as output:
            prompt = "... " if self._typed else ">>> "
            source = source.rstrip()
            self._typed.append(source)
            # Without a line break at the end, a block goes on until there is an empty line.
            whole = "\n".join(self._typed)
            name = f"<console {next(self._numbers)}>"
            # A traceback shows the lines.
            linecache.cache[name] = len(whole), None, whole.splitlines(True), name
            if not self.runsource(whole, name, "single"):
                self._typed.clear()
            return f"{prompt}{escape(source)}\n{output.reset()}"

    def runcode(self, code: CodeType) -> None:
        try:
            exec(code, self.locals)
        except BaseException:
            # exit() and Ctrl-C end the console's command, not the server.
            self.showtraceback()

    def showtraceback(self) -> None:
        self._show_error(skip=1)

    def showsyntaxerror(self, filename: str | None = None, **kwargs: Any) -> None:
        self._show_error(skip=4)

    def _show_error(self, skip: int) -> None:
        error = sys.exc_info()[1]
        output = _output.get()
        if error is not None and output is not None:
            output._write(DebugTraceback(error, skip=skip).render_traceback_html(False))

    def write(self, data: str) -> None:
        sys.stdout.write(data)


class Console:
    """A console with names of its own.

    :param globals: the names it starts with
    :param locals: further ones, which go before
    """

    def __init__(
        self, globals: Mapping[str, Any] | None = None, locals: Mapping[str, Any] | None = None
    ) -> None:
        names = {"dump": dump, "help": helper, **(globals or {}), **(locals or {})}
        self._interpreter = _Interpreter(names)

    @property
    def is_open(self) -> bool:
        """Whether the last line needs more lines behind it."""
        return self._interpreter.is_open

    def eval(self, code: str) -> str:
        """Run a line; the prompt, the line and what it printed as HTML."""
        return self._interpreter.run(code)
