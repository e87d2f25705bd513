"""``erlen shell``: Python inside of the application's context."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from ..app.current import current_app
from .groups import with_appcontext
from .options import app_argument, app_option


@click.command(
    "shell", short_help="Run a shell in the app context.", params=[app_argument(), app_option()]
)
@with_appcontext
def shell_command() -> None:
    """Run an interactive Python shell in the context of the application, with 'app', 'g' and
    what the application's shell context processors add."""
    import code

    banner = (
        f"Python {sys.version} on {sys.platform}\n"
        f"App: {current_app.import_name}\n"
        f"Instance: {current_app.instance_path}"
    )
    context: dict[str, Any] = {}
    startup = os.environ.get("PYTHONSTARTUP")
    if startup and os.path.isfile(startup):
        with open(startup) as f:
            exec(compile(f.read(), startup, "exec"), context)
    context.update(current_app.make_shell_context())
    # Completion of names, where there is readline.
    hook = getattr(sys, "__interactivehook__", None)
    if hook is not None:
        try:
            import readline
            from rlcompleter import Completer
        except ImportError:
            pass
        else:
            readline.set_completer(Completer(context).complete)
        hook()
    code.interact(banner=banner, local=context)
