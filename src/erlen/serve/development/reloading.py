"""The reloader: a parent process that keeps the listening socket, and a child that serves.

The child watches the files; when one changes, it finishes its requests and ends with a status that
asks for another child. Connections that come meanwhile wait at the socket. A child that fails
before it serves is started again as soon as a file changes.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext, suppress
from queue import SimpleQueue
from threading import Thread, current_thread, main_thread
from typing import Any

from ...logging import log_server
from .ending import leave_soon, leave_threads_behind
from .sources import Sources

# Marks the child, for applications that ask; Werkzeug's name.
_IS_CHILD = "WERKZEUG_RUN_MAIN"
# When the child was started: a file that changed since then may not be what was imported.
_STARTED = "ERLEN_RELOADER_STARTED"
# Whether no child has served yet.
_IS_FIRST = "ERLEN_RELOADER_FIRST"
# The exit statuses that ask for another child, which is the first to serve or not; and Click's
# for a wrong command line.
RELOAD_STATUS = 3
_FIRST_AGAIN = 4
_USAGE = 2
_FAILED = 1
# Between a signal and the next, harsher one.
_PATIENCE = 5.0
# A signal that somebody sends to both comes within so many seconds.
_SAME_SIGNAL = 0.3


def is_running_from_reloader() -> bool:
    """Whether this process is the one that a reloader restarts."""
    return os.environ.get(_IS_CHILD) == "true"


def is_first_start() -> bool:
    """Whether this process is the first that serves under a reloader."""
    return os.environ.get(_IS_FIRST) == "true"


def note_start() -> None:
    """Where the server is has been told."""
    os.environ.pop(_IS_FIRST, None)


def run_with_reloader(
    main_func: Callable[[], Any],
    extra_files: Iterable[str] | None = None,
    exclude_patterns: Iterable[str] | None = None,
    interval: float = 1,
    reloader_type: str = "auto",
    *,
    stop: Callable[[], Any] | None = None,
    interrupt: Callable[[], Any] | None = None,
    standing_in: Callable[[], AbstractContextManager[Any]] = nullcontext,
) -> None:
    """Run ``main_func()`` in a process that is started again when a file changes.

    :param main_func: serves; it runs on a thread of the child
    :param extra_files: watched beside Python files; a folder with all that is in it
    :param exclude_patterns: ``fnmatch`` patterns of paths that are not watched
    :param interval: after how many seconds to look whether more modules were loaded
    :param reloader_type: ``"stat"`` looks at the files each ``interval`` seconds, which also works
        on file systems of other machines; anything else lets the system tell of changes
    :param stop: called in the child before it is replaced, to finish requests
    :param interrupt: called in the child before it ends for good
    :param standing_in: what the parent enters while it waits for a program to be mended
    :raises SystemExit: always, in both processes
    """
    sources = Sources(extra_files, exclude_patterns, interval, polling=reloader_type == "stat")
    if is_running_from_reloader():
        sys.exit(_serve_until_changed(main_func, sources, stop, interrupt))
    log_server("info", f" * Watching files for changes with {sources.how}")
    sys.exit(_supervise(sources, standing_in))


# -- the child ---------------------------------------------------------------------------


def _serve_until_changed(
    main_func: Callable[[], Any],
    sources: Sources,
    stop: Callable[[], Any] | None,
    interrupt: Callable[[], Any] | None,
) -> int:
    """Serve on a thread, and return the exit status when that is over."""
    parent = os.getppid()
    sigterm = _Sigterm()
    serving = Thread(target=main_func, daemon=True)
    serving.start()

    def is_over() -> bool:
        # A parent that was killed leaves the child to another one.
        return sigterm.has_come or os.getppid() != parent or not serving.is_alive()

    changed = None
    with suppress(KeyboardInterrupt):
        changed = sources.wait(_started_at(), is_over)
    status = 0
    if changed is not None:
        status = _FIRST_AGAIN if is_first_start() else RELOAD_STATUS
    elif not serving.is_alive():
        # It has told why it does not serve.
        status = _FAILED
    # What runs at exit gets its chance, but a thread that never ends must not stop the reload.
    leave_soon(status)
    if changed is None and current_thread() is main_thread():
        # The next signal ends it at once.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    if changed is not None:
        log_server("info", f" * Detected change in {changed!r}, reloading")
    end = interrupt if changed is None else stop
    if end is not None:
        end()
    leave_threads_behind(status)
    return status


def _started_at() -> float:
    try:
        return float(os.environ[_STARTED])
    except (KeyError, ValueError):
        return time.time()


class _Sigterm:
    """Notes SIGTERM, so that the process leaves in the usual way and does what is to run at exit.

    A handler that raises would do so in any line: also in a callback, where Python swallows it.
    """

    def __init__(self) -> None:
        self.has_come = False
        #: Gets ``None``, and what else wakes the one who reads it.
        self.news: SimpleQueue[int | None] = SimpleQueue()
        if current_thread() is main_thread():
            signal.signal(signal.SIGTERM, self._note)

    def _note(self, *_: Any) -> None:
        self.has_come = True
        # It may be called in the middle of itself, as no Event may.
        self.news.put(None)


# -- the parent --------------------------------------------------------------------------


def reloading_command() -> list[str]:
    """How this program was started, with the interpreter's options."""
    return [sys.executable, *sys.orig_argv[1:]]


def _supervise(sources: Sources, standing_in: Callable[[], AbstractContextManager[Any]]) -> int:
    """Start children until one ends for good, and return its exit status."""
    sigterm = _Sigterm()
    terminal = _terminal_settings()
    is_first, has_served = True, False
    while True:
        started = time.time()
        status = _run_child(started, sigterm.news, not has_served)
        _restore_terminal(terminal)
        if sigterm.has_come or status in (0, -signal.SIGINT, -signal.SIGTERM):
            return 0
        if status == RELOAD_STATUS:
            has_served = True
        elif status != _FIRST_AGAIN:
            if is_first and status == _USAGE:
                return status
            how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
            log_server(
                "info", f" * The program {how}. It is started again when one of its files changes"
            )
            try:
                with standing_in():
                    changed = sources.wait(started, lambda: sigterm.has_come)
            except KeyboardInterrupt:
                return 0
            if changed is None:
                return 0
            log_server("info", f" * Detected change in {changed!r}, reloading")
        is_first = False
        log_server("info", f" * Restarting with {sources.how}")


def _run_child(started: float, news: SimpleQueue[int | None], is_first: bool) -> int:
    """Run the program once more, and return its exit status.

    :param news: gets ``None`` when the child is to be ended
    :param is_first: whether none has served yet
    """
    env = {
        **os.environ,
        _IS_CHILD: "true",
        _STARTED: repr(started),
        _IS_FIRST: str(is_first).lower(),
    }
    # What is inheritable is the listening socket.
    child = subprocess.Popen(reloading_command(), env=env, close_fds=False)
    Thread(target=lambda: news.put(child.wait()), daemon=True).start()
    try:
        status = news.get()
        return 0 if status is None else status
    except KeyboardInterrupt:
        # The terminal sent it to both, so that the child ends by itself.
        with suppress(subprocess.TimeoutExpired):
            child.wait(_SAME_SIGNAL)
        return 0
    finally:
        child.terminate()
        try:
            child.wait(_PATIENCE)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            child.kill()
            child.wait()


def _terminal_settings() -> Any:
    """How the terminal is set, ``None`` if there is none."""
    try:
        import termios

        return termios.tcgetattr(sys.stdin)
    except Exception:
        # No terminal, no standard input, or Windows.
        return None


def _restore_terminal(settings: Any) -> None:
    """A debugger's prompt leaves the terminal changed when its process is replaced."""
    # A process in the background would be stopped for it.
    if settings is not None and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp():
        import termios

        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, settings)
