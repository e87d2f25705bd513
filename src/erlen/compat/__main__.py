"""Runs a Flask program on Erlen.

``python -m erlen.compat app.py [arguments]`` runs a file, ``python -m erlen.compat -m module
[arguments]`` a module, as ``python`` itself does.  ``--flask-script`` in front of them is for
programs of Flask-Script. ``python -m erlen.compat --stubs typings`` writes
what type checkers and editors read.
"""

from __future__ import annotations

import os
import sys

from . import install

USAGE = """\
usage: python -m erlen.compat FILE [ARGUMENT ...]
       python -m erlen.compat -m MODULE [ARGUMENT ...]
       python -m erlen.compat --flask-script FILE [ARGUMENT ...]
       python -m erlen.compat --stubs FOLDER

Runs a Flask program on Erlen: its imports of flask and werkzeug are answered by Erlen.
With --flask-script: those of flask_script, too, which ends in manager.run().
With --stubs: writes stubs by which type checkers and editors find these names.
"""


def main() -> None:
    """Run the program that the command line names.

    :raises SystemExit: with code 2 if there is none
    """
    arguments = sys.argv[1:]
    if arguments in (["-h"], ["--help"]):
        print(USAGE, end="")
        return
    if len(arguments) == 2 and arguments[0] == "--stubs":
        from .stubs import write_stubs

        write_stubs(arguments[1])
        return
    flask_script = arguments[:1] == ["--flask-script"]
    if flask_script:
        arguments = arguments[1:]
    as_module = arguments[:1] == ["-m"]
    if as_module:
        arguments = arguments[1:]
    if not arguments or arguments[0].startswith("-"):
        sys.exit(_refuse(USAGE))
    from runpy import run_module, run_path

    install(flask_script=flask_script)
    sys.argv = arguments
    if as_module:
        run_module(arguments[0], run_name="__main__", alter_sys=True)
        return
    script = arguments[0]
    if not os.path.exists(script):
        sys.exit(_refuse(f"python -m erlen.compat: there is no file {script!r}.\n"))
    if os.path.isfile(script) and not sys.flags.safe_path:
        # A script imports its neighbours.
        sys.path[0] = os.path.dirname(os.path.realpath(script))
    run_path(script, run_name="__main__")


def _refuse(message: str) -> int:
    sys.stderr.write(message)
    return 2


if __name__ == "__main__":
    main()
