"""Flask-Script's names, for programs that end in ``manager.run()``.

It was written for an older Flask and is not made any more.  Who asks for it gets these commands,
which take their options by :mod:`argparse`, as its users know them.
"""

from __future__ import annotations

from .commands import Clean, Command, Group, InvalidCommand, Option, Server, Shell, ShowUrls
from .manager import Manager
from .prompts import prompt, prompt_bool, prompt_choices, prompt_pass

__all__ = [
    "Clean",
    "Command",
    "Group",
    "InvalidCommand",
    "Manager",
    "Option",
    "Server",
    "Shell",
    "ShowUrls",
    "prompt",
    "prompt_bool",
    "prompt_choices",
    "prompt_pass",
]
