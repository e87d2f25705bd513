from __future__ import annotations

import pytest

from erlen import Blueprint, Erlen, request, url_for
from erlen.views import MethodView, View


@pytest.fixture
def app():
    app = Erlen(__name__)
    app.testing = True
    return app


def allowed(app, path):
    return sorted(app.test_client().options(path).allow)


# -- View --------------------------------------------------------------------------------


def test_a_view(app):
    class Hello(View):
        """The words of the class."""

        methods = ["GET", "POST"]  # noqa: RUF012

        def dispatch_request(self, name):
            return f"{request.method} {name}"

    view = Hello.as_view("hello")
    assert (view.__name__, view.__doc__, view.__module__) == ("hello", Hello.__doc__, __name__)
    assert view.view_class is Hello
    app.add_url_rule("/<name>", view_func=view)
    client = app.test_client()
    assert client.get("/a").text == "GET a"
    assert client.post("/a").text == "POST a"
    assert client.put("/a").status_code == 405
    with app.test_request_context():
        assert url_for("hello", name="x") == "/x"


def test_arguments_of_the_class(app):
    class Greeting(View):
        def __init__(self, word, *, mark="."):
            self.text = word + mark

        def dispatch_request(self):
            return self.text

    app.add_url_rule("/a", view_func=Greeting.as_view("a", "Hello"))
    app.add_url_rule("/b", view_func=Greeting.as_view("b", "Bye", mark="!"))
    client = app.test_client()
    assert client.get("/a").text == "Hello."
    assert client.get("/b").text == "Bye!"


@pytest.mark.parametrize(("every", "counts"), [(True, "111"), (False, "123")])
def test_one_instance_or_one_for_each_request(app, every, counts):
    class Counter(View):
        init_every_request = every
        made = 0

        def __init__(self):
            self.n = 0
            type(self).made += 1

        def dispatch_request(self):
            self.n += 1
            return str(self.n)

    app.add_url_rule("/", view_func=Counter.as_view("counter"))
    client = app.test_client()
    assert "".join(client.get("/").text for _ in range(3)) == counts
    assert Counter.made == (3 if every else 1)


def test_decorators_are_applied_the_first_one_first(app):
    def mark(text):
        def decorator(f):
            def wrapped(**kwargs):
                return f"{text}({f(**kwargs)})"

            return wrapped

        return decorator

    class Index(View):
        decorators = [mark("inner"), mark("outer")]  # noqa: RUF012

        def dispatch_request(self):
            return "index"

    view = Index.as_view("index")
    assert view.__name__ == "index"
    app.add_url_rule("/", view_func=view)
    assert app.test_client().get("/").text == "outer(inner(index))"


@pytest.mark.parametrize(("automatic", "status"), [(None, 200), (True, 200), (False, 405)], ids=str)
def test_automatic_options(app, automatic, status):
    class Index(View):
        provide_automatic_options = automatic

        def dispatch_request(self):
            return "index"

    app.add_url_rule("/", view_func=Index.as_view("index"))
    assert app.test_client().options("/").status_code == status


def test_a_view_that_answers_options_itself(app):
    class Index(View):
        methods = ["GET", "OPTIONS"]  # noqa: RUF012
        provide_automatic_options = False

        def dispatch_request(self):
            return request.method

    app.add_url_rule("/", view_func=Index.as_view("index"))
    assert app.test_client().options("/").text == "OPTIONS"


def test_methods_of_the_rule_win(app):
    class Index(View):
        methods = ["GET", "POST"]  # noqa: RUF012

        def dispatch_request(self):
            return "x"

    app.add_url_rule("/", view_func=Index.as_view("index"), methods=["PUT"])
    assert allowed(app, "/") == ["OPTIONS", "PUT"]


def test_a_view_without_its_method_is_told(app):
    app.add_url_rule("/", view_func=View.as_view("index"))
    with pytest.raises(NotImplementedError):
        app.test_client().get("/")


# -- MethodView --------------------------------------------------------------------------


class Items(MethodView):
    def get(self, item=None):
        return f"get {item}"

    def post(self):
        return "made", 201

    def delete(self, item):
        return f"deleted {item}"


def test_each_method_has_its_function(app):
    view = Items.as_view("items")
    app.add_url_rule("/", view_func=view, methods=["GET", "POST"], defaults={"item": None})
    app.add_url_rule("/<int:item>", view_func=view, methods=["GET", "DELETE"])
    client = app.test_client()
    assert Items.methods == {"GET", "POST", "DELETE"}
    assert client.get("/").text == "get None"
    assert client.get("/7").text == "get 7"
    assert client.delete("/7").text == "deleted 7"
    assert client.delete("/").status_code == 405
    assert client.post("/7").status_code == 405


def test_the_methods_are_those_of_the_class(app):
    class Page(MethodView):
        def get(self):
            return "get"

        def propfind(self):
            return "never"

    app.add_url_rule("/", view_func=Page.as_view("page"))
    assert allowed(app, "/") == ["GET", "HEAD", "OPTIONS"]
    assert app.test_client().post("/").status_code == 405


def test_methods_are_inherited_and_extended(app):
    class Base(MethodView):
        def get(self):
            return "base"

    class Left(Base):
        def post(self):
            return "left"

    class Right(MethodView):
        def put(self):
            return "right"

    class Both(Left, Right):
        pass

    class Fewer(Both):
        methods = {"GET"}  # noqa: RUF012

    assert Base.methods == {"GET"}
    assert Both.methods == {"GET", "POST", "PUT"}
    app.add_url_rule("/", view_func=Both.as_view("both"))
    app.add_url_rule("/fewer", view_func=Fewer.as_view("fewer"))
    client = app.test_client()
    assert client.put("/").text == "right"
    assert client.put("/fewer").status_code == 405


def test_a_method_view_without_methods_answers_get_alone():
    class Empty(MethodView):
        pass

    assert Empty.methods is None


def test_head_goes_to_get_or_to_its_own_function(app):
    class Own(MethodView):
        def get(self):
            return "get"

        def head(self):
            return "", 201, {"X-Head": "own"}

    class OfGet(MethodView):
        def get(self):
            return "get", {"X-Get": "1"}

    app.add_url_rule("/own", view_func=Own.as_view("own"))
    app.add_url_rule("/get", view_func=OfGet.as_view("get"))
    client = app.test_client()
    assert client.head("/own").headers["X-Head"] == "own"
    of_get = client.head("/get")
    assert (of_get.status_code, of_get.data, of_get.headers["X-Get"]) == (200, b"", "1")


def test_a_method_that_is_announced_and_missing(app):
    class Page(MethodView):
        methods = {"GET", "POST"}  # noqa: RUF012

        def get(self):
            return ""

    app.add_url_rule("/", view_func=Page.as_view("page"))
    with pytest.raises(AssertionError, match="Unimplemented method 'POST'"):
        app.test_client().post("/")


def test_decorators_of_methods_and_of_the_view(app):
    def login_required(f):
        def wrapped(*args, **kwargs):
            return f(*args, **kwargs) if "user" in request.args else ("login", 401)

        return wrapped

    class Page(MethodView):
        @login_required
        def get(self):
            return "page"

        def post(self):
            return "open"

    app.add_url_rule("/", view_func=Page.as_view("page"))
    client = app.test_client()
    assert client.get("/").status_code == 401
    assert client.get("/?user=1").text == "page"
    assert client.post("/").text == "open"


def test_on_a_blueprint(app):
    part = Blueprint("part", __name__, url_prefix="/part")
    part.add_url_rule("/<int:item>", view_func=Items.as_view("items"))
    app.register_blueprint(part)
    assert app.test_client().get("/part/3").text == "get 3"


def test_async_methods(app):
    class Page(MethodView):
        init_every_request = False

        async def get(self):
            return "async get"

    class One(View):
        async def dispatch_request(self):
            return "async view"

    app.add_url_rule("/page", view_func=Page.as_view("page"))
    app.add_url_rule("/one", view_func=One.as_view("one"))
    client = app.test_client()
    assert client.get("/page").text == "async get"
    assert client.get("/one").text == "async view"
