"""``python -m erlen.compat app.py …``: run a Flask program on Erlen."""

from __future__ import annotations

import os
import runpy
import sys

from . import install

USAGE = """\
usage: python -m erlen.compat SCRIPT [ARGUMENT ...]
       python -m erlen.compat -m MODULE [ARGUMENT ...]

Runs a Python program in which the names 'flask' and 'werkzeug' mean Erlen.
"""


def main() -> None:
    """Run the program that the command line names."""
    args = sys.argv[1:]
    if not args or args[0] in ("-h", "--help"):
        print(USAGE, end="", file=sys.stdout if args else sys.stderr)
        sys.exit(0 if args else 2)
    install()
    if args[0] == "-m":
        if len(args) < 2:
            print(USAGE, end="", file=sys.stderr)
            sys.exit(2)
        sys.argv = args[1:]
        # As Python does it: the working directory is searched first.
        sys.path[0] = os.getcwd()
        runpy.run_module(args[1], run_name="__main__", alter_sys=True)
        return
    if not os.path.exists(args[0]):
        print(f"python -m erlen.compat: there is no file {args[0]!r}.", file=sys.stderr)
        sys.exit(2)
    sys.argv = args
    sys.path[0] = os.path.dirname(os.path.abspath(args[0]))
    runpy.run_path(args[0], run_name="__main__")


if __name__ == "__main__":
    main()
