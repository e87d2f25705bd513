"""Cases 63 and 64: what caches are told of pages that depend on the session."""

from __future__ import annotations

import pytest

from erlen import (
    Blueprint,
    Erlen,
    Response,
    abort,
    flash,
    get_flashed_messages,
    redirect,
    render_template_string,
    session,
    stream_with_context,
)
from erlen.sessions.server_side import ServerSideSessionInterface
from erlen.sessions.stores import MemoryStore, SQLiteStore


def case(name, *values):
    return pytest.param(*values, id=f"case-{name}")


each_way = pytest.mark.parametrize("app", ["cookie", "memory", "sqlite"], indirect=True)


@pytest.fixture
def app(request, tmp_path):
    """An application with one of the ways to keep sessions."""
    app = Erlen("sessions")
    app.secret_key = "key"
    store = None
    if request.param == "memory":
        app.session_interface = ServerSideSessionInterface(MemoryStore())
    elif request.param == "sqlite":
        store = SQLiteStore(str(tmp_path / "sessions.db"))
        app.session_interface = ServerSideSessionInterface(store)

    @app.route("/set")
    def set_it():
        session.update(request.args)
        return ""

    @app.route("/permanent")
    def permanent():
        session.permanent = True
        return ""

    app.add_url_rule("/plain", "plain", lambda: "plain")
    yield app
    if store is not None:
        store.close()


def vary(response):
    return [part.strip().lower() for part in ",".join(response.headers.getlist("Vary")).split(",")]


READS = {
    "get": lambda: str(session.get("a")),
    "get-missing": lambda: str(session.get("missing")),
    "item": lambda: session["a"],
    "in": lambda: str("a" in session),
    "not-in": lambda: str("missing" not in session),
    "len": lambda: str(len(session)),
    "bool": lambda: str(bool(session)),
    "iteration": lambda: ",".join(session),
    "keys": lambda: ",".join(session.keys()),
    "values": lambda: str(len(session.values())),
    "items": lambda: str(len(session.items())),
    "equality": lambda: str(session == {}),
    "repr": lambda: repr(session) and "",
    "dict": lambda: dict(session),
    "union": lambda: str(session | {}),
    "permanent": lambda: str(session.permanent),
    "new": lambda: str(session.new),
    "copy": lambda: str(session.copy()),
    "reversed": lambda: ",".join(reversed(session)),
    "write": lambda: session.update(b="2") or "",
    "pop": lambda: session.pop("a", ""),
    "setdefault": lambda: session.setdefault("b", "2"),
    "clear": lambda: session.clear() or "",
    "flash": lambda: flash("x") or "",
    "flashes": lambda: str(get_flashed_messages()),
    "template": lambda: render_template_string("{{ session.a }}"),
    "template-in": lambda: render_template_string("{% if 'a' in session %}yes{% endif %}"),
    "template-flashes": lambda: render_template_string("{{ get_flashed_messages() }}"),
    "redirect": lambda: redirect("/" if session.get("a") else "/login"),
    "not-found": lambda: abort(404) if "a" in session else "",
    "error": lambda: 1 / (len(session) - len(session)),
    "response": lambda: Response(str(len(session))),
    "own-vary": lambda: Response(session.get("a", ""), headers={"Vary": "Accept"}),
    "not-modified": lambda: Response(session.get("a", ""), 304),
}


@each_way
@pytest.mark.parametrize("read", [case(f"63-{name}", read) for name, read in READS.items()])
def test_every_use_of_the_session_is_told_to_caches(app, read):
    app.add_url_rule("/read", "read", read)
    client = app.test_client()
    # With and without a session, and once more.
    assert "cookie" in vary(client.get("/read"))
    client.get("/set?a=1")
    for _ in range(2):
        response = client.get("/read")
        assert vary(response).count("cookie") == 1
    assert "cookie" in vary(client.head("/read"))


@each_way
@pytest.mark.parametrize("read", [case(f"63-async-{name}", READS[name]) for name in ("in", "len")])
def test_in_an_async_view_too(app, read):
    async def view():
        return read()

    app.add_url_rule("/read", "read", view)
    assert "cookie" in vary(app.test_client().get("/read"))


@each_way
@pytest.mark.parametrize("use", ["in", "len"])
@pytest.mark.parametrize(
    "hook",
    [
        case("63-before-request", "before_request"),
        case("63-after-request", "after_request"),
        case("63-error-handler", "errorhandler"),
        case("63-context-processor", "context_processor"),
        case("63-blueprint", "blueprint"),
    ],
)
def test_wherever_it_is_used(app, hook, use):
    def look(*args):
        READS[use]()
        return args[0] if args else None

    paths = ["/plain", "/missing", "/static/missing"]
    if hook == "errorhandler":
        app.register_error_handler(404, lambda error: (READS[use](), 404))
        paths = ["/missing"]
    elif hook == "context_processor":
        app.context_processor(lambda: {"x": READS[use]()})
        app.add_url_rule("/page", "page", lambda: render_template_string("{{ x }}"))
        paths = ["/page"]
    elif hook == "blueprint":
        blueprint = Blueprint("b", __name__)
        blueprint.before_app_request(look)
        app.register_blueprint(blueprint)
    else:
        getattr(app, hook)(look)
    for path in paths:
        assert "cookie" in vary(app.test_client().get(path))


@each_way
@pytest.mark.parametrize("refreshes", [case("63-refresh", True), case("63-no-refresh", False)])
def test_a_cookie_that_is_sent_again_is_told_to_caches(app, refreshes):
    app.config["SESSION_REFRESH_EACH_REQUEST"] = refreshes
    app.add_url_rule("/touch", "touch", lambda: str("a" in session))
    client = app.test_client()
    client.get("/permanent")
    for path in ("/plain", "/touch", "/missing"):
        response = client.get(path)
        assert ("Set-Cookie" not in response.headers) or "cookie" in vary(response)
    response = client.get("/touch")
    assert ("Set-Cookie" in response.headers) is refreshes
    assert "cookie" in vary(response)


@each_way
@pytest.mark.parametrize("path", [case("63-untouched", "/plain"), case("63-missing", "/missing")])
def test_a_page_without_the_session_is_the_same_for_all(app, path):
    client = app.test_client()
    client.get("/set?a=1")
    response = client.get(path)
    assert "cookie" not in vary(response)
    assert "Set-Cookie" not in response.headers


@each_way
@pytest.mark.parametrize("read", [case("63-streamed", "in")])
def test_a_session_that_a_stream_reads_was_opened_before(app, read):
    @app.route("/stream")
    def stream():
        present = "a" in session
        return Response(stream_with_context(str(x) for x in (present, len(session))))

    response = app.test_client().get("/stream")
    assert "cookie" in vary(response)
    assert response.text == "False0"


@each_way
@pytest.mark.parametrize("use", ["in", "write"])
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        case("64-star", "*", ["*"]),
        case("64-padded", " * ", ["*"]),
        case("64-tabs", "\t*\t", ["*"]),
        case("64-among-others", "Accept, *", ["accept", "*"]),
        case("64-before-others", "*,Accept", ["*", "accept"]),
        case("64-padded-names", " Accept ,  Origin ", ["accept", "origin", "cookie"]),
        case("64-cookie-already", "cookie", ["cookie"]),
        case("64-cookie-padded", "Accept , COOKIE ", ["accept", "cookie"]),
        case("64-empty", "", ["cookie"]),
        case("64-commas", ", ,", ["cookie"]),
        case("64-name-in-a-name", "X-Cookie", ["x-cookie", "cookie"]),
    ],
)
def test_what_the_application_says_is_kept(app, given, kept, use):
    @app.route("/page")
    def page():
        READS[use]()
        return Response("", headers={"Vary": given})

    parts = [part for part in vary(app.test_client().get("/page")) if part]
    # "*" says it all, with the cookie or without.
    assert [part for part in parts if part != "cookie" or part in kept] == kept
    assert "*" in parts or "cookie" in parts


@each_way
@pytest.mark.parametrize("lines", [case("64-two-lines", ["Accept", "*"])])
def test_several_lines_are_kept(app, lines):
    @app.route("/page")
    def page():
        response = Response(str(len(session)))
        for line in lines:
            response.headers.add("Vary", line)
        return response

    parts = vary(app.test_client().get("/page"))
    assert {"accept", "*"} <= set(parts)
