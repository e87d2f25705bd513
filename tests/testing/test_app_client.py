from __future__ import annotations

import click
import pytest

from erlen import (
    Erlen,
    Response,
    g,
    has_request_context,
    jsonify,
    redirect,
    request,
    session,
    stream_with_context,
)
from erlen.testing import EnvironBuilder, ErlenClient, ErlenCliRunner


@pytest.fixture
def app():
    app = Erlen("client_room")
    app.testing = True
    app.secret_key = "test"

    @app.route("/<path:path>", methods=["GET", "POST"])
    def echo(path):
        return jsonify(url=request.url, method=request.method, body=request.get_data(as_text=True))

    @app.route("/visit")
    def visit():
        session["visits"] = session.get("visits", 0) + 1
        g.seen = "visit"
        return str(session["visits"])

    return app


@pytest.fixture
def client(app):
    return app.test_client()


# -- what a request begins with ----------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "arguments", "url"),
    [
        ({}, {}, "http://localhost/a"),
        ({"SERVER_NAME": "example.org:81"}, {}, "http://example.org:81/a"),
        ({"PREFERRED_URL_SCHEME": "https"}, {}, "https://localhost/a"),
        ({"APPLICATION_ROOT": "/root"}, {}, "http://localhost/root/a"),
        ({}, {"base_url": "https://h:5/r"}, "https://h:5/r/a"),
        ({}, {"url_scheme": "https"}, "https://localhost/a"),
        ({"SERVER_NAME": "example.org"}, {"subdomain": "www"}, "http://www.example.org/a"),
    ],
)
def test_the_configuration_tells_where_it_goes(app, config, arguments, url):
    app.config.update(config)
    assert app.test_client().get("/a", **arguments).json["url"] == url
    with app.test_request_context("/a", **arguments):
        assert request.url == url


@pytest.mark.parametrize("extra", [{"subdomain": "www"}, {"url_scheme": "https"}])
def test_a_base_url_says_it_all(app, extra):
    with pytest.raises(AssertionError, match="'base_url' is given"):
        EnvironBuilder(app, "/", base_url="http://h/", **extra)


def test_a_whole_url(client):
    assert client.get("https://other.example:8443/a?b=1").json["url"] == (
        "https://other.example:8443/a?b=1"
    )
    assert client.get("//other.example/a").json["url"] == "http://other.example/a"


def test_json_is_written_by_the_application(app):
    class Upper(type(app.json)):
        def dumps(self, obj, **kwargs):
            return super().dumps(obj, **kwargs).upper()

    app.json = Upper(app)
    app.add_url_rule("/raw", "raw", lambda: request.get_data(), methods=["POST"])
    assert app.test_client().post("/raw", json={"a": "b"}).data == b'{"A": "B"}'


def test_the_environment_that_every_request_begins_with(app, client):
    app.add_url_rule("/who", "who", lambda: f"{request.remote_addr} {request.environ.get('own')}")
    assert client.get("/who").text == "127.0.0.1 None"
    client.environ_base["REMOTE_ADDR"] = "192.0.2.1"
    client.environ_base["own"] = "1"
    assert client.get("/who").text == "192.0.2.1 1"
    assert client.get("/who", environ_base={"own": "2"}).text == "192.0.2.1 2"
    assert client.get("/who", environ_overrides={"REMOTE_ADDR": "192.0.2.9"}).text == "192.0.2.9 1"


def test_the_client_tells_its_name(app, client):
    app.add_url_rule("/agent", "agent", lambda: request.user_agent.string)
    assert "/" in client.get("/agent").text
    assert client.get("/agent", headers={"User-Agent": "Own"}).text == "Own"


def test_what_open_takes(app, client):
    builder = EnvironBuilder(app, "/a?b=1", method="POST", data={"x": "y"})
    got = client.open(builder).json
    assert got == {"url": "http://localhost/a?b=1", "method": "POST", "body": "x=y"}
    assert client.open(builder.get_environ()).json == got
    assert client.open(builder.get_request()).json == got
    builder.close()


def test_an_environment_is_made_without_a_request(client):
    # Flask-SocketIO opens its connections so.
    client.get("/visit")
    made = client._request_from_builder_args((), {"path": "/a?x=1", "headers": {"X-A": "b"}})
    assert (made.url, made.headers["X-A"]) == ("http://localhost/a?x=1", "b")
    assert made.remote_addr == "127.0.0.1"
    assert not made.cookies
    client._add_cookies_to_wsgi(made.environ)
    assert made.environ["HTTP_COOKIE"].startswith("session=")


def test_the_response_reads_json_by_the_application(app, client):
    app.json.loads = lambda text, **kwargs: "read by the application"
    assert client.get("/a").json == "read by the application"


# -- contexts ----------------------------------------------------------------------------


def test_in_a_block_the_last_context_stays(client):
    with client:
        client.get("/visit")
        assert request.path == "/visit"
        assert session["visits"] == 1
        assert g.seen == "visit"
        client.get("/other?q=1")
        assert request.args["q"] == "1"
    assert not has_request_context()


def test_teardown_functions_run_at_the_end_of_each_request(app, client):
    torn = []
    app.teardown_request(lambda error: torn.append(request.path))
    client.get("/visit")
    assert torn == ["/visit"]
    client.get("/other")
    assert torn == ["/visit", "/other"]
    assert not has_request_context()


def test_without_a_block_it_does_not_stay(client):
    client.get("/visit")
    assert not has_request_context()


def test_blocks_do_not_nest(client):
    with client, pytest.raises(RuntimeError, match="nest"), client:
        pass


def test_behind_redirects_the_last_context_stays(app, client):
    app.add_url_rule("/from", "from", lambda: redirect("/visit"))
    with client:
        response = client.get("/from", follow_redirects=True)
        assert response.text == "1"
        assert request.path == "/visit"
        assert session["visits"] == 1


def test_a_context_stays_after_an_error(app, client):
    app.add_url_rule("/fail", "fail", lambda: 1 / 0)
    with client:
        with pytest.raises(ZeroDivisionError):
            client.get("/fail")
        assert client.get("/visit").text == "1"
        assert request.path == "/visit"
    assert not has_request_context()


def test_a_streamed_answer_in_a_block(app, client):
    @app.route("/stream")
    def stream():
        return Response(stream_with_context(iter(["a", request.path])))

    with client:
        response = client.get("/stream")
        assert response.data == b"a/stream"
        assert request.path == "/stream"
    assert not has_request_context()


# -- the session -------------------------------------------------------------------------


def test_a_session_is_prepared_and_looked_at(client):
    with client.session_transaction() as values:
        assert values == {}
        values["visits"] = 5
    assert client.get("/visit").text == "6"
    with client.session_transaction() as values:
        assert values["visits"] == 6
        values.clear()
    assert client.get("/visit").text == "1"


def test_a_session_for_a_host_and_path(app, client):
    app.config["SESSION_COOKIE_DOMAIN"] = "example.org"
    where = {"base_url": "http://example.org"}
    with client.session_transaction(**where) as values:
        values["visits"] = 1
    assert client.get("/visit", **where).text == "2"
    assert client.get("/visit").text == "1"


def test_an_exception_in_the_block_saves_nothing(client):
    with pytest.raises(KeyError), client.session_transaction() as values:
        values["visits"] = 5
        raise KeyError
    assert client.get("/visit").text == "1"


def test_a_session_needs_cookies(app):
    client = app.test_client(use_cookies=False)
    with pytest.raises(TypeError, match="use_cookies=True"), client.session_transaction():
        pass


def test_a_backend_that_opens_nothing(app, client):
    class Nothing(type(app.session_interface)):
        def open_session(self, app, request):
            return None

    app.session_interface = Nothing()
    with pytest.raises(RuntimeError, match="did not open a session"), client.session_transaction():
        pass


# -- other classes and interfaces --------------------------------------------------------


def test_an_own_client_class(app):
    class Own(ErlenClient):
        def __init__(self, *args, **kwargs):
            self.user = kwargs.pop("user", None)
            super().__init__(*args, **kwargs)

        def open(self, *args, **kwargs):
            kwargs.setdefault("headers", {"X-User": self.user or "-"})
            return super().open(*args, **kwargs)

    app.test_client_class = Own
    app.add_url_rule("/user", "user", lambda: request.headers["X-User"])
    client = app.test_client(user="ada")
    assert type(client) is Own
    assert client.get("/user").text == "ada"


def test_an_own_response_class(app):
    class Own(Response):
        def shout(self):
            return self.get_data(as_text=True).upper()

    app.response_class = Own
    app.add_url_rule("/text", "text", lambda: "text")
    assert app.test_client().get("/text").shout() == "TEXT"


def test_errors_come_through_in_tests_alone(app, client):
    app.add_url_rule("/fail", "fail", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        client.get("/fail")
    app.testing = False
    assert client.get("/fail").status_code == 500


# -- commands ----------------------------------------------------------------------------


def test_commands_run_with_the_application(app):
    @app.cli.command("hello")
    @click.option("--name", default="World")
    def hello(name):
        click.echo(f"Hello {name} from {app.name}")

    runner = app.test_cli_runner()
    assert type(runner) is ErlenCliRunner
    assert runner.app is app
    assert runner.invoke(args=["hello"]).output == "Hello World from client_room\n"
    assert runner.invoke(hello, ["--name", "Ada"]).output == "Hello Ada from client_room\n"
    unknown = runner.invoke(args=["none"])
    assert unknown.exit_code == 2
    assert "No such command" in unknown.output


def test_a_command_sees_its_own_application_info(app):
    from erlen.cli import ScriptInfo, pass_script_info

    @click.command()
    @pass_script_info
    def show(info):
        click.echo(f"{info.data} {info.load_app().name}")

    runner = app.test_cli_runner()
    assert runner.invoke(show).output == "{} client_room\n"
    info = ScriptInfo(create_app=lambda: Erlen("given"))
    info.data["a"] = 1
    assert runner.invoke(show, obj=info).output == "{'a': 1} given\n"


def test_an_own_runner_class(app):
    class Own(ErlenCliRunner):
        pass

    app.test_cli_runner_class = Own
    assert type(app.test_cli_runner(env={"A": "1"})) is Own
