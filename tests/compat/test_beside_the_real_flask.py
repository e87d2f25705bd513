"""Where the real Flask is imported beside Erlen, the first error names who did it, and says what to
write."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

REAL = {
    "flask/__init__.py": """
        from werkzeug.local import LocalProxy
        from werkzeug.exceptions import NotFound
        current_app = LocalProxy()

        class Flask:
            def wsgi_app(self, environ, start_response): ...

        class Blueprint:
            def __init__(self, name, import_name):
                self.name, self.import_name = name, import_name
            def register(self, app, options): ...
        """,
    "werkzeug/__init__.py": "",
    "werkzeug/local.py": """
        class LocalProxy:
            def __getattr__(self, name):
                raise RuntimeError("Working outside of application context.")
        """,
    "werkzeug/exceptions.py": "class NotFound(Exception): ...\n",
    "flask_demo/__init__.py": """
        from flask import current_app

        def ask():
            return current_app.name
        """,
    "other.py": "import json\n",
}
ADVICE = "erlen --flask --app"


@pytest.fixture
def program(tmp_path: Path):
    for name, text in REAL.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(textwrap.dedent(text))

    def run(code: str, *command: str) -> str:
        (tmp_path / "program.py").write_text(textwrap.dedent(code))
        done = subprocess.run(
            [sys.executable, *(command or ("program.py",))],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.stdout + done.stderr

    return run


REQUEST = """
    import other
    from erlen import Erlen
    from {module} import {name}
    app = Erlen(__name__)

    @app.{kind}
    {colour}def view(*args):
        {body}

    app.test_client(interface="{interface}").get("/")
"""


@pytest.mark.parametrize("interface", ["wsgi", "asgi"])
@pytest.mark.parametrize("colour", ["", "async "])
def test_an_error_of_a_request_names_the_extension(program, interface, colour):
    out = program(
        REQUEST.format(
            module="flask_demo", name="ask", kind='get("/")', colour=colour, body="return ask()",
            interface=interface,
        )
    )  # fmt: skip
    assert out.count("flask_demo uses the real Flask") == 1
    assert ADVICE in out
    assert "Exception on / [GET]" in out


def test_an_exception_of_the_real_one_names_who_raised_it(program):
    out = program(
        REQUEST.format(
            module="werkzeug.exceptions", name="NotFound", kind='get("/")', colour="",
            body="raise NotFound", interface="wsgi",
        )
    )  # fmt: skip
    assert "The program uses the real Flask" in out


def test_another_error_is_not_explained(program):
    out = program(
        REQUEST.format(
            module="flask_demo", name="ask", kind='get("/")', colour="", body="return 1 / 0",
            interface="wsgi",
        )
    )  # fmt: skip
    assert "ZeroDivisionError" in out
    assert "real Flask" not in out


def test_a_blueprint_of_the_real_one_is_refused(program):
    out = program("""
        from erlen import Erlen
        from flask import Blueprint
        Erlen(__name__).register_blueprint(Blueprint("shop", "shop.views"))
    """)
    assert "The blueprint 'shop' of 'shop.views' is of the real Flask" in out
    assert ADVICE in out


@pytest.mark.parametrize("name", ["program", "program:app"])
def test_an_application_of_the_real_one_is_refused_by_the_command_line(program, name):
    code = "from flask import Flask\napp = Flask()\n"
    out = program(code, "-m", "erlen", "--app", name, "routes")
    assert "'program:app' is of the real Flask. Write --flask before the command" in out


def test_an_application_that_fails_while_it_loads_names_the_extension(program):
    code = "import erlen, flask_demo\nflask_demo.ask()\n"
    out = program(code, "-m", "erlen", "--app", "program", "run")
    assert "flask_demo uses the real Flask" in out


def test_installing_too_late_names_the_extension(program):
    out = program("""
        import other, flask_demo
        import erlen.compat
        erlen.compat.install()
    """)
    assert "'flask' is imported already by flask_demo, from" in out
    assert ADVICE in out


def test_under_the_names_of_erlen_nothing_is_real():
    code = """
        import erlen.compat
        erlen.compat.install()
        import flask, werkzeug
        from erlen.context import real_flask
        print(real_flask.is_imported(), real_flask.is_real(flask.Flask(__name__)))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("False False\n", "")
