from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from erlen import Erlen, g
from erlen.debug import DebuggedApplication


def hello(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["PATH_INFO"].encode()]


def test_answers_pass(debug: Any) -> None:
    browser = debug(hello)
    response = browser.open("/x")
    assert (response.status_code, response.text) == (200, "/x")
    # A query that only looks like one of the debugger's.
    for query in ("__debugger__=yes", "__debugger__=yes&cmd=run&frm=0", "cmd=resource"):
        assert browser.open(f"/y?{query}").text == "/y"
    assert browser.client.post("/z?__debugger__=yes&cmd=pinauth", data={"pin": "1"}).text == "/z"


def test_an_error_becomes_a_page(debugged: Any) -> None:
    response = debugged.open()
    assert response.status_code == 500
    assert response.mimetype == "text/html"
    assert "<h1>ValueError</h1>" in response.text
    assert "raise <mark>" not in response.text
    assert '<code class="function">failing</code>' in response.text
    # Also in the log.
    assert "ValueError: <i><script></i> -->" in debugged.errors.getvalue()
    # Its own frame is nobody's business.
    assert "debug_application" not in response.text


def test_the_page_can_run_nothing_by_itself(debugged: Any) -> None:
    response = debugged.open()
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"
    body, _, comment = response.text.partition("</html>")
    assert "<script>" not in body
    assert "<i>" not in body
    # A comment ends at the first "-->".
    assert comment.count("-->") == 1


def test_an_error_within_the_body(debug: Any) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        yield b"" if environ["PATH_INFO"] == "/early" else b"sent"
        raise KeyError("late")

    browser = debug(app)
    sent: list[Any] = []

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
        # As a server does that has sent something.
        if exc_info and b"sent" in received:
            raise exc_info[1]
        sent.append(status)

    environ = {"REQUEST_METHOD": "GET", "HTTP_HOST": "localhost", "wsgi.errors": browser.errors}
    received: list[bytes] = []
    for piece in browser.application({**environ, "PATH_INFO": "/early"}, start_response):
        received.append(piece)
    assert sent == ["200 OK", "500 INTERNAL SERVER ERROR"]
    assert b"<h1>KeyError</h1>" in b"".join(received)
    # The client must be able to tell that the body is incomplete.
    received.clear()
    with pytest.raises(KeyError):
        for piece in browser.application({**environ, "PATH_INFO": "/late"}, start_response):
            received.append(piece)
    assert received == [b"sent"]
    assert "had begun already" in browser.errors.getvalue()


def test_the_body_is_closed() -> None:
    class Body:
        is_closed = False

        def __iter__(self) -> Iterator[bytes]:
            raise ValueError

        def close(self) -> None:
            self.is_closed = True

    body = Body()
    wrapped = DebuggedApplication(lambda environ, start_response: body)
    environ = {"REQUEST_METHOD": "GET", "wsgi.errors": __import__("io").StringIO()}
    assert list(wrapped(environ, lambda *args: None))
    assert body.is_closed


def test_the_console_runs_code_in_a_frame(debugged: Any) -> None:
    debugged.open()
    debugged.unlock()
    answer = debugged.run("name").json
    assert answer == {
        "output": '>>> name\n<span class="string">&#39;&lt;script&gt;&#39;</span>\n',
        "more": False,
    }
    assert debugged.run("def f():").json["more"] is True
    assert debugged.run("    return 6 * 7").json["more"] is True
    assert debugged.run("").json["more"] is False
    assert '<span class="number">42</span>' in debugged.run("f()").json["output"]


def test_the_console_has_the_context_of_the_request(debug: Any) -> None:
    app = Erlen("app")
    app.debug = True

    @app.route("/boom")
    def boom() -> str:
        g.user = "ada"
        raise ValueError

    app.config["PROPAGATE_EXCEPTIONS"] = True
    browser = debug(app)
    assert browser.open("/boom").status_code == 500
    browser.unlock()
    output = browser.run("import erlen; (g.user, erlen.request.path)").json["output"]
    assert "ada" in output
    assert "/boom" in output


@pytest.mark.parametrize("evalex", [True, False])
def test_what_does_not_exist_without_the_console(debugged: Any, evalex: bool) -> None:
    debugged.application.evalex = evalex
    debugged.open()
    assert bool(debugged.secret) is evalex
    assert "data-trusted" in debugged.page or not evalex
    if not evalex:
        assert debugged.open("/console").status_code == 500
        assert debugged.ask("printpin").status_code == 500
    else:
        assert debugged.open("/console").status_code == 200
        debugged.unlock()
        assert "Erlen Debugger" in debugged.page
        output = debugged.run("app", "0").json["output"]
        assert "function failing" in output


def test_the_console_starts_with_names_of_the_application(debug: Any) -> None:
    browser = debug(hello, console_path="/py", console_init_func=lambda: {"x": 23})
    assert browser.open("/console").text == "/console"
    browser.open("/py")
    browser.unlock()
    assert "23" in browser.run("x", "0").json["output"]


@pytest.mark.parametrize(
    ("name", "status", "mimetype"),
    [
        ("style.css", 200, "text/css"),
        ("debugger.js", 200, "text/javascript"),
        ("../application.py", 404, "text/html"),
        ("", 404, "text/html"),
        ("/etc/passwd", 404, "text/html"),
    ],
)
def test_resources(debugged: Any, name: str, status: int, mimetype: str) -> None:
    response = debugged.client.get(f"/?__debugger__=yes&cmd=resource&f={name}")
    assert (response.status_code, response.mimetype) == (status, mimetype)
    if status == 200:
        etag = response.headers["ETag"]
        url = f"/any/path?__debugger__=yes&cmd=resource&f={name}"
        assert debugged.client.get(url, headers={"If-None-Match": etag}).status_code == 304


def test_old_frames_are_dropped(debugged: Any) -> None:
    debugged.open()
    debugged.unlock()
    first = debugged.frames[-1]
    assert debugged.run("1", first).status_code == 200
    for _ in range(20):
        debugged.open()
    assert debugged.run("1", debugged.frames[-1]).status_code == 200
    assert debugged.run("1", first).status_code == 404
    assert debugged.run("1", "x").status_code == 404


def test_hidden_frames(debug: Any) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Any:
        def helper() -> None:
            __traceback_hide__ = True  # noqa: F841
            raise ValueError

        helper()

    assert '<code class="function">helper</code>' not in debug(app).open().text
    shown = debug(app, show_hidden_frames=True).open().text
    assert '<code class="function">helper</code>' in shown


def test_the_pin_is_logged(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")
    monkeypatch.setenv("WERKZEUG_DEBUG_PIN", "12345")
    with caplog.at_level("INFO", logger="werkzeug"):
        DebuggedApplication(hello, evalex=True)
        monkeypatch.setenv("WERKZEUG_DEBUG_PIN", "off")
        DebuggedApplication(hello, evalex=True)
        DebuggedApplication(hello, evalex=True, pin_logging=False)
        DebuggedApplication(hello, evalex=True, pin_security=False)
    assert [record.getMessage() for record in caplog.records] == [
        " * Debugger is active!",
        " * Debugger PIN: 12345",
        " * Debugger is active!",
        " * Debugger PIN disabled. DEBUGGER UNSECURED!",
    ]


def test_the_pin_is_logged_for_those_who_ask(debugged: Any, caplog: Any) -> None:
    debugged.open()
    with caplog.at_level("INFO", logger="werkzeug"):
        assert debugged.ask("printpin").data == b""
        debugged.application.pin_logging = False
        debugged.ask("printpin")
    assert [r.getMessage() for r in caplog.records if "PIN:" in r.getMessage()] == [
        " * To enable the debugger you need to enter the security PIN:",
        f" * Debugger PIN: {debugged.application.pin}",
    ]
