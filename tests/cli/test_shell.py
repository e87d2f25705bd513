from __future__ import annotations

import os
import sys

import pytest

from erlen import Erlen, g
from erlen.cli import shell_command


@pytest.fixture
def interact(monkeypatch):
    """Runs the command on lines of input, and returns what it prints."""
    # Completion is for terminals.
    monkeypatch.setattr(sys, "__interactivehook__", None, raising=False)

    def run(app, *lines):
        result = app.test_cli_runner().invoke(shell_command, input="\n".join(lines) + "\n")
        assert result.exit_code == 0, result.output
        return result.output

    return run


def test_the_application_is_there(interact):
    app = Erlen("shelled")
    output = interact(app, "print('name', app.name)", "g.x = 5; print('g', g.x)")
    assert "name shelled" in output
    assert "g 5" in output


def test_the_banner(interact):
    app = Erlen("shelled")
    output = interact(app, "")
    assert f"Python {sys.version.split()[0]}" in output
    assert "App: shelled" in output
    assert f"Instance: {app.instance_path}" in output


def test_what_processors_add(interact):
    app = Erlen("shelled")

    @app.shell_context_processor
    def models():
        return {"User": "the user model", "app": "replaced"}

    output = interact(app, "print(User, app)")
    assert "the user model replaced" in output


def test_the_context_of_a_shell():
    app = Erlen("shelled")
    app.shell_context_processor(lambda: {"x": 1})
    with app.app_context():
        context = app.make_shell_context()
        assert context["app"] is app
        assert context["g"] == g
        assert context["x"] == 1


def test_the_start_up_file(interact, tmp_path, monkeypatch):
    (tmp_path / "startup.py").write_text("started = 'from the file'\napp = 'of the file'\n")
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "startup.py"))
    output = interact(Erlen("shelled"), "print(started, app)")
    assert "from the file <" in output
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "none.py"))
    assert "shelled" in interact(Erlen("shelled"), "print(app.name)")


def test_an_error_of_a_line_does_not_end_it(interact):
    output = interact(Erlen("shelled"), "1 / 0", "print('still here')")
    assert "still here" in output


def test_names_are_completed(interact, monkeypatch):
    readline = pytest.importorskip("readline")
    completers = []
    monkeypatch.setattr(sys, "__interactivehook__", lambda: None, raising=False)
    monkeypatch.setattr(readline, "set_completer", completers.append)
    app = Erlen("shelled")
    app.shell_context_processor(lambda: {"completed_name": 1})
    interact(app, "")
    assert completers[-1]("completed_na", 0) == "completed_name"


def test_the_environment_is_left_alone(interact):
    before = os.environ.get("FLASK_APP")
    interact(Erlen("shelled"), "")
    assert os.environ.get("FLASK_APP") == before
