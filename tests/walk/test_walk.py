"""The walk, its twin, and the application's methods: the same requests give the same answers."""

from __future__ import annotations

import gc

import pytest

from erlen import (
    Blueprint,
    Erlen,
    Request,
    Response,
    abort,
    after_this_request,
    g,
    redirect,
    request,
    request_finished,
    session,
    stream_request_body,
)
from erlen.context.proxies import request_ctx
from erlen.http.exceptions import Conflict
from erlen.json.provider import DefaultJSONProvider
from erlen.walk import places
from erlen.workers.colours import is_coroutine_function


class ByMethods(Erlen):
    """Takes the way of the named methods, as an application with an override does."""

    def dispatch_request(self):
        return super().dispatch_request()


class OnLoop(Erlen):
    """Walks on the loop of the server, where that is ASGI, although nothing is asynchronous."""


@pytest.fixture(autouse=True)
def walks_on_loop(monkeypatch):
    original = places.ThreadPlan.__init__

    def init(self, desk, app, *arguments):
        original(self, desk, app, *arguments)
        self.is_async |= isinstance(app, OnLoop)

    monkeypatch.setattr(places.ThreadPlan, "__init__", init)


def make(cls, hooks=True):
    app = cls("walks")
    app.secret_key = "test"
    app.extensions["calls"] = []
    part = Blueprint("part", __name__, url_prefix="/part")
    add_views(app, part)
    if hooks:
        add_hooks(app, part, app.extensions["calls"])
    app.register_blueprint(part)
    return app


def add_hooks(app, part, calls):
    @app.before_request
    def before():
        calls.append("before")
        g.x = 1

    @app.after_request
    def after(response):
        calls.append("after")
        response.headers["X-After"] = "yes"
        return response

    @app.teardown_request
    def teardown(error):
        calls.append(f"teardown {type(error).__name__}")

    @app.url_value_preprocessor
    def values(endpoint, values):
        calls.append(f"values {endpoint} {values}")

    @part.before_request
    def part_before():
        calls.append("part before")


def add_views(app, part):
    @app.route("/")
    def index():
        return f"hello {g.get('x')}"

    @app.route("/defaults", defaults={"page": 1})
    @app.route("/défaut/<page>")
    def defaults(page):
        return [page]

    @app.route("/user/<int:id>")
    def user(id):
        return {"id": id}

    @app.route("/folder/")
    def folder():
        return "folder"

    @app.route("/created")
    def created():
        return {"id": 1}, 201

    @app.route("/refused")
    def refused():
        return "no", 418

    @app.route("/empty")
    def empty():
        return "left out", 204

    @app.route("/odd")
    def odd():
        return ["odd"], 299

    @app.route("/abort")
    def aborts():
        abort(403, "not you")

    @app.route("/fail")
    def fails():
        raise ZeroDivisionError

    @app.route("/none")
    def none():
        return None

    @app.route("/session")
    def writes():
        session["a"] = 1
        return "written", 201, {"X-Own": "1"}

    @app.route("/once")
    def once():
        @after_this_request
        def mark(response):
            response.headers["X-Once"] = "1"
            return response

        return Response("once", 202)

    @app.route("/redirect")
    def redirects():
        return redirect("/")

    @app.errorhandler(404)
    def missing(error):
        return f"nothing here: {error.code}", 404

    @part.route("/handled")
    def handled():
        raise KeyError("part")

    @part.errorhandler(KeyError)
    def key_error(error):
        return f"handled {error}", 409


REQUESTS = [
    ("GET", "/"),
    ("HEAD", "/"),
    ("POST", "/"),
    ("OPTIONS", "/"),
    ("GET", "/user/7"),
    ("GET", "/defaults"),
    ("GET", "/défaut/ß"),
    ("GET", "/user/x"),
    ("GET", "/folder"),
    ("GET", "/folder/"),
    ("GET", "/created"),
    ("HEAD", "/created"),
    ("GET", "/refused"),
    ("GET", "/empty"),
    ("GET", "/odd"),
    ("GET", "/abort"),
    ("GET", "/fail"),
    ("GET", "/none"),
    ("GET", "/session"),
    ("GET", "/once"),
    ("GET", "/redirect"),
    ("GET", "/nowhere"),
    ("GET", "//double"),
    ("GET", "/part/handled"),
]


def record(app, method, path):
    app.extensions["calls"].clear()
    response = app.test_client().open(path, method=method)
    headers = sorted(
        (key, value) for key, value in response.headers if key not in ("Set-Cookie", "Allow")
    )
    return (
        response.status,
        headers,
        sorted(response.allow),
        "Set-Cookie" in response.headers,
        response.data,
        list(app.extensions["calls"]),
    )


@pytest.mark.parametrize("hooks", [True, False], ids=["hooks", "no hooks"])
@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_each_way_gives_the_same_answer(method, path, hooks):
    app = make(Erlen, hooks)
    first = record(app, method, path)
    # From the second request on, the rule is found without a request object.
    assert record(app, method, path) == first
    assert record(make(ByMethods, hooks), method, path) == first
    on_loop = make(OnLoop, hooks)
    for _ in range(2):
        assert record(on_loop, method, path) == first


@pytest.mark.parametrize(
    ("cls", "interface", "expected"),
    [(Erlen, "wsgi", "thread"), (Erlen, "asgi", "thread"), (OnLoop, "asgi", "loop")],
)
def test_which_way_is_taken(cls, interface, expected):
    app = cls("ways")

    @app.route("/")
    def index():
        return type(request_ctx.plan).__name__

    client = app.test_client(interface=interface)
    kinds = {"thread": "ThreadPlan", "loop": "LoopPlan"}
    assert [client.get("/").text for _ in range(2)] == [kinds[expected]] * 2


@pytest.mark.parametrize("name", ["dispatch_request", "make_response", "preprocess_request"])
def test_a_method_set_on_the_instance_is_called(name):
    app = make(Erlen)
    client = app.test_client()
    assert client.get("/").status_code == 200
    seen = []
    original = getattr(app, name)

    def replacement(*args):
        seen.append(name)
        return original(*args)

    setattr(app, name, replacement)
    assert client.get("/").text == "hello 1"
    assert seen == [name]
    delattr(app, name)
    client.get("/")
    assert seen == [name]


def test_coroutine_functions_are_known():
    from functools import partial
    from unittest.mock import AsyncMock, Mock

    async def async_function():
        pass

    class View:
        async def method(self):
            pass

        def __call__(self):
            pass

    assert is_coroutine_function(async_function)
    assert is_coroutine_function(partial(async_function))
    assert is_coroutine_function(View().method)
    assert is_coroutine_function(AsyncMock())
    assert not is_coroutine_function(View())
    assert not is_coroutine_function(Mock())
    assert not is_coroutine_function(len)


@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_a_request_leaves_no_garbage(method, path):
    from erlen.testing.builder import create_environ

    app = make(Erlen)
    app.logger.disabled = True

    def call():
        body = app(create_environ(path, method=method), lambda *args: None)
        if hasattr(body, "close"):
            body.close()

    # The first request makes what is kept.
    call()
    call()
    gc.collect()
    gc.disable()
    try:
        for _ in range(5):
            call()
        found = gc.collect()
    finally:
        gc.enable()
        app.logger.disabled = False
    assert found == 0


@pytest.fixture
def warm():
    """An application that has answered a request, so that its shortcuts are taken."""
    app = Erlen("warm")
    app.route("/", endpoint="index")(lambda: "text")
    app.route("/json", endpoint="json")(lambda: {"a": 1})
    app.route("/asks", endpoint="asks")(lambda: request.path)
    app.test_client().get("/")
    return app


def test_a_request_object_is_made_for_those_who_ask(warm):
    made = []
    hooks = warm.teardown_request_funcs[None]
    hooks.append(lambda error: made.append(request_ctx.made_request is not None))
    client = warm.test_client()
    client.get("/")
    assert client.get("/asks").text == "/asks"
    assert made == [False, True]


def test_a_request_object_is_made_for_a_class_that_closes_more(warm):
    closed = []

    class OwnRequest(Request):
        def close(self):
            super().close()
            closed.append(self.path)

    warm.request_class = OwnRequest
    warm.test_client().get("/")
    assert closed == ["/"]


def test_methods_are_taken_in_either_case(warm):
    from erlen.testing.builder import create_environ

    environ = create_environ("/asks")
    environ["REQUEST_METHOD"] = "get"
    assert b"".join(warm(environ, lambda *args: None)) == b"/asks"


def test_trusted_hosts_set_later_are_heeded(warm):
    client = warm.test_client()
    assert client.get("/", base_url="http://evil.test").status_code == 200
    warm.config["TRUSTED_HOSTS"] = ["good.test"]
    assert client.get("/", base_url="http://evil.test").status_code == 400
    assert client.get("/", base_url="http://good.test").status_code == 200
    warm.config.update(TRUSTED_HOSTS=None)
    assert client.get("/", base_url="http://evil.test").status_code == 200


def test_a_list_of_trusted_hosts_that_grows_is_heeded(warm):
    client = warm.test_client()
    warm.config["TRUSTED_HOSTS"] = trusted = ["good.test"]
    assert client.get("/", base_url="http://other.test").status_code == 400
    trusted.append("other.test")
    assert client.get("/", base_url="http://other.test").status_code == 200
    trusted.remove("other.test")
    assert client.get("/", base_url="http://other.test").status_code == 400


def test_trusted_hosts_leave_async_views_on_the_loop_of_the_server():
    app = Erlen("x")
    app.config["TRUSTED_HOSTS"] = ["good.test"]

    @app.put("/count")
    @stream_request_body
    async def count():
        return str(sum([len(piece) async for piece in request.stream]))

    client = app.test_client(interface="asgi")
    # On another loop there is no body to stream.
    assert client.put("/count", data=b"x" * 10, base_url="http://good.test").text == "10"
    assert client.put("/count", data=b"x" * 10, base_url="http://evil.test").status_code == 400


def test_host_matching_set_later_is_heeded(warm):
    warm.url_map.host_matching = True
    assert warm.test_client().get("/").status_code == 404


@pytest.mark.parametrize("path", ["/", "/json"])
def test_a_response_class_set_later_is_used(warm, path):
    class Marked(Response):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.headers["X-Marked"] = "yes"

    warm.response_class = Marked
    assert warm.test_client().get(path).headers["X-Marked"] == "yes"


def test_a_class_that_makes_its_responses_is_asked():
    class Made(Response):
        def __new__(cls, *args, **kwargs):
            self = super().__new__(cls)
            if cls is Made:
                # The client makes responses of a subclass.
                self.call_on_close(lambda: closed.append("closed"))
            return self

    closed = []
    app = make(Erlen)
    app.response_class = Made
    for path in ("/", "/", "/user/7", "/refused"):
        app.test_client().get(path).close()
    assert closed == ["closed"] * 4


def test_what_a_hook_puts_into_the_request_is_heeded():
    put = {}
    app = make(Erlen)
    app.before_request(lambda: vars(request._get_current_object()).update(put))
    client = app.test_client()
    for _ in range(2):
        assert client.get("/user/7").json == {"id": 7}
    put["view_args"] = {"id": 8}
    assert client.get("/user/7").json == {"id": 8}
    put.update(url_rule=next(app.url_map.iter_rules("index")), view_args=None)
    assert client.get("/user/7").text == "hello 1"
    put["routing_exception"] = Conflict("not now")
    assert client.get("/user/7").status_code == 409


@pytest.mark.parametrize(
    ("attribute", "value", "expected"),
    [
        ("default_status", 203, (203, "text/html; charset=utf-8")),
        ("default_mimetype", "text/csv", (200, "text/csv; charset=utf-8")),
    ],
)
def test_what_a_response_class_says_is_heeded(attribute, value, expected):
    app = Erlen("class")
    app.response_class = type("Special", (Response,), {attribute: value})
    app.route("/", endpoint="index")(lambda: "text")
    for _ in range(2):
        response = app.test_client().get("/")
        assert (response.status_code, response.headers.get("Content-Type")) == expected


def test_the_json_provider_is_heeded(warm):
    client = warm.test_client()
    assert client.get("/json").text == '{"a":1}\n'
    warm.json.compact = False
    assert client.get("/json").text == '{\n  "a": 1\n}\n'
    warm.json.mimetype = "application/problem+json"
    assert client.get("/json").content_type == "application/problem+json"

    class Shouting(DefaultJSONProvider):
        def dumps(self, obj, **kwargs):
            return super().dumps(obj, **kwargs).upper()

    warm.json = Shouting(warm)
    assert client.get("/json").text == '{"A":1}\n'


def test_a_provider_whose_response_is_replaced_is_asked(warm):
    warm.json.response = lambda *args, **kwargs: Response("own")
    assert warm.test_client().get("/json").text == "own"


def test_one_trusted_host_may_be_text(warm):
    warm.config["TRUSTED_HOSTS"] = "good.test"
    client = warm.test_client()
    assert client.get("/", base_url="http://evil.test").status_code == 400
    assert client.get("/", base_url="http://good.test").status_code == 200


def test_who_listens_sees_the_response(warm):
    seen = []

    def listen(sender, response):
        response.headers["X-Seen"] = "yes"
        seen.append(response.status_code)

    with request_finished.connected_to(listen, warm):
        assert warm.test_client().get("/").headers["X-Seen"] == "yes"
    assert "X-Seen" not in warm.test_client().get("/").headers
    assert seen == [200]


def test_a_rule_is_not_found_by_bytes_that_look_like_it():
    app = Erlen("bytes")
    # What PEP 3333 makes of "/é" is the text of this rule.
    app.route("/Ã©", endpoint="index")(lambda: "wrong")
    client = app.test_client()
    for _ in range(2):
        assert client.get("/é").status_code == 404
        assert client.get("/Ã©").status_code == 200


class Bridged(Erlen):
    """Asks its own method how an async function is run."""

    def ensure_sync(self, func):
        return super().ensure_sync(func)


@pytest.mark.parametrize("failing", [False, True])
@pytest.mark.parametrize("looks", [False, True])
@pytest.mark.parametrize("path", ["/part/", "/nowhere"])
def test_each_way_tears_down_the_same(failing, looks, path):
    def run(cls):
        app = cls("teardown")
        app.config["PROPAGATE_EXCEPTIONS"] = True
        part = Blueprint("part", __name__, url_prefix="/part")
        calls = []

        @part.route("/")
        def index():
            return request.path if looks else "text"

        @app.teardown_request
        def first(error):
            calls.append(("first", type(error)))

        @app.teardown_request
        async def second(error):
            calls.append(("second", type(error)))
            if failing:
                raise ValueError("second")

        @app.teardown_request
        def third(error):
            calls.append(("third", request.path))
            if failing:
                raise ValueError("third")

        @part.teardown_request
        def inner(error):
            calls.append(("inner", request.endpoint))

        @app.teardown_appcontext
        def last(error):
            calls.append(("last", type(error)))

        app.register_blueprint(part)
        client = app.test_client()
        # Only the second request knows that the first one came.
        for _ in range(2):
            try:
                calls.append(client.get(path).status_code)
            except ValueError as error:
                calls.append(str(error))
        return calls

    expected = run(ByMethods)
    assert run(Erlen) == expected
    assert run(Bridged) == expected
    assert [name for name, *_ in expected[:3]] == (
        ["inner", "third", "second"] if path == "/part/" else ["third", "second", "first"]
    )
    assert ("third" in expected) is failing


def test_a_teardown_function_that_does_not_ask_for_the_request_makes_none(warm):
    seen = []
    warm.teardown_request_funcs[None].append(lambda error: seen.append(request_ctx.made_request))
    client = warm.test_client()
    for _ in range(2):
        assert client.get("/").status_code == 200
    assert seen[-1] is None
