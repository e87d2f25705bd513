"""What belongs to one client never reaches another: every request carries a token, and every answer
is searched for those of others."""

from __future__ import annotations

import io
import re
import sys
import threading
import time

import pytest

from erlen import (
    Erlen,
    Response,
    abort,
    after_this_request,
    copy_current_request_context,
    flash,
    g,
    get_flashed_messages,
    has_app_context,
    has_request_context,
    jsonify,
    make_response,
    redirect,
    render_template_string,
    request,
    send_file,
    session,
    stream_with_context,
    url_for,
)
from erlen.sessions.server_side import ServerSideSessionInterface
from erlen.sessions.stores import MemoryStore, SQLiteStore

THREADS = 12
ROUNDS = 8
TOKEN = re.compile(r"canary\d+x\d+y")


def case(name, *values):
    return pytest.param(*values, id=f"case-canary-{name}")


def pause():
    """Let another thread go on, in the middle of a request."""
    time.sleep(0)


@pytest.fixture(autouse=True)
def _switch_often():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def make_app():
    app = Erlen("canary")
    app.secret_key = "key"

    @app.before_request
    def remember():
        g.token = request.args.get("t")

    @app.after_request
    def sign(response):
        pause()
        if g.token:
            response.headers["X-Token"] = g.token
        return response

    @app.route("/echo/<token>", methods=["GET", "POST"])
    def echo(token):
        before = [request.path, request.full_path, request.url, g.token]
        pause()
        return jsonify(
            before=before,
            view=token,
            args=request.args,
            form=request.form,
            cookies=request.cookies.get("token"),
            header=request.headers.get("X-Mine"),
            g=g.token,
            endpoint=request.endpoint,
        )

    @app.route("/text/<token>")
    def text(token):
        pause()
        return token

    @app.route("/static-text")
    def static_text():
        return "the same for all"

    @app.route("/json", methods=["POST"])
    def json():
        data = request.get_json()
        pause()
        return {"got": data, "again": request.get_json(), "g": g.token}

    @app.route("/upload", methods=["POST"])
    def upload():
        pause()
        file = request.files["f"]
        return f"{file.filename} {file.read().decode()} {request.form['t']}"

    @app.route("/session/<token>")
    def write_session(token):
        session["token"] = token
        pause()
        return session["token"]

    @app.route("/session")
    def read_session():
        pause()
        return session.get("token", "none")

    @app.route("/flash/<token>")
    def leave_message(token):
        flash(token)
        pause()
        return ""

    @app.route("/flashes")
    def messages():
        pause()
        return " ".join(get_flashed_messages())

    @app.route("/cookie/<token>")
    def cookie(token):
        response = make_response("")
        pause()
        response.set_cookie("token", token)
        return response

    @app.route("/template/<token>")
    def template(token):
        return render_template_string(
            "{{ pause() or request.path }} {{ g.token }} {{ session.get('token') }} {{ t }}",
            t=token,
            pause=pause,
        )

    @app.route("/stream/<token>")
    def stream(token):
        def pieces():
            for _ in range(3):
                pause()
                yield f"{token} {request.args['t']} {g.token} {session.get('token', '')} "

        session.get("token")
        return Response(stream_with_context(pieces()))

    @app.route("/file/<token>")
    def file(token):
        pause()
        return send_file(
            io.BytesIO(token.encode()), download_name=f"{token}.txt", as_attachment=True
        )

    @app.route("/after/<token>")
    def after(token):
        @after_this_request
        def add(response):
            response.headers["X-After"] = token
            return response

        pause()
        return "plain"

    @app.route("/go/<token>")
    def go(token):
        pause()
        return redirect(url_for("text", token=token, _external=True))

    @app.route("/slash/<token>/")
    def slash(token):
        return token

    @app.route("/abort/<token>")
    def stop(token):
        pause()
        abort(418, token)

    @app.route("/raise/<token>")
    def fail(token):
        pause()
        raise LookupError(token)

    @app.errorhandler(LookupError)
    def failed(error):
        pause()
        return f"{error.args[0]} {request.path} {g.token}", 500

    @app.route("/async/<token>")
    async def later(token):
        import asyncio

        await asyncio.sleep(0)
        return f"{token} {request.args['t']} {g.token} {session.get('token', '')}"

    @app.route("/thread/<token>")
    def thread(token):
        found = []

        @copy_current_request_context
        def work():
            found.append(request.path)

        worker = threading.Thread(target=work)
        worker.start()
        worker.join()
        return found[0]

    @app.route("/inner/<token>")
    def inner(token):
        # Another request, inside of this one, with a token of its own.
        other = app.test_client().get("/text/inner?t=inner").text
        return f"{other} {request.path} {g.token}"

    @app.errorhandler(404)
    def missing(error):
        pause()
        return f"{request.path} {g.token}", 404

    return app


def text_of(response):
    lines = [f"{key}: {value}" for key, value in response.headers]
    try:
        return "\n".join([response.status, *lines, response.text])
    finally:
        response.close()


REQUESTS = [
    ("GET", "/echo/{t}?t={t}", {"headers": {"X-Mine": "{t}"}}),
    ("POST", "/echo/{t}?t={t}", {"data": {"field": "{t}"}}),
    ("GET", "/text/{t}?t={t}", {}),
    ("POST", "/json?t={t}", {"json": {"value": "{t}"}}),
    ("POST", "/upload?t={t}", {"data": {"t": "{t}", "f": "{file}"}}),
    ("GET", "/session/{t}?t={t}", {}),
    ("GET", "/session?t={t}", {}),
    ("GET", "/flash/{t}?t={t}", {}),
    ("GET", "/flashes?t={t}", {}),
    ("GET", "/cookie/{t}?t={t}", {}),
    ("GET", "/template/{t}?t={t}", {}),
    ("GET", "/stream/{t}?t={t}", {}),
    ("GET", "/file/{t}?t={t}", {}),
    ("GET", "/after/{t}?t={t}", {}),
    ("GET", "/go/{t}?t={t}", {"base_url": "http://{t}.example"}),
    ("GET", "/slash/{t}?t={t}", {}),
    ("GET", "/abort/{t}?t={t}", {}),
    ("GET", "/raise/{t}?t={t}", {}),
    ("GET", "/async/{t}?t={t}", {}),
    ("GET", "/thread/{t}?t={t}", {}),
    ("GET", "/inner/{t}?t={t}", {}),
    ("GET", "/missing/{t}?t={t}", {}),
    ("PUT", "/text/{t}?t={t}", {}),
]


def fill(value, token):
    if isinstance(value, dict):
        return {key: fill(item, token) for key, item in value.items()}
    if value == "{file}":
        return io.BytesIO(token.encode()), f"{token}.txt"
    return value.replace("{t}", token)


def run_threads(work):
    """Run ``work(number)`` in many threads at once.

    :raises Exception: the first that one of them raised
    """
    failed = []
    start = threading.Barrier(THREADS)

    def run(number):
        try:
            start.wait(30)
            work(number)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()
    if failed:
        raise failed[0]


@pytest.fixture
def app(request, tmp_path):
    app = make_app()
    store = None
    if request.param == "memory":
        app.session_interface = ServerSideSessionInterface(MemoryStore())
    elif request.param == "sqlite":
        store = SQLiteStore(str(tmp_path / "sessions.db"))
        app.session_interface = ServerSideSessionInterface(store)
    yield app
    if store is not None:
        store.close()


each_way = pytest.mark.parametrize(
    "app",
    [case("cookie", "cookie"), case("memory", "memory"), case("sqlite", "sqlite")],
    indirect=True,
)


@each_way
def test_an_answer_never_reaches_another_client(app):
    def work(number):
        client = app.test_client()
        for turn in range(ROUNDS):
            token = f"canary{number}x{turn}y"
            # The session and the cookie still hold the token of the last turn.
            mine = {token, f"canary{number}x{turn - 1}y"}
            for method, path, options in REQUESTS:
                answer = text_of(
                    client.open(fill(path, token), method=method, **fill(options, token))
                )
                found = set(TOKEN.findall(answer))
                assert token in found, answer
                assert found <= mine, answer
            assert client.get("/session").text == token

    run_threads(work)
    assert not has_app_context()


@each_way
def test_what_is_the_same_for_all_keeps_nothing_of_anybody(app):
    def work(number):
        client, nobody = app.test_client(), app.test_client()
        for turn in range(ROUNDS):
            token = f"canary{number}x{turn}y"
            client.get(f"/session/{token}?t={token}")
            client.get(f"/cookie/{token}?t={token}")
            for path in ("/static-text", "/text/plain", "/session", "/missing", "/flashes"):
                client.get(f"{path}?t={token}")
                answer = text_of(nobody.get(path))
                assert not TOKEN.search(answer)
                assert "Set-Cookie" not in answer

    run_threads(work)


@each_way
def test_an_answer_keeps_the_cookies_that_it_was_given(app):
    """Errors and redirects that are made ahead of time do not carry one client's cookie to the
    next."""

    @app.after_request
    def log_in(response):
        if "in" in request.args:
            response.set_cookie("token", request.args["in"])
            session["token"] = request.args["in"]
        return response

    paths = ("/static-text", "/missing", "/slash/x", "/abort/x", "/raise/x", "/go/x")
    for path in paths:
        for method in ("GET", "HEAD", "PUT", "OPTIONS"):
            first = app.test_client().open(f"{path}?in=canary1x1y", method=method)
            assert "canary1x1y" in first.headers["Set-Cookie"]
            second = text_of(app.test_client().open(path, method=method))
            assert not TOKEN.search(second)
            assert "Set-Cookie" not in second


@pytest.mark.parametrize(
    "leave",
    [
        case("stream-closed-early", "close"),
        case("stream-dropped", "drop"),
        case("stream-never-read", "never"),
    ],
)
def test_an_answer_that_is_left_early_leaves_nothing_behind(leave):
    app = make_app()

    def work(number):
        for turn in range(ROUNDS):
            token = f"canary{number}x{turn}y"
            response = app.test_client().get(f"/stream/{token}?t={token}")
            if leave != "never":
                assert token.encode() in next(response.iter_encoded())
            if leave != "drop":
                response.close()
            del response
            assert not has_request_context()
            other = f"canary{number}x{turn}000y"
            for path in (f"/text/{other}", f"/template/{other}", f"/stream/{other}"):
                answer = text_of(app.test_client().get(f"{path}?t={other}"))
                assert set(TOKEN.findall(answer)) == {other}
            assert not has_request_context()

    run_threads(work)


@pytest.mark.parametrize(
    "where",
    [
        case("error-before", "before_request"),
        case("error-after", "after_request"),
        case("error-teardown", "teardown_request"),
        case("error-app-teardown", "teardown_appcontext"),
        case("error-view", "view"),
        case("error-handler", "handler"),
    ],
)
def test_an_error_leaves_nothing_behind(where):
    app = make_app()

    def fail(*args):
        if "fail" in request.args if has_request_context() else failing.is_set():
            raise RuntimeError("no")
        return args[0] if args and isinstance(args[0], Response) else None

    failing = threading.Event()
    if where == "view":
        app.add_url_rule("/fail", "failing", lambda: 1 / 0)
    elif where == "handler":
        app.register_error_handler(418, lambda error: 1 / 0)
    else:
        getattr(app, where)(fail)
    for turn in range(20):
        token = f"canary1x{turn}y"
        path = {"view": "/fail", "handler": f"/abort/{token}"}.get(where, f"/text/{token}")
        failing.set()
        try:
            app.test_client().get(f"{path}?t={token}&fail=1")
        except RuntimeError:
            assert where.startswith("teardown")
        failing.clear()
        assert not has_app_context()
        other = f"canary2x{turn}y"
        answer = text_of(app.test_client().get(f"/text/{other}?t={other}"))
        assert set(TOKEN.findall(answer)) == {other}


@pytest.mark.parametrize("count", [case("two-applications", 2)])
def test_applications_in_one_process_are_kept_apart(count):
    apps = [make_app() for _ in range(count)]
    for number, app in enumerate(apps):
        app.secret_key = f"key {number}"
        app.config["WHO"] = f"canary{number}x0y"
        app.add_url_rule(
            "/who",
            "who",
            lambda: render_template_string("{{ pause() or config.WHO }}", pause=pause),
        )

    def work(number):
        app = apps[number % count]
        clients = [one.test_client() for one in apps]
        mine = clients[number % count]
        for turn in range(ROUNDS):
            assert mine.get("/who").text == app.config["WHO"]
            token = f"canary{number}x{turn}y"
            mine.get(f"/session/{token}?t={token}")
            # The other application cannot read the cookie.
            other = clients[(number + 1) % count]
            other.set_cookie("session", mine.get_cookie("session").value)
            assert other.get("/session").text == "none"

    run_threads(work)
