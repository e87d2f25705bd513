"""FEATURES A1: what the application is, how it is run, and that requests never meet."""

from __future__ import annotations

import asyncio
import os

import pytest

from erlen import Erlen, current_app, g, request, session, url_for
from erlen.serve import development


@pytest.fixture
def app(tmp_path):
    app = Erlen("shop", root_path=str(tmp_path))
    app.secret_key = "test"
    return app


# -- folders -------------------------------------------------------------------------------


def test_folders_beside_the_module(app, tmp_path):
    assert app.root_path == str(tmp_path)
    assert app.static_folder == str(tmp_path / "static")
    assert app.static_url_path == "/static"
    assert app.template_folder == "templates"
    assert app.has_static_folder


def test_folders_of_other_names(tmp_path):
    app = Erlen(
        "shop",
        root_path=str(tmp_path),
        static_folder="assets",
        static_url_path="/files",
        template_folder="pages",
        instance_path=str(tmp_path / "private"),
    )
    for name, text in {"assets/a.txt": "asset", "pages/p.html": "page", "private/x": "x"}.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    assert app.test_client().get("/files/a.txt").data == b"asset"
    assert app.jinja_env.get_template("p.html").render() == "page"
    with app.open_instance_resource("x", "r") as file:
        assert file.read() == "x"
    with app.open_resource("assets/a.txt") as file:
        assert file.read() == b"asset"
    with app.test_request_context():
        assert url_for("static", filename="a.txt") == "/files/a.txt"


def test_a_resource_is_opened_for_reading_alone(app):
    with pytest.raises(ValueError, match="opened for reading"):
        app.open_resource("x", "w")


def test_without_static_files(tmp_path):
    app = Erlen("shop", root_path=str(tmp_path), static_folder=None)
    assert (app.static_folder, app.static_url_path, app.has_static_folder) == (None, None, False)
    assert app.test_client().get("/static/a.txt").status_code == 404
    assert "static" not in app.view_functions


def test_how_long_clients_may_keep_static_files(app, tmp_path):
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "a.txt").write_text("a")
    client = app.test_client()
    assert client.get("/static/a.txt").headers["Cache-Control"] == "no-cache"
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    assert client.get("/static/a.txt").cache_control.max_age == 3600


# -- the map -------------------------------------------------------------------------------


def test_the_map_is_printed(app):
    app = Erlen("printed", static_folder=None)
    app.add_url_rule("/", "index", lambda: "")
    app.add_url_rule("/user/<name>", "user", lambda name: "", methods=["POST"])
    text = repr(app.url_map)
    assert text.startswith("Map([<Rule '/' (")
    assert text.endswith(") -> user>])")
    assert "<Rule '/user/<name>' (" in text
    methods = text[text.index("(", 4) + 1 : text.index(")")]
    assert set(methods.split(", ")) == {"GET", "HEAD", "OPTIONS"}


# -- app.run -------------------------------------------------------------------------------


@pytest.fixture
def served(monkeypatch):
    """What ``app.run`` gives to the server."""
    calls = []
    monkeypatch.setattr(
        development, "run_simple", lambda *args, **kwargs: calls.append((args, kwargs))
    )
    monkeypatch.delenv("FLASK_RUN_FROM_CLI", raising=False)
    monkeypatch.setenv("FLASK_SKIP_DOTENV", "1")
    return calls


@pytest.mark.parametrize(
    ("server_name", "arguments", "host", "port"),
    [
        (None, {}, "127.0.0.1", 5000),
        (None, {"host": "0.0.0.0", "port": 8000}, "0.0.0.0", 8000),
        (None, {"port": "81"}, "127.0.0.1", 81),
        (None, {"port": 0}, "127.0.0.1", 0),
        ("example.org:8080", {}, "example.org", 8080),
        ("example.org", {}, "example.org", 5000),
        ("example.org:8080", {"host": "h", "port": 1}, "h", 1),
    ],
)
def test_where_run_listens(app, served, server_name, arguments, host, port):
    app.config["SERVER_NAME"] = server_name
    app.run(**arguments)
    [(args, _)] = served
    assert args == (host, port, app)


@pytest.mark.parametrize("debug", [True, False])
def test_debug_mode_of_run(app, served, debug):
    app.run(debug=debug)
    assert app.debug is debug
    [(_, options)] = served
    assert (options["use_reloader"], options["use_debugger"]) == (debug, debug)
    assert options["threaded"] is True


def test_options_of_run_reach_the_server(app, served):
    app.run(debug=True, use_reloader=False, threaded=False, ssl_context="adhoc")
    [(_, options)] = served
    assert (options["use_reloader"], options["use_debugger"]) == (False, True)
    assert (options["threaded"], options["ssl_context"]) == (False, "adhoc")


def test_run_reads_env_files(app, served, tmp_path, monkeypatch):
    pytest.importorskip("dotenv")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLASK_SKIP_DOTENV", "")
    monkeypatch.setenv("FLASK_DEBUG", "")
    monkeypatch.delenv("FLASK_DEBUG")
    (tmp_path / ".flaskenv").write_text("FLASK_DEBUG=1\n")
    app.run(load_dotenv=False)
    assert app.debug is False
    app.run()
    assert app.debug is True
    del os.environ["FLASK_DEBUG"]


def test_run_does_nothing_under_the_command(app, served, monkeypatch):
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "true")
    app.run()
    assert served == []


# -- requests never meet -------------------------------------------------------------------


def test_tasks_never_see_each_other(app):
    wrong = []

    @app.route("/<int:n>")
    async def view(n):
        g.n = n
        session["n"] = n
        for _ in range(5):
            await asyncio.sleep(0)
            if (g.n, request.view_args["n"], session["n"]) != (n, n, n):
                wrong.append(n)
        return str(n)

    async def main():
        clients = [app.async_test_client() for _ in range(20)]
        answers = [client.get(f"/{n}") for n, client in enumerate(clients)]
        return [answer.text for answer in await asyncio.gather(*answers)]

    assert asyncio.run(main()) == [str(n) for n in range(20)]
    assert wrong == []


def test_greenlets_never_see_each_other(app):
    greenlet = pytest.importorskip("greenlet").greenlet
    got = []

    @app.route("/<int:n>")
    def view(n):
        g.n = n
        main.switch()
        return f"{g.n} {request.view_args['n']} {current_app.name}"

    def work(n):
        got.append(app.test_client(interface="wsgi").get(f"/{n}").text)

    main = greenlet.getcurrent()
    workers = [greenlet(work) for _ in range(5)]
    for n, worker in enumerate(workers):
        worker.switch(n)
    for worker in reversed(workers):
        worker.switch()
    assert got == [f"{n} {n} shop" for n in (4, 3, 2, 1, 0)]


def test_two_applications_in_one_process(app):
    other = Erlen("other")
    for each in (app, other):
        each.add_url_rule("/", "index", lambda: current_app.name)

    @app.route("/both")
    def both():
        return f"{current_app.name} {other.test_client().get('/').text} {current_app.name}"

    assert app.test_client().get("/both").text == "shop other shop"
