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
