"""The command line: ``erlen``."""

from __future__ import annotations

import sys

import click as click

from ..app.debugflag import get_debug_flag as get_debug_flag
from ..app.debugflag import get_load_dotenv as get_load_dotenv
from ..app.locate import NoAppException as NoAppException
from ..app.locate import find_app_by_string as find_app_by_string
from ..app.locate import find_best_app as find_best_app
from ..app.locate import locate_app as locate_app
from ..app.locate import prepare_import as prepare_import
from ..app.script_info import ScriptInfo as ScriptInfo
from ..workers.interrupts import raise_again
from .certificates import CertParamType as CertParamType
from .dotenv import load_dotenv as load_dotenv
from .erlen_group import ErlenGroup as ErlenGroup
from .groups import AppGroup as AppGroup
from .groups import pass_script_info as pass_script_info
from .groups import with_appcontext as with_appcontext
from .routes import routes_command as routes_command
from .run import SeparatedPathType as SeparatedPathType
from .run import run_command as run_command
from .run import show_server_banner as show_server_banner
from .run import warn_ignored_run as warn_ignored_run
from .serve import serve_command as serve_command
from .shell import shell_command as shell_command
from .version import get_version as get_version

#: Flask's name.
FlaskGroup = ErlenGroup

cli: ErlenGroup = ErlenGroup(
    name="erlen",
    help="""\
A general utility script for Erlen applications.

An application is loaded with the '--app' option, the 'ERLEN_APP' (or 'FLASK_APP') environment
variable, or a 'wsgi.py' or 'app.py' file in the current directory.
""",
)


def main() -> None:
    """The ``erlen`` command."""
    raise_again()
    cli.main(args=sys.argv[1:], prog_name="erlen")
