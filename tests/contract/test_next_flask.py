"""Flask 3.2: methods that take the context first work today, and ``FOLLOW_FLASK = "3.2"`` is the
rest of it. Each test of the switch runs with it and without."""

from __future__ import annotations

import functools
import warnings

import pytest

import erlen
from erlen import (
    Blueprint,
    Erlen,
    Response,
    abort,
    copy_current_request_context,
    g,
    has_app_context,
    has_request_context,
    redirect,
    render_template_string,
    request,
    safe_redirect,
    session,
)

#: The name of the method: the request that calls it.
METHODS = {
    "dispatch_request": ("GET", "/"),
    "do_teardown_appcontext": ("GET", "/"),
    "do_teardown_request": ("GET", "/"),
    "finalize_request": ("GET", "/"),
    "full_dispatch_request": ("GET", "/"),
    "handle_exception": ("GET", "/fail"),
    "handle_http_exception": ("GET", "/abort"),
    "handle_user_exception": ("GET", "/fail"),
    "log_exception": ("GET", "/fail"),
    "make_default_options_response": ("OPTIONS", "/"),
    "preprocess_request": ("GET", "/"),
    "process_response": ("GET", "/"),
    "update_template_context": ("GET", "/template"),
}
STATUS = {"/": 200, "/template": 200, "/abort": 418, "/fail": 500}
VERSIONS = ["3.1", "3.2"]


@pytest.fixture
def app_context_class(flask_name):
    return flask_name("flask.ctx.AppContext")


@pytest.fixture
def app_ctx(flask_name):
    return flask_name("flask.globals.app_ctx")


def make(way, cls=Erlen, version=None):
    app = cls("next", **({} if version is None else {"follow_flask": version}))
    app.secret_key = "key"
    app.logger.disabled = True
    app.extensions["calls"] = calls = []

    @app.before_request
    @way.colour
    def before():
        calls.append("before")

    @app.after_request
    @way.colour
    def after(response):
        calls.append("after")
        return response

    @app.teardown_request
    @way.colour
    def teardown(error):
        calls.append("teardown")

    @app.teardown_appcontext
    @way.colour
    def teardown_app(error):
        calls.append("teardown app")

    @app.context_processor
    def processor():
        return {"name": "template"}

    app.add_url_rule("/", "index", way.colour(lambda: "index"))
    app.add_url_rule("/abort", "abort", way.colour(lambda: abort(418)))
    app.add_url_rule("/fail", "fail", way.colour(lambda: 1 / 0))
    app.add_url_rule(
        "/template", "template", way.colour(lambda: render_template_string("{{ name }}"))
    )
    return app


def new_style(name, seen):
    """An override that takes the context and calls Erlen's own with it."""

    def override(self, ctx, *args, **kwargs):
        seen.append((ctx, args))
        return getattr(Erlen, name)(self, ctx, *args, **kwargs)

    return override


def old_style(name, seen):
    """An override with the signature of Flask 3.1."""
    if name in ("dispatch_request", "full_dispatch_request", "preprocess_request"):

        def override(self):
            seen.append(())
            return getattr(Erlen, name)(self)

    elif name == "make_default_options_response":

        def override(self):
            seen.append(())
            return Erlen.make_default_options_response(self)

    elif name.startswith("do_teardown"):

        def override(self, exc=None):
            seen.append((exc,))
            return getattr(Erlen, name)(self, exc)

    elif name == "finalize_request":

        def override(self, rv, from_error_handler=False):
            seen.append((rv,))
            return Erlen.finalize_request(self, rv, from_error_handler)

    else:

        def override(self, given):
            seen.append((given,))
            return getattr(Erlen, name)(self, given)

    return override


# -- the context first ---------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("place", ["subclass", "class later", "instance", "instance later"])
@pytest.mark.parametrize("name", METHODS)
def test_an_override_that_takes_the_context_is_called_with_it(
    way, name, place, version, app_context_class
):
    method, path = METHODS[name]
    seen = []
    override = new_style(name, seen)
    cls = type("App", (Erlen,), {name: override} if place == "subclass" else {})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        app = make(way, cls, version)
        if place.endswith("later"):
            way.ask(app, path, method)
            app.extensions["calls"].clear()
        if place == "class later":
            setattr(cls, name, override)
        elif place.startswith("instance"):
            # It tells its signature without the part that it has.
            setattr(app, name, functools.partial(override, app))
        for _ in range(2):
            seen.clear()
            app.extensions["calls"].clear()
            assert way.ask(app, path, method).status == STATUS[path]
            assert seen, "it was not called"
            for ctx, args in seen:
                assert isinstance(ctx, app_context_class) and ctx.app is app
                assert not any(isinstance(arg, app_context_class) for arg in args)
            assert app.extensions["calls"] == ["before", "after", "teardown", "teardown app"]


@pytest.mark.parametrize("name", METHODS)
def test_the_request_is_on_the_context(way, name):
    method, path = METHODS[name]
    seen = []

    def override(self, ctx, *args, **kwargs):
        seen.append((ctx.has_request, ctx.request.path, ctx.request.method))
        return getattr(Erlen, name)(self, ctx, *args, **kwargs)

    app = make(way, type("App", (Erlen,), {name: override}))
    way.ask(app, path, method)
    assert set(seen) == {(True, path, method)}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", METHODS)
def test_an_override_of_the_old_signature_is_called_the_old_way(way, name, version):
    method, path = METHODS[name]
    seen = []
    app = make(way, type("App", (Erlen,), {name: old_style(name, seen)}), version)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        assert way.ask(app, path, method).status == STATUS[path]
        assert seen
        assert app.extensions["calls"] == ["before", "after", "teardown", "teardown app"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", ["old", "new", "wrapper", "wrapper of new"])
@pytest.mark.parametrize("name", METHODS)
def test_only_the_old_signature_is_warned_of(interface, name, kind, version):
    way = interface
    if kind == "old":
        override = old_style(name, [])
    elif kind == "new":
        override = new_style(name, [])
    else:
        inner = getattr(Erlen, name) if kind == "wrapper" else new_style(name, [])

        @functools.wraps(inner)
        def override(*args, **kwargs):
            return inner(*args, **kwargs)

    app = make(way, type("App", (Erlen,), {name: override}), version)
    method, path = METHODS[name]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert way.ask(app, path, method).status == STATUS[path]
    found = [str(one.message) for one in caught if one.category is DeprecationWarning]
    if (kind, version) == ("old", "3.2"):
        assert found and all(f"def {name}(self, ctx" in text for text in found)
        # It leads to the override itself.
        assert {one.filename for one in caught} == {__file__}
    else:
        assert found == []


def test_a_warning_is_shown_once(way):
    app = make(way, type("App", (Erlen,), {"dispatch_request": lambda self: "own"}), "3.2")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            way.ask(app)
            # The desk goes with each change.
            app.config["DEBUG"] = False
    assert len([one for one in caught if "dispatch_request" in str(one.message)]) == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_should_ignore_error_is_warned_of(way, version, warned):
    class App(Erlen):
        def should_ignore_error(self, error):
            return isinstance(error, ZeroDivisionError)

    app = make(way, App, version)
    told = []
    app.teardown_request(told.append)
    with warned() as texts:
        way.ask(app, "/fail")
    assert told == [None]
    assert any("should_ignore_error" in text for text in texts) is (version == "3.2")


def test_an_annotation_tells_the_context_too(way, app_context_class):
    seen = []

    def by_class(self, context, e):
        seen.append(type(e))
        return "class"

    def by_text(self, context, e):
        seen.append(type(e))
        return "text"

    by_class.__annotations__["context"] = app_context_class
    by_text.__annotations__["context"] = "flask.ctx.AppContext"
    for override in (by_class, by_text):
        app = make(way, type("App", (Erlen,), {"handle_user_exception": override}))
        assert way.ask(app, "/fail").status == 200
    assert seen == [ZeroDivisionError] * 2


def test_an_argument_that_is_only_called_ctx_is_what_it_was(way):
    """Too few arguments for the context: it is the old signature."""

    class App(Erlen):
        def update_template_context(self, ctx):
            ctx["name"] = "own"

        def process_response(self, ctx):
            return Response(ctx.get_data() + b"!")

    app = make(way, App)
    assert way.ask(app, "/template").text == "own!"


def test_what_does_not_tell_its_signature_is_called_the_old_way(way):
    class Silent:
        __signature__ = "none"

        def __call__(self, *args):
            assert args == ()
            return "silent"

    app = make(way)
    app.dispatch_request = Silent()
    assert way.ask(app).text == "silent"


def test_a_class_that_passes_the_context_on_to_one_that_does(way):
    class Base(Erlen):
        def process_response(self, ctx, response):
            response.headers["X-Base"] = ctx.request.path
            return super().process_response(ctx, response)

    class App(Base):
        def process_response(self, ctx, response):
            response.headers["X-App"] = ctx.request.path
            return super().process_response(ctx, response)

    answer = way.ask(make(way, App))
    assert (answer.get("X-Base"), answer.get("X-App")) == ("/", "/")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("is_new", [True, False])
@pytest.mark.parametrize("name", METHODS)
def test_both_signatures_in_one_hierarchy(way, name, is_new, version):
    """An application that was moved, on an extension's class that was not, or the other way round:
    each calls the one above by its own signature."""
    method, path = METHODS[name]
    seen = {"new": [], "old": []}
    parts = {"new": new_style(name, seen["new"]), "old": old_style(name, seen["old"])}
    lower, upper = ("new", "old") if is_new else ("old", "new")

    Base = type("Base", (Erlen,), {name: parts[upper]})

    def above(self, *args, **kwargs):
        seen[lower].append(args)
        return getattr(super(App, self), name)(*args, **kwargs)

    signatures = {
        "new": {
            0: lambda self, ctx: above(self, ctx),
            1: lambda self, ctx, given=None, **named: above(self, ctx, given, **named),
        },
        "old": {
            0: lambda self: above(self),
            1: lambda self, given=None, **named: above(self, given, **named),
        },
    }
    takes_one = old_style(name, []).__code__.co_argcount > 1
    App = type("App", (Base,), {name: signatures[lower][takes_one]})
    # The class of the extension alone goes on as it did.
    for cls, called in ((App, {lower, upper}), (Base, {upper})):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            app = make(way, cls, version)
            seen["new"].clear()
            seen["old"].clear()
            assert way.ask(app, path, method).status == STATUS[path]
        assert {kind for kind, calls in seen.items() if calls} == called
        assert app.extensions["calls"] == ["before", "after", "teardown", "teardown app"]


def test_own_methods_take_the_context_or_none(app_ctx):
    app = Erlen("own")
    app.add_url_rule("/", "index", lambda: "index", methods=["GET", "POST"])
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.logger.disabled = True
    error = abort_error()
    with app.test_request_context("/") as ctx:
        for first in ((), (ctx,), (app_ctx,), (app_ctx._get_current_object(),)):
            assert app.preprocess_request(*first) is None
            assert app.dispatch_request(*first) == "index"
            assert app.full_dispatch_request(*first).get_data() == b"index"
            assert "POST" in app.make_default_options_response(*first).allow
            assert app.finalize_request(*first, "text").get_data() == b"text"
            response = app.finalize_request(*first, rv="text", from_error_handler=True)
            assert app.process_response(*first, response=response) is response
            assert app.handle_http_exception(*first, error) is error
            assert app.handle_user_exception(*first, e=error) is error
            assert app.handle_exception(*first, error).status_code == 500
            app.log_exception(*first, (None, None, None))
            app.do_teardown_request(*first)
            app.do_teardown_request(*first, None)
            app.do_teardown_appcontext(*first, exc=None)
            values = {}
            app.update_template_context(*first, values)
            assert values["request"] is request._get_current_object()
        assert app.dispatch_request(ctx=ctx) == "index"
    with pytest.raises(RuntimeError, match="request"):
        app.dispatch_request()


def abort_error():
    with pytest.raises(erlen.http.exceptions.HTTPException) as caught:
        abort(418)
    return caught.value


def test_a_joined_request_is_on_the_application_context(app_ctx, app_context_class):
    """``app_ctx`` is what code for Flask 3.2 asks for the request."""
    app = Erlen("joined")
    app.secret_key = "key"
    with app.app_context():
        assert not app_ctx.has_request
        for name in ("request", "session"):
            with pytest.raises(RuntimeError, match="request"):
                getattr(app_ctx, name)
        with app.test_request_context("/a"):
            session["a"] = 1
            assert app_ctx.has_request and app_ctx.request.path == "/a"
            assert app_ctx.session["a"] == 1
            with app.app_context():
                assert app_ctx.has_request
        assert not app_ctx.has_request
    made = app_context_class.from_environ(app, {"REQUEST_METHOD": "GET", "PATH_INFO": "/b"})
    assert isinstance(made, app_context_class) and made.request.path == "/b"


@pytest.mark.parametrize("is_blueprint", [False, True])
def test_decorators_of_templates_without_parentheses(is_blueprint):
    app = Erlen("templates")
    part = Blueprint("part", __name__)
    owner, prefix = (part, "app_template") if is_blueprint else (app, "template")

    def double(x):
        return x * 2

    def boolean(x):
        return isinstance(x, bool)

    def four():
        return 4

    for kind, function in (("filter", double), ("test", boolean), ("global", four)):
        decorate = getattr(owner, f"{prefix}_{kind}")
        assert decorate(function) is function
        assert decorate()(function) is function
        assert decorate("named")(function) is decorate(name="also")(function) is function
    app.register_blueprint(part)
    with app.app_context():
        text = render_template_string(
            "{{ 2 | double | named }} {{ true is boolean }} {{ four() }} {{ also() }}"
        )
    assert text == "8 True 4 4"


# -- the switch ----------------------------------------------------------------------------------


def test_the_switch_is_a_keyword_and_a_setting(way):
    assert Erlen("x").config["FOLLOW_FLASK"] == "3.1"
    assert Erlen("x", follow_flask="3.2").config["FOLLOW_FLASK"] == "3.2"
    app = Erlen("x")
    app.add_url_rule("/", "index", way.colour(lambda: redirect("/a")))
    codes = []
    # As JSON in an environment variable it is a number.
    for version in ("3.1", "3.2", 3.2, 3.1):
        app.config["FOLLOW_FLASK"] = version
        codes.append(way.ask(app).status)
    assert codes == [302, 303, 303, 302]


def test_a_version_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match=r"FOLLOW_FLASK.*'3\.1' or '3\.2'.*'4'"):
        Erlen("x", follow_flask="4")
    app = Erlen("x")
    app.config["FOLLOW_FLASK"] = True
    app.testing = True
    with pytest.raises(ValueError, match="FOLLOW_FLASK"):
        app.test_client().get("/")


@pytest.mark.parametrize(("version", "default"), [("3.1", 302), ("3.2", 303)])
def test_the_status_of_a_redirect(way, version, default):
    app = make(way, Erlen, version)
    for code in (301, 302, 303, 307, 308):
        app.add_url_rule(
            f"/{code}", str(code), way.colour(lambda code=code: redirect("/a", code=code))
        )
    app.add_url_rule("/d", "d", way.colour(lambda: redirect("/a")))
    app.add_url_rule("/m", "m", way.colour(lambda: app.redirect("/a")))
    app.add_url_rule("/r", "r", way.colour(lambda: redirect("/a", Response=Response)))
    app.add_url_rule("/s", "s", way.colour(lambda: safe_redirect("/a")))
    for code in (301, 302, 303, 307, 308):
        assert way.ask(app, f"/{code}").status == code
    for path in ("/d", "/m", "/r", "/s"):
        answer = way.ask(app, path)
        assert (answer.status, answer.get("Location")) == (default, "/a"), path


@pytest.mark.parametrize(("version", "default"), [("3.1", 302), ("3.2", 303)])
def test_an_override_of_redirect_is_told_the_status(way, version, default):
    class App(Erlen):
        def redirect(self, location, code):
            return Response(f"{code} {type(code).__name__}")

    app = make(way, App, version)
    app.add_url_rule("/d", "d", way.colour(lambda: redirect("/a")))
    assert way.ask(app, "/d").text.startswith(f"{default} ")


@pytest.mark.parametrize("version", VERSIONS)
def test_the_test_client_joins_or_does_not(way, version, monkeypatch, app_ctx):
    monkeypatch.setenv("ERLEN_TEST_INTERFACE", way.interface)
    app = make(way, Erlen, version)
    seen = app.extensions["seen"] = []

    @app.route("/g")
    @way.colour
    def view():
        seen.append(app_ctx._get_current_object())
        g.y = "view"
        return str(g.get("x"))

    with app.app_context():
        outer = app_ctx._get_current_object()
        g.x = 1
        app.extensions["calls"].clear()
        text = app.test_client().get("/g").text
        calls = list(app.extensions["calls"])
        assert app_ctx._get_current_object() is outer and g.x == 1
        if version == "3.1":
            assert (text, g.get("y")) == ("1", "view")
            assert seen == [outer]
            assert calls == ["before", "after", "teardown"]
        else:
            assert (text, g.get("y")) == ("None", None)
            assert seen[0] is not outer
            assert calls == ["before", "after", "teardown", "teardown app"]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_pushed_request_joins_or_does_not(version):
    app = Erlen("pushed", follow_flask=version)
    torn = []
    app.teardown_request(lambda error: torn.append("request"))
    app.teardown_appcontext(lambda error: torn.append("app"))
    joins = version == "3.1"
    with app.app_context():
        g.x = 1
        with app.test_request_context("/a"):
            assert ("x" in g) is joins
            g.z = 1
            with app.test_request_context("/b"):
                assert ("z" in g) is joins
                assert request.path == "/b"
            assert request.path == "/a" and g.z == 1
        assert ("z" in g) is joins
    assert torn == (
        ["request", "request", "app"] if joins else ["request", "app", "request", "app", "app"]
    )
    assert not has_app_context()


@pytest.mark.parametrize("version", VERSIONS)
def test_an_application_context_inside_of_a_request_has_it_or_has_none(way, version):
    app = Erlen("inside", follow_flask=version)

    @app.route("/")
    @way.colour
    def index():
        with app.app_context():
            inside = has_request_context()
        return f"{inside} {has_request_context()} {request.path}"

    assert way.ask(app).text == f"{version == '3.1'} True /"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_copied_request_has_a_namespace_of_its_own_or_shares_it(way, version):
    app = Erlen("copied", follow_flask=version)

    @app.route("/")
    @way.colour
    def index():
        g.x = 1
        # Called here, where the request is current.
        return str(copy_current_request_context(lambda: (g.get("x"), request.path))())

    assert way.ask(app).text == str((1 if version == "3.1" else None, "/"))


@pytest.mark.parametrize("version", VERSIONS)
def test_the_request_in_the_teardown_of_the_application(way, version):
    app = Erlen("teardown", follow_flask=version)
    seen = []
    app.add_url_rule("/", "index", way.colour(lambda: "index"))

    @app.teardown_appcontext
    @way.colour
    def teardown(error):
        seen.append(request.path if has_request_context() else None)

    way.ask(app)
    with app.test_request_context("/a"):
        pass
    assert seen == ([None, None] if version == "3.1" else ["/", "/a"])


def test_a_wrong_context_is_an_error_of_both_kinds():
    app = Erlen("wrong")
    first, second = app.app_context(), app.app_context()
    first.push()
    second.push()
    with pytest.raises(AssertionError) as caught:
        first.pop()
    assert isinstance(caught.value, RuntimeError)
    second.pop()
    first.pop()


# -- errors in teardown --------------------------------------------------------------------------


class Quit(BaseException):
    pass


def failing(way, version, *, propagates):
    """An application whose teardown functions fail, and what they were called."""
    app = Erlen("failing", follow_flask=version)
    app.config["PROPAGATE_EXCEPTIONS"] = propagates
    app.extensions["called"] = called = []
    part = Blueprint("part", __name__)
    part.add_url_rule("/", "index", way.colour(lambda: "index"))

    def fails(name):
        def run(*args, **kwargs):
            called.append(name)
            raise ValueError(name)

        return run

    for add in (part.teardown_request, app.teardown_request, app.teardown_appcontext):
        for n in (1, 2):
            add(way.colour(fails(f"{add.__qualname__.partition('.')[0]} {add.__name__} {n}")))
    app.register_blueprint(part)
    # Receivers are kept weakly.
    app.extensions["signals"] = signals = [fails("request signal"), fails("app signal")]
    erlen.request_tearing_down.connect(signals[0], app)
    erlen.appcontext_tearing_down.connect(signals[1], app)
    return app


def shape(error):
    """The messages of the groups, and of the errors in them."""
    if isinstance(error, ExceptionGroup):
        return [shape(each) for each in error.exceptions]
    return str(error)


@pytest.mark.parametrize("version", VERSIONS)
def test_all_errors_of_the_teardown_are_raised_together(way, version):
    app = failing(way, version, propagates=True)
    answer = way.serve(app)
    called = app.extensions["called"]
    assert len(called) == 8
    if version == "3.1":
        assert isinstance(answer.error, ValueError) and str(answer.error) == called[0]
        return
    assert isinstance(answer.error, ExceptionGroup) and "context teardown" in answer.error.message
    of_request, of_app = answer.error.exceptions
    assert "request teardown" in of_request.message and "app teardown" in of_app.message
    assert shape(answer.error) == [called[:5], called[5:]]
    assert called[4] == "request signal" and called[7] == "app signal"


@pytest.mark.parametrize("version", VERSIONS)
def test_each_error_of_the_teardown_is_logged_and_told_alone(way, version, errors):
    app = failing(way, version, propagates=False)
    told = []

    def on_exception(sender, exception):
        told.append(str(exception))

    erlen.got_request_exception.connect(on_exception, app)
    answer = way.ask(app)
    assert answer.text == "index"
    called = app.extensions["called"]
    assert len(called) == 8 and told == called
    assert [str(record.exc_info[1]) for record in errors()] == called


@pytest.mark.parametrize("version", VERSIONS)
def test_the_errors_of_a_context_that_is_popped(version, way):
    app = failing(way, version, propagates=False)
    popped = []

    def on_popped(sender):
        popped.append("popped")

    erlen.appcontext_popped.connect(on_popped, app)
    ctx = app.test_request_context("/")
    ctx.push()
    with pytest.raises(Exception) as caught:
        ctx.pop()
    called = app.extensions["called"]
    assert len(called) == 8
    if version == "3.2":
        assert shape(caught.value) == [called[:5], called[5:]]
        assert popped == ["popped"]
    else:
        assert isinstance(caught.value, ValueError)
    assert not has_app_context() and not has_request_context()
    called.clear()
    with pytest.raises(Exception) as caught, app.app_context():
        pass
    if version == "3.2":
        assert shape(caught.value) == [called]
    else:
        assert not isinstance(caught.value, ExceptionGroup)
    assert len(called) == 3 and not has_app_context()


@pytest.mark.parametrize("version", VERSIONS)
def test_the_error_of_the_view_is_raised_and_no_group(way, version):
    app = failing(way, version, propagates=True)
    app.add_url_rule("/fail", "fail", way.colour(lambda: 1 / 0))
    app.logger.disabled = True
    assert type(way.serve(app, "/fail").error) is ZeroDivisionError


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_no_exception_is_raised_alone(way, version):
    app = failing(way, version, propagates=True)

    @app.teardown_request
    @way.colour
    def quits(error):
        raise Quit

    answer = way.serve(app)
    assert len(app.extensions["called"]) == 8
    # Today it is the first of all.
    assert type(answer.error) is (Quit if version == "3.2" else ValueError)


@pytest.mark.parametrize("name", ["do_teardown_request", "do_teardown_appcontext"])
@pytest.mark.parametrize("version", VERSIONS)
def test_an_overridden_teardown_gives_the_same_groups(way, version, name):
    seen = []
    app = failing(way, version, propagates=True)

    def override(ctx, exc):
        seen.append(name)
        getattr(Erlen, name)(app, ctx, exc)

    setattr(app, name, override)
    answer = way.serve(app)
    called = app.extensions["called"]
    assert seen == [name] and len(called) == 8
    if version == "3.2":
        assert shape(answer.error) == [called[:5], called[5:]]


def test_nothing_is_kept_of_grouped_errors(way, uncollected):
    """A group is of frames that refer to what it holds."""
    import gc

    app = failing(way, "3.2", propagates=False)
    app.logger.disabled = True
    way.ask(app)
    way.ask(app)
    gc.collect()
    way.ask(app)
    left = [each for each in gc.get_objects() if isinstance(each, ExceptionGroup)]
    assert left == []
