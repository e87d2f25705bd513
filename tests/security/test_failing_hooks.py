"""Cases 124 and 125: the headers of an answer that failed, or that is one person's."""

from __future__ import annotations

from io import BytesIO

import pytest

from erlen import Erlen, Response, send_file, session
from erlen.protection.preset import secure

NEEDED = {
    "Content-Security-Policy", "Cross-Origin-Opener-Policy", "Referrer-Policy",
    "X-Content-Type-Options", "X-Frame-Options",
}  # fmt: skip


@pytest.fixture
def app(interface):
    app = Erlen("x")
    app.config.update(PROPAGATE_EXCEPTIONS=False, SECRET_KEY="k" * 40)
    return app


def fail(response):
    raise RuntimeError("the hook")


async def fail_async(response):
    raise RuntimeError("the hook")


@pytest.mark.parametrize("hook", [fail, fail_async])
@pytest.mark.parametrize(
    "where",
    [pytest.param(w, id=f"case-124-{w}") for w in ("before-the-preset", "behind-it", "request")],
)
def test_a_failing_hook_keeps_the_security_headers(app, where, hook, caplog):
    from erlen import after_this_request

    if where == "before-the-preset":
        app.after_request(hook)
    secure(app)
    if where == "behind-it":
        app.after_request(hook)

    @app.route("/")
    def view():
        if where == "request":
            after_this_request(hook)
        return "text"

    response = app.test_client().get("/")
    assert response.status_code == 500
    assert set(response.headers.keys()) >= NEEDED
    assert "the hook" in caplog.text


def test_the_other_hooks_run_once_more(app):
    app.after_request(lambda response: mark(response, "X-First"))
    app.after_request(fail)
    app.after_request(lambda response: mark(response, "X-Last"))
    app.add_url_rule("/", "x", lambda: "text")
    headers = app.test_client().get("/").headers
    assert {"X-First", "X-Last"} <= set(headers.keys())


def mark(response, name):
    response.headers[name] = "1"
    return response


def stored(**age):
    def view():
        response = Response("text")
        for name, value in age.items():
            setattr(response.cache_control, name, value)
        return response

    return view


@pytest.mark.parametrize(
    "view",
    [
        pytest.param(lambda: send_file(BytesIO(b"x"), "a/b", max_age=60), id="case-125-file"),
        pytest.param(lambda: send_file(__file__, max_age=60), id="case-125-path"),
        pytest.param(stored(public=True, max_age=60), id="case-125-page"),
        pytest.param(stored(max_age=60), id="case-125-age-alone"),
        pytest.param(stored(s_maxage=60), id="case-125-shared-age"),
    ],
)
@pytest.mark.parametrize("reads", [True, False], ids=["reads", "reads-not"])
def test_a_page_that_read_the_session_is_private(app, view, reads):
    secure(app)

    @app.route("/")
    def index():
        if reads:
            session.get("user")
        return view()

    control = app.test_client().get("/").cache_control
    assert bool(control.private) is reads
    assert not (reads and control.public)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(value, id=f"case-125-{value}")
        for value in ("public", "Public, Max-Age=60", "PUBLIC", 'public, private="Set-Cookie"')
    ],
)
def test_what_is_public_however_it_is_written(app, value):
    secure(app)

    @app.route("/")
    def index():
        session.get("user")
        return "text", {"Cache-Control": value}

    control = app.test_client().get("/").headers["Cache-Control"].lower()
    assert "private" in control.split(", ")
    assert "public" not in control


@pytest.mark.parametrize("before", [True, False], ids=["case-125-hook-before", "behind"])
@pytest.mark.parametrize("does", ["reads", "publishes"])
def test_a_hook_of_another_may_read_or_publish(app, before, does):
    if not before:
        secure(app)

    @app.after_request
    def hook(response):
        if does == "reads":
            session.get("user")
        else:
            response.cache_control.public = True
        return response

    if before:
        secure(app)

    @app.route("/")
    def index():
        if does == "publishes":
            session.get("user")
            return "text"
        return "text", {"Cache-Control": "public, max-age=60"}

    control = app.test_client().get("/").cache_control
    assert not control.public
    assert control.private or control.no_store
