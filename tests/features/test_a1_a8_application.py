"""FEATURES A1 and A8: the application, its configuration, its commands."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tomllib

import click
import pytest

from erlen import Blueprint, Erlen, current_app


def test_the_application_is_a_wsgi_callable(tmp_path):
    app = Erlen(__name__, root_path=str(tmp_path), instance_path=str(tmp_path / "i"))
    assert app.static_folder == str(tmp_path / "static")
    assert app.template_folder == "templates"
    assert app.instance_path == str(tmp_path / "i")
    started = []
    from erlen.testing.builder import create_environ

    body = app(create_environ("/"), lambda *args: started.append(args))
    assert started[0][0] == "404 NOT FOUND"
    assert b"Not Found" in b"".join(body)


def test_an_extension_in_the_usual_form():
    class Extension:
        def __init__(self, app=None):
            if app is not None:
                self.init_app(app)

        def init_app(self, app):
            app.extensions["own"] = self
            app.config.setdefault("OWN_LIMIT", 5)
            app.before_request(self.check)

        def check(self):
            if current_app.config["OWN_LIMIT"] == 0:
                return "over the limit", 429

    app = Erlen(__name__)
    extension = Extension()
    extension.init_app(app)
    app.add_url_rule("/", "index", lambda: "in")
    assert app.extensions["own"] is extension
    assert app.test_client().get("/").text == "in"
    app.config["OWN_LIMIT"] = 0
    assert app.test_client().get("/").status_code == 429


def test_middleware_wraps_wsgi_app():
    app = Erlen(__name__)
    app.add_url_rule("/", "index", lambda: "x")
    inner = app.wsgi_app

    def middleware(environ, start_response):
        def start(status, headers, exc_info=None):
            return start_response(status, [*headers, ("X-Wrapped", "1")], exc_info)

        return inner(environ, start)

    app.wsgi_app = middleware
    assert app.test_client().get("/").headers["X-Wrapped"] == "1"


def test_configuration(tmp_path, monkeypatch):
    app = Erlen(__name__, root_path=str(tmp_path))
    (tmp_path / "c.py").write_text("A = 1\nb = 2\n")
    (tmp_path / "c.json").write_text('{"B": 2}')
    (tmp_path / "c.toml").write_text("C = 3\n")
    assert app.config.from_pyfile("c.py")
    assert app.config.from_file("c.json", json.load)
    assert app.config.from_file("c.toml", tomllib.load, text=False)
    app.config.from_mapping(D=4, e=5)
    app.config.from_object(type("Settings", (), {"F": 6}))
    monkeypatch.setenv("OWN_DB__HOST", "here")
    monkeypatch.setenv("OWN_N", "7")
    app.config.from_prefixed_env("OWN")
    assert [app.config.get(k) for k in "ABCDEF"] == [1, 2, 3, 4, None, 6]
    assert "b" not in app.config
    assert app.config["DB"] == {"HOST": "here"} and app.config["N"] == 7
    assert app.config.from_pyfile("none.py", silent=True) is False


def test_the_logger(caplog):
    app = Erlen("logging_app")

    @app.route("/")
    def index():
        app.logger.warning("A warning occurred (%d apples)", 42)
        return ""

    with caplog.at_level(logging.WARNING, "logging_app"):
        app.test_client().get("/")
    assert "42 apples" in caplog.text


def test_a_logged_path_cannot_forge_a_line(caplog):
    app = Erlen("log_lines")

    @app.route("/<p>")
    def fail(p):
        raise ValueError

    app.test_client().get("/a%0aforged%1b[31m")
    first_line = caplog.records[0].getMessage()
    assert "\n" not in first_line and "\x1b" not in first_line


def test_commands():
    app = Erlen(__name__)
    part = Blueprint("part", __name__)

    @app.cli.command("hello")
    @click.argument("name")
    def hello(name):
        click.echo(f"Hello {name} from {current_app.name}")

    @part.cli.command("work")
    def work():
        click.echo("worked")

    app.register_blueprint(part)
    runner = app.test_cli_runner()
    assert runner.invoke(args=["hello", "Ada"]).output == f"Hello Ada from {app.name}\n"
    assert runner.invoke(args=["part", "work"]).output == "worked\n"


def run(*args, cwd, module="erlen"):
    return subprocess.run(
        [sys.executable, "-m", module, *args], cwd=cwd, capture_output=True, text=True, timeout=60
    )


@pytest.fixture
def project(tmp_path):
    (tmp_path / "app.py").write_text(
        "from erlen import Erlen\napp = Erlen(__name__)\n"
        "@app.get('/user/<name>')\ndef user(name): return name\n"
    )
    return tmp_path


def test_routes_shell_and_a_missing_application(project, tmp_path_factory):
    routes = run("routes", cwd=project)
    assert routes.returncode == 0
    assert "user" in routes.stdout and "/user/<name>" in routes.stdout
    named = run("--app", "app:app", "routes", cwd=project)
    assert named.stdout == routes.stdout
    empty = run("routes", cwd=tmp_path_factory.mktemp("empty"))
    assert empty.returncode == 2
    assert "--app" in empty.stderr and "app.py" in empty.stderr


def test_a_flask_program_and_an_old_script(tmp_path):
    (tmp_path / "wsgi.py").write_text(
        "from flask import Flask\napp = Flask(__name__)\napp.add_url_rule('/x', 'x', lambda: '')\n"
    )
    routes = run("--flask", "routes", cwd=tmp_path)
    assert "/x" in routes.stdout, routes.stderr
    (tmp_path / "hello.py").write_text(
        "from flask import Flask\nfrom flask_script import Manager\n"
        "app = Flask(__name__)\nmanager = Manager(app)\n"
        "if __name__ == '__main__': manager.run()\n"
    )
    shown = run(
        "--flask-script", "hello.py", "runserver", "--help", cwd=tmp_path, module="erlen.compat"
    )
    assert shown.returncode == 0, shown.stderr
    assert "--port" in shown.stdout
