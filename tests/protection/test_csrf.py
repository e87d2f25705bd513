"""Requests that a page of another site may have forged."""

from __future__ import annotations

import base64
import functools
import io
import re
import sys
import time
import types

import pytest

import erlen.protection.csrf
from erlen import (
    Blueprint,
    Erlen,
    abort,
    g,
    jsonify,
    render_template_string,
    request,
    session,
    stream_request_body,
    stream_template_string,
    stream_with_context,
)
from erlen.protection.csrf import CSRF, CSRFError, csrf_token
from erlen.sessions.server_side import ServerSideSessionInterface
from erlen.sessions.stores import MemoryStore
from erlen.views import MethodView

FORM = '<input name="csrf_token" value="{{ csrf_token() }}">'


@pytest.fixture(params=["wsgi", "asgi"], autouse=True)
def interface(request, monkeypatch):
    monkeypatch.setenv("ERLEN_TEST_INTERFACE", request.param)
    return request.param


@pytest.fixture
def app():
    app = Erlen(__name__)
    app.config.update(SECRET_KEY="key", TESTING=True)
    app.csrf = CSRF(app)

    @app.get("/form")
    def form():
        return render_template_string(FORM)

    @app.route("/act", methods=["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"])
    def act():
        return request.form.get("name", "done")

    @app.post("/act-async")
    async def act_async():
        return request.form.get("name", "done")

    @app.errorhandler(CSRFError)
    def refused(error):
        return jsonify(reason=error.reason, text=error.description), error.code

    return app


@pytest.fixture
def client(app):
    return app.test_client()


def token_of(client):
    return re.search('value="([^"]+)"', client.get("/form").text)[1]


def refusal(response):
    """The reason of a refused request; ``None`` if it was let through."""
    if response.status_code == 200:
        return None
    assert response.status_code == 400
    return response.json["reason"]


BROWSERS = [
    # headers, with a token, whether it passes
    ({}, False, "no-session"),
    ({}, True, None),
    ({"Sec-Fetch-Site": "same-origin"}, False, None),
    ({"Sec-Fetch-Site": "none"}, False, None),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, False, None),
    # The host was changed by a proxy; the browser knows better.
    ({"Sec-Fetch-Site": "same-origin", "Origin": "https://a.example"}, False, None),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, False, None),
    ({"Sec-Fetch-Site": "cross-site"}, False, "other-origin"),
    ({"Sec-Fetch-Site": "cross-site"}, True, "other-origin"),
    ({"Sec-Fetch-Site": "same-site"}, True, "other-origin"),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, True, "other-origin"),
    ({"Sec-Fetch-Site": "", "Origin": "http://localhost"}, True, "other-origin"),
    ({"Sec-Fetch-Site": "SAME-ORIGIN"}, True, "other-origin"),
    ({"Sec-Fetch-Site": "whatever"}, True, "other-origin"),
    ({"Origin": "http://localhost"}, False, None),
    ({"Origin": "https://localhost"}, False, None),
    ({"Origin": "http://localhost:5000"}, False, "other-origin"),
    ({"Origin": "http://localhost:5000"}, True, None),
    ({"Origin": "http://localhost.evil.com"}, False, "other-origin"),
    ({"Origin": "not an origin"}, False, "other-origin"),
    ({"Origin": "null"}, False, "no-session"),
    ({"Origin": "null"}, True, None),
    ({"Origin": ""}, False, "no-session"),
]


@pytest.mark.parametrize("path", ["/act", "/act-async"])
@pytest.mark.parametrize(("headers", "with_token", "reason"), BROWSERS)
def test_what_the_browser_says(client, headers, with_token, reason, path):
    data = {"name": "n"}
    if with_token:
        data["csrf_token"] = token_of(client)
    response = client.post(path, data=data, headers=headers)
    assert refusal(response) == reason
    if reason is None:
        assert response.text == "n"


@pytest.mark.parametrize("name", ["X-CSRF-Token", "X-CSRFToken", "x-csrf-token"])
@pytest.mark.parametrize("path", ["/act", "/act-async"])
def test_a_header_has_the_token_too(client, name, path):
    token = token_of(client)
    assert refusal(client.post(path, headers={name: token})) is None
    assert refusal(client.post(path, headers={name: token[:-1]})) == "token-invalid"


def test_the_token_of_the_header_comes_before_that_of_the_form(client):
    token = token_of(client)
    for header, field, reason in [(token, "x", None), ("x", token, "token-invalid")]:
        response = client.post("/act", data={"csrf_token": field}, headers={"X-CSRF-Token": header})
        assert refusal(response) == reason


def test_a_multipart_form_has_the_token(client):
    token = token_of(client)
    data = {"csrf_token": token, "name": "n", "file": (io.BytesIO(b"x"), "x.txt")}
    response = client.post("/act", data=data)
    assert (refusal(response), response.text) == (None, "n")


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_safe_methods_are_not_asked(client, method):
    response = client.open("/act", method=method, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_unsafe_methods_of_other_sites_are_refused(client, method):
    response = client.open("/act", method=method, headers={"Sec-Fetch-Site": "cross-site"})
    assert refusal(response) == "other-origin"


@pytest.mark.parametrize(
    ("method", "content_type", "needs_token"),
    [
        ("POST", "application/x-www-form-urlencoded", True),
        ("POST", "multipart/form-data; boundary=x", True),
        ("POST", "text/plain", True),
        ("POST", "TEXT/PLAIN; charset=utf-8", True),
        ("POST", None, True),
        ("POST", "", True),
        # A browser asks before it sends these to another site, and Origin tells of it.
        ("POST", "application/json", False),
        ("PUT", "application/x-www-form-urlencoded", False),
        ("DELETE", None, False),
    ],
)
@pytest.mark.parametrize("required", ["forms", "always", "never"])
def test_which_silent_requests_need_a_token(
    app, client, method, content_type, needs_token, required
):
    app.config["CSRF_REQUIRE_TOKEN"] = required
    token = token_of(client)
    needs = {"forms": needs_token, "always": True, "never": False}[required]
    response = client.open("/act", method=method, content_type=content_type)
    assert refusal(response) == ("token-missing" if needs else None)
    headers = {"X-CSRF-Token": token}
    response = client.open("/act", method=method, content_type=content_type, headers=headers)
    assert refusal(response) is None


def test_always_asks_for_a_token_beside_the_headers(app, client):
    app.config["CSRF_REQUIRE_TOKEN"] = "always"
    same, other = {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "cross-site"}
    token = token_of(client)
    assert refusal(client.post("/act", headers=same)) == "token-missing"
    assert refusal(client.post("/act", data={"csrf_token": token}, headers=same)) is None
    assert refusal(client.post("/act", data={"csrf_token": token}, headers=other)) == "other-origin"


def test_never_asks_for_a_token_but_still_asks_the_browser(app, client):
    app.config["CSRF_REQUIRE_TOKEN"] = "never"
    assert refusal(client.post("/act")) is None
    assert refusal(client.post("/act", headers={"Origin": "https://evil.com"})) == "other-origin"


def test_an_unknown_setting_is_an_error_that_helps(app, client):
    app.config["CSRF_REQUIRE_TOKEN"] = "sometimes"
    with pytest.raises(ValueError, match="set it to 'forms', 'always' or 'never'"):
        client.post("/act")


@pytest.mark.parametrize("setting", ["https://*.example.org", ["https://a.example.org"]])
@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}])
def test_trusted_origins_pass(app, client, setting, headers):
    app.config["CSRF_TRUSTED_ORIGINS"] = setting
    for origin, reason in [
        ("https://a.example.org", None),
        ("https://a.example.org.evil.com", "other-origin"),
        ("http://a.example.org", "other-origin"),
    ]:
        response = client.post("/act", headers={"Origin": origin, **headers})
        assert refusal(response) == reason


def test_trusted_origins_may_change(app, client):
    headers = {"Origin": "https://a.example"}
    app.config["CSRF_TRUSTED_ORIGINS"] = ["https://b.example"]
    assert refusal(client.post("/act", headers=headers)) == "other-origin"
    app.config["CSRF_TRUSTED_ORIGINS"] = ["https://a.example"]
    assert refusal(client.post("/act", headers=headers)) is None


# -- tokens ----------------------------------------------------------------------------------


def test_each_answer_has_another_token_and_all_are_good(client):
    tokens = [token_of(client) for _ in range(20)]
    assert len(set(tokens)) == 20
    # Masked as a whole: no place has the same letter in all of them, but for the padding.
    shared = [place for place in zip(*tokens, strict=True) if len(set(place)) == 1]
    assert len(shared) <= tokens[0].count("=")
    for token in tokens:
        assert refusal(client.post("/act", data={"csrf_token": token})) is None


def test_one_answer_has_one_token(app, client):
    app.add_url_rule("/twice", "twice", lambda: f"{csrf_token()} {csrf_token()}")
    first, second = client.get("/twice").text.split(" ")
    assert first == second


def test_the_token_of_another_session_is_refused(app, client):
    other = app.test_client()
    token_of(client)
    response = client.post("/act", data={"csrf_token": token_of(other)})
    assert refusal(response) == "token-invalid"


def test_a_token_without_its_session_is_refused(app, client):
    token = token_of(client)
    response = app.test_client().post("/act", data={"csrf_token": token})
    assert refusal(response) == "no-session"


def test_the_token_is_not_the_secret_of_the_session(client):
    token_of(client)
    with client.session_transaction() as state:
        secret = state["_csrf"]
    for value in (secret, "", base64.urlsafe_b64encode(bytes(74)).decode()):
        response = client.post("/act", headers={"X-CSRF-Token": value})
        assert refusal(response) in ("token-invalid", "token-missing")


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t[:-4], lambda t: t + "AAAA", lambda t: t[:50] + "é" + t[51:],
        lambda t: "!" * len(t), lambda t: t[::-1], lambda t: t.swapcase(), lambda t: "=" * len(t),
        lambda t: t[:48] + ("A" if t[48] != "A" else "B") + t[49:], lambda t: "\0" * len(t),
        lambda t: "a" * 400_000,
    ],
)  # fmt: skip
def test_a_changed_token_is_refused(client, change):
    token = token_of(client)
    response = client.post("/act", data={"csrf_token": change(token)})
    assert refusal(response) == "token-invalid"


def at(monkeypatch, seconds):
    clock = types.SimpleNamespace(time=lambda: time.time() + seconds)
    monkeypatch.setattr(erlen.protection.csrf, "time", clock)


@pytest.mark.parametrize(
    ("limit", "age", "reason"),
    [
        (86_400, 86_000, None),
        (86_400, 86_500, "token-expired"),
        (60, 100, "token-expired"),
        (None, 10**8, None),
    ],
)
def test_a_token_has_its_time(app, client, monkeypatch, limit, age, reason):
    app.config["CSRF_TIME_LIMIT"] = limit
    token = token_of(client)
    with client.session_transaction() as state:
        secret = state["_csrf"]
    at(monkeypatch, age)
    app.permanent_session_lifetime = 10**9
    with client.session_transaction() as state:
        state["_csrf"] = secret
    assert refusal(client.post("/act", data={"csrf_token": token})) == reason


def test_a_rotated_key_verifies_and_a_foreign_one_does_not(app, client):
    token = token_of(client)
    app.config.update(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["key"])
    assert refusal(client.post("/act", data={"csrf_token": token})) is None
    with client.session_transaction() as state:
        secret = state["_csrf"]
    app.config.update(SECRET_KEY="foreign", SECRET_KEY_FALLBACKS=None)
    with client.session_transaction() as state:
        state["_csrf"] = secret
    assert refusal(client.post("/act", data={"csrf_token": token})) == "token-invalid"


def test_sessions_on_the_server_need_no_key(app):
    app.session_interface = ServerSideSessionInterface(MemoryStore())
    app.secret_key = None
    client = app.test_client()
    assert refusal(client.post("/act", data={"csrf_token": token_of(client)})) is None
    assert refusal(client.post("/act", data={"csrf_token": "x"})) == "token-invalid"


def test_without_a_key_the_error_tells_what_to_set(app, client):
    app.secret_key = None
    with pytest.raises(RuntimeError, match="secret_key"):
        client.get("/form")
    assert refusal(client.post("/act", data={"csrf_token": "x"})) == "no-session"


def test_a_log_in_makes_old_tokens_invalid(app, client):
    @app.post("/login")
    def login():
        before = csrf_token()
        if "clear" in request.args:
            session.clear()
        else:
            app.csrf.renew()
        assert csrf_token() != before
        return csrf_token()

    for how in ("/login?clear", "/login"):
        old = token_of(client)
        new = client.post(how, data={"csrf_token": old}).text
        assert refusal(client.post("/act", data={"csrf_token": old})) == "token-invalid"
        assert refusal(client.post("/act", data={"csrf_token": new})) is None


def test_renewing_no_session_makes_none(app, client):
    @app.get("/renew")
    def renew():
        app.csrf.renew()
        return ""

    assert "Set-Cookie" not in client.get("/renew").headers


def test_a_page_with_a_token_is_not_for_shared_caches(client):
    assert "Cookie" in client.get("/form").headers["Vary"]
    # Also for a session that has its secret already.
    assert "Cookie" in client.get("/form").headers["Vary"]


def test_what_asks_for_no_token_touches_no_session(client):
    token_of(client)
    for response in (client.get("/act"), client.post("/act", headers={"Sec-Fetch-Site": "none"})):
        assert response.status_code == 200
        assert "Vary" not in response.headers


def test_a_secret_of_another_shape_is_replaced(client):
    with client.session_transaction() as state:
        state["_csrf"] = ["x"]
    assert refusal(client.post("/act", data={"csrf_token": "x"})) == "no-session"
    assert refusal(client.post("/act", data={"csrf_token": token_of(client)})) is None


def told_or_token():
    try:
        return csrf_token()
    except RuntimeError as error:
        return str(error)


@pytest.mark.parametrize("path", ["/stream", "/stream-async"])
@pytest.mark.parametrize("is_overridden", [False, True])
def test_a_stream_needs_its_first_token_from_the_view(app, client, path, is_overridden):
    if is_overridden:
        # The way of applications that replace a step.
        app.preprocess_request = app.preprocess_request

    @app.get("/stream")
    def stream():
        if "early" in request.args:
            csrf_token()
        return stream_template_string("{{ told_or_token() }}", told_or_token=told_or_token)

    @app.get("/stream-async")
    async def stream_async():
        async def pieces():
            yield told_or_token()

        if "early" in request.args:
            csrf_token()
        return stream_with_context(pieces())

    told = client.get(path, buffered=True).text
    assert "in the view as well, before it returns the stream" in told
    for query in ("?early", "?early", ""):
        # The last one is that of a session that has what it takes.
        token = client.get(path + query, buffered=True).text
        assert refusal(client.post("/act", data={"csrf_token": token})) is None


# -- exemptions ------------------------------------------------------------------------------


def wrapped(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


def post(client, path):
    return refusal(client.post(path, headers={"Sec-Fetch-Site": "cross-site"}))


def test_exempt_views(app, client):
    csrf = app.csrf

    @csrf.exempt
    @app.post("/outside")
    def outside():
        return ""

    @app.post("/inside")
    @csrf.exempt
    def inside():
        return ""

    @app.post("/wrapped")
    @wrapped
    @csrf.exempt
    def deep():
        return ""

    @app.post("/async")
    @csrf.exempt
    async def asynchronous():
        return ""

    for path in ("/outside", "/inside", "/wrapped", "/async"):
        assert post(client, path) is None
    assert post(client, "/act") == "other-origin"
    assert csrf.exempt("act") == "act"
    assert post(client, "/act") is None


def test_exempt_classes_and_methods(app, client):
    csrf = app.csrf

    @csrf.exempt
    class Exempt(MethodView):
        def post(self):
            return ""

    class Checked(Exempt):
        pass

    class Decorated(MethodView):
        decorators = [csrf.exempt]  # noqa: RUF012 - Flask's way

        def post(self):
            return ""

    class Holder:
        def view(self):
            return ""

    method = csrf.exempt(Holder().view)
    app.add_url_rule("/exempt", view_func=Exempt.as_view("exempt"))
    app.add_url_rule("/checked", view_func=Checked.as_view("checked"))
    app.add_url_rule("/decorated", view_func=Decorated.as_view("decorated"))
    app.add_url_rule("/method", "method", method, methods=["POST"])
    for path, reason in [
        ("/exempt", None),
        ("/decorated", None),
        ("/method", None),
        ("/checked", "other-origin"),
    ]:
        assert post(client, path) == reason


def test_exempt_blueprints(app, client):
    outer, inner, other = (Blueprint(name, __name__) for name in ("outer", "inner", "other"))
    for blueprint in (outer, inner, other):
        blueprint.add_url_rule("/x", "x", lambda: "", methods=["POST"])
    outer.register_blueprint(inner, url_prefix="/inner")
    app.register_blueprint(app.csrf.exempt(outer), url_prefix="/outer", name="renamed")
    app.register_blueprint(other, url_prefix="/other")
    assert post(client, "/outer/x") is None
    assert post(client, "/outer/inner/x") is None
    assert post(client, "/other/x") == "other-origin"


def test_exempt_takes_nothing_else(app):
    with pytest.raises(TypeError, match="This takes a view function, a blueprint or an endpoint"):
        app.csrf.exempt(3)


def test_a_view_can_be_checked_by_hand(app, client):
    @app.route("/sometimes", methods=["GET", "POST"])
    @app.csrf.exempt
    def sometimes():
        if "check" in request.args:
            app.csrf.check()
        return ""

    assert post(client, "/sometimes") is None
    assert post(client, "/sometimes?check=1") == "other-origin"


def test_the_check_can_be_turned_off(app, client):
    app.config["CSRF_ENABLED"] = False
    assert post(client, "/act") is None


# -- errors ----------------------------------------------------------------------------------


def test_the_error_is_a_bad_request_with_a_page_of_its_own(app):
    del app.error_handler_spec[None][400][CSRFError]
    response = app.test_client().post("/act")
    assert response.status_code == 400
    assert "The session has no CSRF token" in response.text


def test_the_handler_of_400_gets_it_and_blueprints_come_first(app):
    del app.error_handler_spec[None][400][CSRFError]
    app.register_error_handler(400, lambda error: (f"app {error.reason}", 400))
    blueprint = Blueprint("b", __name__)
    blueprint.add_url_rule("/b", "b", lambda: "", methods=["POST"])
    blueprint.register_error_handler(CSRFError, lambda error: (f"b {error.reason}", 403))
    app.register_blueprint(blueprint)
    client = app.test_client()
    assert client.post("/act").text == "app no-session"
    assert client.post("/b").text == "b no-session"


def test_an_async_error_handler_gets_it(app, client):
    @app.errorhandler(CSRFError)
    async def refused(error):
        return error.reason, 418

    response = client.post("/act-async")
    assert (response.status_code, response.text) == (418, "no-session")


@pytest.mark.parametrize(
    ("headers", "advice"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, "CSRF_TRUSTED_ORIGINS"),
        ({"Origin": "https://a.example"}, "ProxyFix"),
        ({}, "{{ csrf_token() }}"),
        ({"X-CSRF-Token": "x"}, "SECRET_KEY"),
    ],
)
def test_the_programmer_is_told_more_than_the_client(app, client, headers, advice):
    token_of(client)
    assert advice not in client.post("/act", headers=headers).json["text"]
    app.debug = True
    assert advice in client.post("/act", headers=headers).json["text"]
    # And the next client nothing of it.
    app.debug = False
    assert advice not in client.post("/act", headers=headers).json["text"]


def test_what_no_view_answers_keeps_its_own_error(client):
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/missing", headers=headers).status_code == 404
    assert client.post("/form", headers=headers).status_code == 405


# -- bodies ----------------------------------------------------------------------------------


def test_the_body_is_parsed_only_where_its_token_decides(app, client):
    @app.before_request
    def look():
        g.parsed = "form" in request.__dict__

    app.add_url_rule("/parsed", "parsed", lambda: jsonify(g.parsed), methods=["POST"])
    token = token_of(client)
    for headers, parsed in [
        ({"Sec-Fetch-Site": "same-origin"}, False),
        ({"Origin": "http://localhost"}, False),
        ({"X-CSRF-Token": token}, False),
        ({}, True),
    ]:
        response = client.post("/parsed", data={"csrf_token": token}, headers=headers)
        assert response.json is parsed


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_client_without_a_token_gets_nothing_parsed(app, headers):
    class Unparsed(app.request_class):
        def _load_form_data(self):
            raise AssertionError("the body was parsed")

    app.request_class = Unparsed
    response = app.test_client().post("/act", data={"csrf_token": "x"}, headers=headers)
    assert refusal(response) is not None


def test_the_limits_hold(app, client):
    token = token_of(client)
    app.config["MAX_CONTENT_LENGTH"] = 1_000
    response = client.post("/act", data={"csrf_token": token, "name": "n" * 2_000})
    assert response.status_code == 413
    assert refusal(client.post("/act", data={"csrf_token": token, "name": "n"})) is None


def test_a_view_that_streams_the_body_keeps_it(app, client):
    @app.post("/stream")
    @stream_request_body
    async def stream():
        return str(sum([len(piece) async for piece in request.stream]))

    token = token_of(client)
    data = {"csrf_token": token, "name": "n" * 5_000}
    assert refusal(client.post("/stream", data=data)) == "token-missing"
    headers = {"X-CSRF-Token": token}
    assert int(client.post("/stream", data=data, headers=headers).text) > 5_000


# -- beside others ---------------------------------------------------------------------------


def test_the_names_of_fields_and_headers_are_settings(app, client):
    app.config.update(CSRF_FIELD_NAME="_token", CSRF_HEADERS=["X-XSRF-TOKEN"])
    token = token_of(client)
    assert refusal(client.post("/act", data={"_token": token})) is None
    assert refusal(client.post("/act", headers={"X-XSRF-TOKEN": token})) is None
    assert refusal(client.post("/act", data={"csrf_token": token})) == "token-missing"
    assert refusal(client.post("/act", headers={"X-CSRF-Token": token})) == "token-missing"


def test_settings_from_before_are_kept():
    app = Erlen(__name__)
    app.config["CSRF_TIME_LIMIT"] = 5
    CSRF().init_app(app)
    assert app.config["CSRF_TIME_LIMIT"] == 5
    assert app.config["CSRF_ENABLED"] is True


def test_one_object_protects_several_applications():
    csrf = CSRF()
    for name in ("a", "b"):
        app = Erlen(name)
        csrf.init_app(app)
        app.add_url_rule("/", "x", lambda: "", methods=["POST"])
        assert app.test_client().post("/").status_code == 400


def test_twice_is_an_error_that_helps(app):
    with pytest.raises(RuntimeError, match="has its CSRF already"):
        CSRF(app)


class FlaskWTF:
    """What Flask-WTF's ``CSRFProtect`` does to an application."""

    def __init__(self, app):
        app.extensions["csrf"] = self
        app.jinja_env.globals["csrf_token"] = self.generate
        app.context_processor(lambda: {"csrf_token": self.generate})

        @app.before_request
        def protect():
            if request.method == "POST":
                try:
                    validate(request.form.get("csrf_token"))
                except ValidationError:
                    abort(400)

    def generate(self):
        return "theirs"


class ValidationError(ValueError):
    pass


def validate(token):
    if token != "theirs":
        raise ValidationError(token)


@pytest.mark.parametrize("comes_first", [True, False])
def test_beside_flask_wtf_its_token_is_good(interface, monkeypatch, comes_first):
    module = types.ModuleType("flask_wtf.csrf")
    module.validate_csrf = validate
    monkeypatch.setitem(sys.modules, "flask_wtf.csrf", module)
    monkeypatch.setattr(FlaskWTF, "__module__", "flask_wtf.csrf")
    # A subclass of an application's own.
    extension = type("Own", (FlaskWTF,), {"__module__": __name__})
    app = Erlen(__name__)
    app.config.update(SECRET_KEY="key")
    for extend in (extension, CSRF) if comes_first else (CSRF, extension):
        extend(app)
    app.add_url_rule("/form", "form", lambda: render_template_string(FORM))
    app.add_url_rule("/act", "act", lambda: "done", methods=["POST"])
    client = app.test_client()
    token = token_of(client)
    assert token == "theirs"
    assert client.post("/act", data={"csrf_token": token}).text == "done"
    assert client.post("/act", data={"csrf_token": "x"}).status_code == 400
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/act", data={"csrf_token": token}, headers=headers).status_code == 400
