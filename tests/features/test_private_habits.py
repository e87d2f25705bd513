"""What applications and extensions do beyond Flask's documentation, because Flask allows it."""

from __future__ import annotations

import gc
import io
import sys
import traceback
import weakref

import pytest

from erlen import (
    Blueprint,
    Erlen,
    Request,
    Response,
    current_app,
    g,
    has_request_context,
    make_response,
    render_template,
    request,
    send_file,
    send_from_directory,
)
from erlen.context.proxies import _cv_app, _cv_request, app_ctx, request_ctx
from erlen.routing import Map, Rule
from erlen.views import MethodView, View


class Events:
    """A second base class whose attributes are made up when they are asked for."""

    def __getattr__(self, name):
        if name.startswith("on_"):
            return f"event {name}"
        raise AttributeError(name)


@pytest.mark.parametrize("base", [Erlen, Blueprint])
def test_the_getattr_of_a_second_base_class_is_asked(base):
    class Eve(base, Events):
        pass

    eve = Eve("eve", __name__) if base is Blueprint else Eve(__name__)
    assert eve.on_fetched == "event on_fetched"
    with pytest.raises(AttributeError):
        eve.nothing  # noqa: B018


def test_the_static_views_have_the_names_by_which_extensions_exempt_them(tmp_path):
    (tmp_path / "a.txt").write_text("a")
    app = Erlen(__name__, static_folder=tmp_path)
    shop = Blueprint("shop", __name__, static_folder=tmp_path)
    app.register_blueprint(shop, url_prefix="/shop")
    names = {
        endpoint: f"{view.__module__}.{view.__name__}"
        for endpoint, view in app.view_functions.items()
    }
    assert names == {
        "static": "flask.app.<lambda>",
        "shop.static": "flask.blueprints.send_static_file",
    }
    client = app.test_client()
    folder = tmp_path.name
    assert client.get(f"/{folder}/a.txt").data == client.get(f"/shop/{folder}/a.txt").data == b"a"


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_an_error_of_routing_reaches_its_handler_with_a_traceback(colour):
    app = Erlen(__name__)
    seen = []
    kept = []

    def look(error):
        frames = traceback.extract_tb(error.__traceback__)
        seen.append((error.code, sys.exc_info()[1] is error or colour == "async", frames))
        kept.append(error)
        return "handled", error.code

    if colour == "async":

        async def handler(error):
            return look(error)
    else:
        handler = look
    app.register_error_handler(404, handler)
    app.register_error_handler(405, handler)
    app.add_url_rule("/post", "post", lambda: "", methods=["POST"])
    client = app.test_client()
    assert client.get("/nowhere").status_code == 404
    assert client.get("/post").status_code == 405
    assert [(code, current) for code, current, _ in seen] == [(404, True), (405, True)]
    assert all(frames for _, _, frames in seen)
    # Behind the handler its frames would keep the request, which keeps the error.
    assert [error.__traceback__ for error in kept] == [None, None]


def test_such_an_error_keeps_no_request(interface):
    app = Erlen(__name__)
    requests = []

    @app.errorhandler(404)
    def handler(error):
        requests.append(weakref.ref(request._get_current_object()))
        return "nothing", 404

    gc.disable()
    try:
        with app.test_client() as client:
            client.get("/nowhere")
        client = None
        if interface == "wsgi":
            assert requests[0]() is None
    finally:
        gc.enable()
    gc.collect()
    assert requests[0]() is None


def test_the_text_of_a_missing_template_tells_no_folder(tmp_path):
    app = Erlen(__name__, template_folder=tmp_path)

    @app.errorhandler(Exception)
    def show(error):
        return str(error), 500

    @app.get("/")
    def index():
        return render_template("missing.html")

    assert app.test_client().get("/").text == "missing.html"
    with app.app_context():
        from jinja2 import TemplateNotFound

        with pytest.raises(TemplateNotFound) as caught:
            render_template("missing.html")
    assert (str(caught.value), caught.value.message) == ("missing.html", "missing.html")
    assert type(caught.value) is TemplateNotFound
    # Who reads the traceback is told.
    assert str(tmp_path) in "".join(traceback.format_exception(caught.value))


def test_rules_tell_their_pieces():
    rule = Rule("/a/<int:number>//b/<path:rest>", endpoint="x")
    assert rule._trace == []
    Map([rule])
    slash = (False, "/")
    assert rule._trace == [
        (False, "|"), slash, (False, "a"), slash, (True, "number"), slash, (False, "b"), slash,
        (True, "rest"),
    ]  # fmt: skip
    hosted = Rule("/", host="<sub>.example.org", endpoint="x")
    Map([hosted], host_matching=True)
    assert hosted._trace == [(True, "sub"), (False, ".example.org"), (False, "|"), slash]


@pytest.mark.parametrize("form", ["urlencoded", "multipart"])
def test_forms_are_parsed_of_the_stream_that_a_class_says(form):
    class Other(Request):
        def _get_stream_for_parsing(self):
            body = super()._get_stream_for_parsing().read()
            return io.BytesIO(body.replace(b"plain", b"other"))

    app = Erlen(__name__)
    app.request_class = Other
    app.add_url_rule("/", "form", lambda: request.form["field"], methods=["POST"])
    data = {"field": "plain"}
    kind = {"content_type": "multipart/form-data"} if form == "multipart" else {}
    assert app.test_client().post("/", data=data, **kind).text == "other"


def test_the_stream_of_forms_is_that_of_the_body():
    app = Erlen(__name__)

    @app.post("/")
    def body():
        return request._get_stream_for_parsing().read()

    @app.post("/read")
    def read():
        return request.get_data() + request._get_stream_for_parsing().read()

    client = app.test_client()
    assert client.post("/", data={"a": "b"}).data == b"a=b"
    assert client.post("/read", data={"a": "b"}).data == b"a=ba=b"


def test_the_variable_of_the_application_context_can_be_set():
    app, other = Erlen("one"), Erlen("two")
    token = _cv_app.set(app.app_context())
    assert current_app.name == "one"
    g.x = 1
    _cv_app.reset(token)
    assert not current_app
    with app.test_request_context("/path"):
        token = _cv_app.set(other.app_context())
        assert (current_app.name, request.path) == ("two", "/path")
        _cv_app.reset(token)
        assert (current_app.name, request.path) == ("one", "/path")
    assert _cv_app.get(None) is None


def test_the_variable_of_the_request_context_can_be_set():
    app = Erlen("one")
    context = app.test_request_context("/path")
    token = _cv_request.set(context)
    assert (request.path, current_app.name) == ("/path", "one")
    assert _cv_request.get() is context is request_ctx._get_current_object()
    _cv_request.reset(token)
    assert not has_request_context()
    # A context that refers to itself would wait for the garbage collector.
    assert context.request_context is None


def test_a_request_can_be_hidden_by_its_variable():
    app = Erlen("one")
    with app.test_request_context("/path"):
        g.x = 1
        outer = app_ctx._get_current_object()
        token = _cv_request.set(None)
        assert not has_request_context()
        assert (current_app.name, g.x) == ("one", 1)
        assert _cv_app.get() is outer
        _cv_request.reset(token)
        assert request.path == "/path"
    token = _cv_request.set(None)
    assert not current_app
    _cv_request.reset(token)


@pytest.mark.parametrize("options", [{}, {"etag": "given"}, {"conditional": False}])
def test_files_have_the_etag_that_a_class_of_responses_sets(tmp_path, options):
    class Tagged(Response):
        def set_etag(self, etag, weak=False):
            super().set_etag(f"mine-{etag}"[:10], weak=True)

    (tmp_path / "a.txt").write_text("a")
    app = Erlen(__name__, static_folder=tmp_path, static_url_path="/static")
    app.response_class = Tagged
    app.add_url_rule("/one", "one", lambda: send_file(tmp_path / "a.txt", **options))
    app.add_url_rule("/two", "two", lambda: send_from_directory(tmp_path, "a.txt", **options))
    client = app.test_client()
    paths = ["/one", "/two", *([] if options else ["/static/a.txt"])]
    for path in paths:
        assert client.get(path).headers["ETag"].startswith('W/"mine-')
    if "conditional" not in options:
        tag = client.get("/one").headers["ETag"]
        assert client.get("/one", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("place", ["class", "instance"])
def test_the_handler_is_the_one_that_an_override_finds(place):
    asked = []

    def find(error, blueprints):
        asked.append((type(error).__name__, list(blueprints)))
        return lambda error: ("found", 418)

    if place == "class":

        class Finder(Erlen):
            def _find_error_handler(self, e, blueprints):
                return find(e, blueprints)

        app = Finder(__name__)
    else:
        app = Erlen(__name__)
        app._find_error_handler = find
    shop = Blueprint("shop", __name__, url_prefix="/shop")

    @shop.get("/")
    def fail():
        raise ValueError

    app.register_blueprint(shop)
    client = app.test_client()
    assert [client.get(path).status_code for path in ("/shop/", "/nowhere")] == [418, 418]
    assert asked == [("ValueError", ["shop"]), ("NotFound", [])]


def test_a_subclass_may_set_attributes_before_the_class_is_initialised():
    class Early(Erlen):
        def __init__(self, *args):
            self.mark = "early"
            self.request_class = Request
            self.before_request_funcs = None
            self.dispatch_request = lambda: "mine"
            super().__init__(*args)

    app = Early(__name__)
    app.add_url_rule("/", "index", lambda: "view")
    assert (app.mark, app.test_client().get("/").text) == ("early", "mine")


def test_a_response_is_made_where_there_is_no_request():
    app = Erlen(__name__)
    values = ["text", ("text", 201), b"bytes", {"a": 1}, ["a"], ("a", {"X": "y"}), Response("z")]
    with app.app_context():
        made = [make_response(value) for value in values]
        again = [app.make_response(value) for value in values]
        for response, other in zip(made, again, strict=True):
            assert response.data == other.data
        assert [response.status_code for response in made] == [200, 201, *[200] * 5]
        assert made[5].headers["X"] == "y"
        assert make_response().data == b""
        with pytest.raises(TypeError, match="did not return a valid response"):
            make_response(None)
        with pytest.raises(TypeError, match="but it was a int"):
            make_response(5)
        with pytest.raises(RuntimeError, match="outside of request context"):
            make_response(lambda environ, start_response: [b""])
    assert app.make_response(("text", 201)).status_code == 201


def test_a_view_of_a_class_is_called_where_there_is_no_request():
    class Plain(View):
        def dispatch_request(self, name="nobody"):
            return f"hello {name}"

    class Once(Plain):
        init_every_request = False

    class Coloured(View):
        async def dispatch_request(self):
            return "awaited"

    class Methods(MethodView):
        def get(self):
            return "got"

    app = Erlen(__name__)
    with app.app_context():
        assert Plain.as_view("plain")(name="you") == "hello you"
        assert Once.as_view("once")() == "hello nobody"
        assert Coloured.as_view("coloured")() == "awaited"
        with pytest.raises(RuntimeError, match="request context"):
            Methods.as_view("methods")()


def test_the_application_context_may_be_popped_before_the_request():
    app = Erlen(__name__)
    order = []
    app.teardown_request(lambda error: order.append("request"))
    app.teardown_appcontext(lambda error: order.append("application"))
    outer, inner = app.app_context(), app.test_request_context("/")
    outer.push()
    inner.push()
    outer.pop()
    inner.pop()
    assert order == ["application", "request"]
    assert not current_app
    assert not request
