"""Questions to the person at the terminal."""

from __future__ import annotations

from getpass import getpass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_YES = ("y", "yes", "1", "on", "true", "t")
_NO = ("n", "no", "0", "off", "false", "f")


def _ask(read: Callable[[str], str], name: str, default: str | None) -> str:
    """Ask until there is an answer; an empty one is ``default``."""
    shown = name + (f" [{default}]" if default else "") + (" " if name.endswith("?") else ": ")
    while True:
        answer = read(shown)
        if answer:
            return answer
        if default is not None:
            return default


def prompt(name: str, default: str | None = None) -> str:
    """What the person writes.

    :param name: what is asked for
    :param default: what an empty answer stands for; without one it is asked again
    """
    return _ask(input, name, default)


def prompt_pass(name: str, default: str | None = None) -> str:
    """:func:`prompt`, without showing what is written."""
    return _ask(getpass, name, default)


def prompt_bool(
    name: str,
    default: bool = False,
    yes_choices: Sequence[str] | None = None,
    no_choices: Sequence[str] | None = None,
) -> bool:
    """Whether the person says yes; anything but yes or no is asked again.

    :param yes_choices: what counts as yes, the first of it as the default
    :param no_choices: what counts as no
    """
    yes, no = yes_choices or _YES, no_choices or _NO
    question = name if name.endswith("?") else f"{name}?"
    while True:
        answer = prompt(question, yes[0] if default else no[0]).lower()
        if answer in yes:
            return True
        if answer in no:
            return False


def prompt_choices(
    name: str,
    choices: Iterable[str | tuple[str, str]],
    default: str | None = None,
    no_choice: Sequence[str] = ("none",),
) -> str | None:
    """One of several answers.

    :param choices: the answers, or pairs of each and what is shown for it
    :param no_choice: what stands for ``None``
    """
    keys: list[Any] = []
    shown: list[str] = []
    for choice in choices:
        key, label = (choice, choice) if isinstance(choice, str) else choice
        keys.append(key)
        shown.append(str(label))
    while True:
        answer = prompt(f"{name} - ({', '.join(shown)})", default)
        if answer.lower() in no_choice:
            return None
        if answer in keys or answer == default:
            return answer
        if answer.lower() in keys:
            return answer.lower()
