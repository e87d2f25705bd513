from __future__ import annotations

import io
import logging
import re
import subprocess
import sys

import pytest

from erlen import Erlen
from erlen.logging import default_handler, has_level_handler, wsgi_errors_stream


@pytest.fixture
def app():
    return Erlen("logging_room")


@pytest.fixture
def root(monkeypatch):
    """A root above the application's logger that nobody has configured, and a fresh logger."""
    root = logging.RootLogger(logging.WARNING)
    logger = logging.getLogger("logging_room")
    monkeypatch.setattr(logger, "parent", root)
    monkeypatch.setattr(logger, "handlers", [])
    yield root
    logger.setLevel(logging.NOTSET)


def test_the_logger_has_the_name_of_the_application(app):
    assert app.logger is logging.getLogger("logging_room")
    assert app.logger is app.logger


def test_it_gets_a_handler_where_nobody_listens(app, root):
    assert app.logger.handlers == [default_handler]
    assert app.logger.level == logging.NOTSET


def test_in_debug_mode_it_tells_everything(app, root):
    app.debug = True
    assert app.logger.level == logging.DEBUG
    assert app.logger.handlers == [default_handler]


def test_a_level_that_is_set_stays(app, root):
    logging.getLogger("logging_room").setLevel(logging.CRITICAL)
    app.debug = True
    assert app.logger.level == logging.CRITICAL


def test_where_the_root_listens_it_gets_none(app, root):
    root.addHandler(logging.StreamHandler(io.StringIO()))
    assert app.logger.handlers == []


def test_where_the_root_listens_to_more_serious_levels_alone_it_gets_one(app, root):
    handler = logging.StreamHandler(io.StringIO())
    handler.setLevel(logging.ERROR)
    root.addHandler(handler)
    app.debug = True
    assert app.logger.handlers == [default_handler]


def test_has_level_handler():
    outer = logging.RootLogger(logging.WARNING)
    inner = logging.Logger("inner")
    inner.parent = outer
    assert not has_level_handler(inner)
    handler = logging.StreamHandler(io.StringIO())
    outer.addHandler(handler)
    assert has_level_handler(inner)
    handler.setLevel(logging.ERROR)
    assert not has_level_handler(inner)
    inner.setLevel(logging.ERROR)
    assert has_level_handler(inner)
    inner.propagate = False
    assert not has_level_handler(inner)


def test_lines_go_to_the_errors_of_the_request(app, root):
    @app.route("/")
    def index():
        app.logger.warning("from the view %s", 1)
        return ""

    errors = io.StringIO()
    app.test_client().get("/", errors_stream=errors)
    assert re.fullmatch(r"\[20\S+ \S+\] WARNING in test_\w+: from the view 1\n", errors.getvalue())


def test_outside_of_a_request_they_go_to_stderr(app, root, capsys):
    assert wsgi_errors_stream._get_current_object() is sys.stderr
    app.logger.error("outside")
    assert "ERROR in test" in capsys.readouterr().err


def test_an_exception_is_logged_with_its_trace(app, root):
    @app.route("/fail")
    def fail():
        raise ZeroDivisionError("my words")

    errors = io.StringIO()
    response = app.test_client().get("/fail", errors_stream=errors)
    assert response.status_code == 500
    text = errors.getvalue()
    assert "Exception on /fail [GET]" in text
    assert "Traceback (most recent call last)" in text
    assert "ZeroDivisionError: my words" in text


def test_what_is_logged_can_be_changed(app, root):
    class Quiet(Erlen):
        def log_exception(self, exc_info):
            self.extensions["logged"] = exc_info[0]

    app = Quiet("logging_room")
    app.add_url_rule("/fail", "fail", lambda: 1 / 0)
    assert app.test_client().get("/fail").status_code == 500
    assert app.extensions["logged"] is ZeroDivisionError


def test_the_default_handler_can_be_taken_away(app, root, capsys):
    app.logger.removeHandler(default_handler)
    own = io.StringIO()
    app.logger.addHandler(logging.StreamHandler(own))
    app.logger.error("mine")
    assert own.getvalue() == "mine\n"
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("configured", [False, True])
def test_the_log_of_the_server_is_for_those_who_configured_none(configured):
    """Each in a new process: the logger is looked at once."""
    code = "from erlen.logging import log_server; log_server('info', 'a %s', 'line')"
    if configured:
        code = f"import logging; logging.basicConfig(format='mine: %(message)s'); {code}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stderr == ("mine: a line\n" if configured else "a line\n")
