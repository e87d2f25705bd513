"""Mistakes of a programmer raise errors that say what happened, why, and what to write."""

from __future__ import annotations

import io
import logging
import types

import pytest

from erlen import (
    Blueprint,
    Erlen,
    abort,
    after_this_request,
    copy_current_request_context,
    current_app,
    flash,
    g,
    jsonify,
    render_template,
    render_template_string,
    request,
    send_file,
    session,
    stream_with_context,
    url_for,
)
from erlen.context.mistakes import DebugFilesKeyError, FormDataRoutingRedirect
from erlen.http.exceptions import BadRequestKeyError
from erlen.routing import BuildError, RequestRedirect


@pytest.fixture
def app(tmp_path):
    app = Erlen("mistakes", root_path=str(tmp_path))
    app.testing = True
    return app


def text_of(error_class, call, *args, **kwargs):
    """The text of the error that a call raises, with its notes."""
    with pytest.raises(error_class) as caught:
        call(*args, **kwargs)
    return "\n".join([str(caught.value), *getattr(caught.value, "__notes__", ())])


def has(text, *words):
    missing = [word for word in words if word not in text]
    assert not missing, f"{missing} not in {text!r}"


def get(app, view, path="/", **kwargs):
    if not app.got_first_request:
        app.add_url_rule(path, "index", view)
    return app.test_client().get(path, **kwargs)


# -- contexts ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        lambda: current_app.config,
        lambda: setattr(g, "x", 1),
        lambda: url_for("index"),
        lambda: render_template("a.html"),
        lambda: render_template_string(""),
        lambda: jsonify(1),
    ],
    ids=["current_app", "g", "url_for", "render_template", "string", "jsonify"],
)
def test_no_application_context(call):
    has(
        text_of(RuntimeError, call),
        "Working outside of application context",
        "no context is active here",
        "with app.app_context():",
    )


@pytest.mark.parametrize(
    "call",
    [
        lambda: request.args,
        lambda: session["x"],
        lambda: flash("x"),
        lambda: send_file("a.txt"),
    ],
    ids=["request", "session", "flash", "send_file"],
)
def test_no_request_context(app, call):
    with app.app_context():
        text = text_of(RuntimeError, call)
    has(text, "Working outside of request context", "with app.test_request_context(")
    has(text, "copy_current_request_context")


def test_functions_of_a_request_say_where_to_call_them(app):
    has(text_of(RuntimeError, after_this_request, lambda r: r), "inside a view or a hook")
    has(
        text_of(RuntimeError, copy_current_request_context, lambda: None),
        "inside the view that starts the thread",
    )
    has(text_of(RuntimeError, stream_with_context, iter("x")), "view function")


def test_a_missing_attribute_of_g(app):
    with app.app_context():
        has(text_of(AttributeError, lambda: g.user), "'user'", "set g.user first", "g.get('user')")


# -- what a view returns -------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, (None, 204)])
def test_a_view_that_returns_none(app, value):
    text = text_of(TypeError, get, app, lambda: value)
    has(text, "'index'", "returned None or ended without a return statement", '("", 204)')


@pytest.mark.parametrize(
    "value", [5, True, 1.5, {1, 2}, object()], ids=["int", "bool", "float", "set", "object"]
)
def test_a_view_that_returns_another_kind(app, value):
    text = text_of(TypeError, get, app, lambda: value)
    has(text, "'index'", f"it was a {type(value).__name__}", "str(value)", "jsonify(value)")


def test_a_view_that_returns_a_function(app):
    has(text_of(TypeError, get, app, lambda: len), "it was a builtin", "parentheses of a call")


def test_a_view_that_forgets_to_await(app):
    async def load():
        return "x"

    made = []

    def view():
        made.append(load())
        return made[0]

    has(text_of(TypeError, get, app, view), "it was a coroutine", "'await' missing")
    made[0].close()


@pytest.mark.parametrize(
    "value", [("a", 1, {}, 4), ("a",), ("a", {"X": "1"}, 200), ("a", [("X", "1")], 200)], ids=repr
)
def test_a_wrong_tuple(app, value):
    has(text_of(TypeError, get, app, lambda: value), "(body, status, headers)", "(body, headers)")


# -- set-up --------------------------------------------------------------------------------


def test_one_name_for_two_views(app):
    def wrap(f):
        def wrapper():
            return f()

        return wrapper

    app.add_url_rule("/a", view_func=wrap(lambda: "a"))
    text = text_of(AssertionError, app.add_url_rule, "/b", view_func=wrap(lambda: "b"))
    has(text, "wrapper", "another name", "endpoint=", "functools.wraps")


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("add_url_rule", lambda app: app.add_url_rule("/late", "late", lambda: "")),
        ("route", lambda app: app.route("/late")),
        ("before_request", lambda app: app.before_request(lambda: None)),
        ("register_blueprint", lambda app: app.register_blueprint(Blueprint("b", "b"))),
        ("errorhandler", lambda app: app.errorhandler(404)),
    ],
)
def test_set_up_after_the_first_request(app, name, call):
    get(app, lambda: "")
    text = text_of(AssertionError, call, app)
    has(text, f"'{name}'", "already handled its first request", "before running")


def test_a_blueprint_that_was_registered_already(app):
    part = Blueprint("part", __name__)
    app.register_blueprint(part)
    text = text_of(AssertionError, part.route, "/late")
    has(text, "'route'", "'part'", "registered already", "before registering it")


def test_two_blueprints_of_one_name(app):
    part = Blueprint("part", __name__)
    app.register_blueprint(part)
    has(text_of(ValueError, app.register_blueprint, part), "'part'", "this blueprint", "name=")
    other = Blueprint("part", __name__)
    has(text_of(ValueError, app.register_blueprint, other), "a different blueprint", "name=")


def test_a_module_in_place_of_its_blueprint(app):
    text = text_of(TypeError, app.register_blueprint, types.ModuleType("auth"))
    has(text, "takes a Blueprint", "module 'auth'", "app.register_blueprint(module.name)")


@pytest.mark.parametrize(("name", "words"), [("a.b", "dot"), ("", "empty")])
def test_names_of_blueprints(name, words):
    has(text_of(ValueError, Blueprint, name, __name__), "'name'", words)


def test_decorators_without_parentheses(app):
    def index():
        return ""

    has(text_of(TypeError, app.route, index), "index", '@app.route("/path")')
    has(text_of(TypeError, app.get, index), '@app.route("/path")')
    has(text_of(ValueError, app.errorhandler, index), "'index'", "@app.errorhandler(404)")


@pytest.mark.parametrize(
    ("rule", "error", "words"),
    [
        ("about", ValueError, ["'about'", "start with a slash"]),
        ("/<name", ValueError, ["'/<name'", "<converter:name>"]),
        ("/<x>/<x>", ValueError, ["'x'", "twice"]),
        ("/<number:x>", LookupError, ["'number'", "int", "app.url_map.converters"]),
    ],
)
def test_wrong_rules(app, rule, error, words):
    has(text_of(error, app.add_url_rule, rule, "x", lambda: ""), *words)


def test_wrong_methods(app):
    call = app.add_url_rule
    has(text_of(TypeError, call, "/", "x", lambda: "", methods="POST"), 'methods=["POST"]')
    has(text_of(TypeError, app.post, "/", methods=["GET"]), "'route' decorator")


def test_a_rule_without_a_view(app):
    has(text_of(AssertionError, app.add_url_rule, "/"), "view_func=", "endpoint=")
    app.add_url_rule("/x", "x")
    text = text_of(KeyError, app.test_client().get, "/x")
    has(text, "'x'", "no view", "@app.endpoint('x')")


@pytest.mark.parametrize(
    ("key", "error", "words"),
    [
        (999, ValueError, ["'999'", "subclass of HTTPException"]),
        (ValueError("x"), TypeError, ["is an instance, not a class"]),
        (dict, ValueError, ["'dict' is not a subclass of Exception"]),
        ("404", ValueError, ["'404'", "@app.errorhandler(404)"]),
    ],
)
def test_wrong_error_handlers(app, key, error, words):
    has(text_of(error, app.register_error_handler, key, lambda e: ""), *words)
    has(text_of(error, app.errorhandler, key), *words)


def test_folders_and_hosts():
    has(text_of(ValueError, Erlen, "x", instance_path="instance"), "must be absolute")
    has(text_of(AssertionError, Erlen, "x", static_host="h"), "static_host", "host_matching")
    has(text_of(AssertionError, Erlen, "x", host_matching=True), "static_folder=None")


# -- configuration ---------------------------------------------------------------------------


def test_a_missing_key(app):
    text = text_of(KeyError, lambda: app.config["DATABASE"])
    has(text, "no key 'DATABASE'", "config.get('DATABASE')", "upper case")
    with pytest.raises(KeyError) as caught:
        app.config["DATABASE"]
    assert caught.value.args == ("DATABASE",)
    assert app.config.get("DATABASE") is None
    with app.app_context():
        assert render_template_string("{{ config.DATABASE }}{{ config['DATABASE'] }}") == ""


def test_an_environment_variable_that_is_not_set(app, monkeypatch):
    monkeypatch.delenv("OWN_SETTINGS", raising=False)
    text = text_of(RuntimeError, app.config.from_envvar, "OWN_SETTINGS")
    has(text, "'OWN_SETTINGS' is not set", "Set this variable")


def test_an_environment_variable_that_leads_into_no_dictionary(app, monkeypatch):
    app.config["DB"] = "sqlite://"
    monkeypatch.setenv("OWN_DB__HOST", "h")
    text = text_of(TypeError, app.config.from_prefixed_env, "OWN")
    has(text, "OWN_DB__HOST", "'DB'", "a str there", "dictionary")


# -- templates -------------------------------------------------------------------------------


def test_a_missing_template(app):
    from jinja2 import TemplateNotFound

    with app.app_context():
        text = text_of(TemplateNotFound, render_template, "page.html")
    has(text, "page.html", f"{app.root_path}/templates", "EXPLAIN_TEMPLATE_LOADING")


# -- URLs ------------------------------------------------------------------------------------


@pytest.fixture
def linked(app):
    app.config["SERVER_NAME"] = "example.org"
    app.add_url_rule("/user/<int:id>/<tab>", "user", lambda id, tab: "")
    app.add_url_rule("/login", "login", lambda: "", methods=["POST"])
    return app


@pytest.mark.parametrize(
    ("endpoint", "values", "words"),
    [
        ("usr", {}, ["endpoint 'usr'", "Did you mean 'user' instead?"]),
        ("user", {"id": 1}, ["with values ['id']", "forget to specify values ['tab']"]),
        ("user", {"id": 1, "tab": None}, ["forget to specify values ['tab']"]),
        ("login", {"_method": "PUT"}, ["('PUT')", "use methods ['OPTIONS', 'POST']"]),
    ],
)
@pytest.mark.parametrize("in_request", [True, False], ids=["request", "application"])
def test_a_url_that_cannot_be_built(linked, endpoint, values, words, in_request):
    context = linked.test_request_context("/") if in_request else linked.app_context()
    with context:
        has(text_of(BuildError, url_for, endpoint, **values), *words)


def test_a_value_that_the_converter_cannot_write(linked):
    def view():
        return text_of(ValueError, url_for, "user", id="ada", tab="x")

    linked.add_url_rule("/", "index", view)
    client = linked.test_client()
    for _ in range(2):
        has(client.get("/").text, "'user'", "'id': 'ada'", "converter")


def test_a_url_outside_of_a_request_without_a_server_name(app):
    app.add_url_rule("/", "index", lambda: "")
    with app.app_context():
        text = text_of(RuntimeError, url_for, "index")
    has(text, "SERVER_NAME", "app.config", "test_request_context()")


def test_a_scheme_without_a_host(linked):
    with linked.test_request_context():
        text = text_of(ValueError, url_for, "login", _scheme="https", _external=False)
    has(text, "'_scheme'", "'_external' must be True")


@pytest.mark.parametrize("code", [999, "404"])
def test_an_error_that_does_not_exist(app, code):
    text = text_of(LookupError, abort, code)
    has(text, f"no exception for {code!r}", "such as 404", "Response(")


# -- sessions --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "use",
    [
        lambda: session.update(a=1),
        lambda: session.__setitem__("a", 1),
        lambda: session.pop("a", None),
        lambda: session.setdefault("a", 1),
        lambda: session.clear(),
        lambda: setattr(session, "permanent", True),
        lambda: flash("x"),
    ],
    ids=["update", "set", "pop", "setdefault", "clear", "permanent", "flash"],
)
def test_a_session_without_a_secret_key(app, use):
    with app.test_request_context():
        text = text_of(RuntimeError, use)
    has(text, "no secret key was set", "app.secret_key =", "secrets.token_hex()")


def test_reading_a_session_without_a_secret_key_is_no_mistake(app):
    with app.test_request_context():
        assert session.get("a") is None
        assert "a" not in session
        assert dict(session) == {}


def test_an_object_in_a_session(app):
    app.secret_key = "test"

    def view():
        session.update(name="ada", user=object(), deep=[{"a": {1, 2}}])
        return ""

    text = text_of(TypeError, get, app, view)
    has(text, "session['user'], session['deep']", "keep the id of an object")
    assert "session['name']" not in text


# -- forms -----------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["form", "args", "values", "cookies"])
def test_a_missing_field_in_debug_mode(app, where):
    app.debug = True

    def view():
        return getattr(request, where)["name"]

    app.add_url_rule("/", "index", view, methods=["POST"])
    with pytest.raises(BadRequestKeyError) as caught:
        app.test_client().post("/", data={"other": "1"})
    assert caught.value.args == ("name",)
    has(str(caught.value), "KeyError: 'name'", "get('name')")
    app.config["TRAP_BAD_REQUEST_ERRORS"] = False
    response = app.test_client().post("/", data={"other": "1"})
    assert response.status_code == 400
    has(response.text, "KeyError: &#39;name&#39;", "get(&#39;name&#39;)")


def test_a_form_with_the_wrong_enctype(app):
    app.debug = True
    app.add_url_rule("/", "index", lambda: request.files["photo"].filename, methods=["POST"])
    text = text_of(DebugFilesKeyError, app.test_client().post, "/", data={"photo": "cat.jpg"})
    has(text, "'photo'", "no file contents", 'enctype="multipart/form-data"', "'cat.jpg'")


def test_a_redirect_that_loses_the_form(app, monkeypatch):
    app.debug = True
    monkeypatch.setattr(RequestRedirect, "code", 302)
    app.add_url_rule("/user/", "user", lambda: "", methods=["POST"])
    text = text_of(FormDataRoutingRedirect, app.test_client().post, "/user", data={"a": "1"})
    has(text, "canonical URL 'http://localhost/user/'", "307 or 308", "debug mode")


def test_json_of_another_media_type(app):
    app.add_url_rule("/", "index", lambda: request.get_json(), methods=["POST"])
    response = app.test_client().post("/", data="{}", content_type="text/plain")
    assert response.status_code == 415
    has(response.text, "&#39;application/json&#39;")


# -- answers ---------------------------------------------------------------------------------


def test_files_that_cannot_be_sent(app):
    with app.test_request_context():
        has(text_of(TypeError, send_file, io.BytesIO()), "'download_name'", "'mimetype'")


def test_both_kinds_of_json_arguments(app):
    with app.app_context():
        has(text_of(TypeError, jsonify, 1, a=2), "args or kwargs, not both")


# -- spelling --------------------------------------------------------------------------------


def test_a_misspelt_attribute_of_the_application(app):
    has(text_of(AttributeError, lambda: app.test), "'testing'")
    assert not hasattr(app, "rout")


def test_an_unhandled_mistake_is_logged_and_not_told(app, caplog):
    app.testing = False
    with caplog.at_level(logging.ERROR, app.name):
        response = get(app, lambda: None)
    assert response.status_code == 500
    assert "returned None" not in response.text
    assert "returned None" in caplog.text
