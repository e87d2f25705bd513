"""Ctrl-C while the command ``erlen`` is still importing Erlen: it ends at once, and without a word.

Python would raise ``KeyboardInterrupt`` wherever an import happens to be, and show twenty frames of
it. Nothing has been opened yet that would have to be closed. The package imports this module before
all others, since everything that the command imports begins with the package.
"""

from __future__ import annotations

import os
import sys

# Python has loaded all the others for itself. "signal" would take milliseconds, in which an
# interrupt is still shown.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
else:
    import _signal as signal

# As installers name what pyproject.toml calls "erlen".
_SCRIPTS = ("erlen", "erlen.exe", "erlen-script.py")


def is_command(arguments: list[str], program: str) -> bool:
    """Whether a process is the command, and neither a program that imports Erlen nor a process that
    the command has started.

    :param arguments: ``sys.orig_argv``
    :param program: ``sys.argv[0]``, which is ``-m`` while the package of ``python -m`` is imported

    >>> is_command(["python", "/venv/bin/erlen", "run"], "/venv/bin/erlen")
    True
    >>> is_command(["python", "-m", "erlen.compat", "app.py"], "-m")
    False
    """
    if program not in arguments:
        return False
    if program == "-m":
        return arguments[arguments.index("-m") + 1 :][:1] == ["erlen"]
    return os.path.basename(program) in _SCRIPTS


_IS_COMMAND = is_command(sys.orig_argv, sys.argv[0] if sys.argv else "")


def _exchange(usual: signal._HANDLER, other: signal._HANDLER) -> None:
    # Who starts a process in the background may have it ignore the signal.
    if not _IS_COMMAND or signal.getsignal(signal.SIGINT) != usual:
        return
    try:
        signal.signal(signal.SIGINT, other)
    except ValueError:
        # Another thread than the first may not, as that of a test.
        return


def end_at_once() -> None:
    """From now on an interrupt ends the process, as one that shells tell by the status 130."""
    _exchange(signal.default_int_handler, signal.SIG_DFL)


def raise_again() -> None:
    """From now on an interrupt raises ``KeyboardInterrupt`` again, as commands expect it."""
    _exchange(signal.SIG_DFL, signal.default_int_handler)


end_at_once()
