"""A 404 and a 405 of the debugger, and where they are not shown."""

from __future__ import annotations

import re
from typing import Any

import pytest

from erlen import Erlen, abort
from erlen.debug import DebuggedApplication
from erlen.debug.routes import nearest


@pytest.fixture
def app() -> Erlen:
    app = Erlen("app")
    app.debug = True

    @app.get("/users/<int:number>")
    @app.post("/users/<int:number>", endpoint="rename")
    async def user(number: int) -> str:
        abort(404)

    @app.get("/Help/")
    def help() -> str:
        return ""

    @app.delete("/<any('<b>', b):name>")
    def markup(name: str) -> str:
        return ""

    @app.websocket("/feed")
    async def feed() -> None: ...

    return app


def near(page: str) -> list[tuple[str, str]]:
    table = re.search('<table class="rules near">(.*?)</table>', page, re.DOTALL)
    return re.findall('<code>(.*?)</code>.*?class="why">(.*?)</td>', table[1]) if table else []


def test_a_404_lists_the_routes_and_the_nearest(app: Erlen, interface: Any) -> None:
    answer = interface.ask(app, "/user/5")
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<title>404 Not Found: /user/5 // Erlen Debugger</title>" in answer.text
    assert near(answer.text)[0] == ("/users/&lt;int:number&gt;", "")
    everything = answer.text.partition("All routes")[2]
    for rule in ("/users/&lt;int:number&gt;", "/Help/", "/feed", "/static/&lt;path:filename&gt;"):
        assert f"<code>{rule}</code>" in everything
    assert "WebSocket" in everything
    assert re.search(
        '<a class="editor" href="vscode://file.*?test_routes.py:.*?">help</a>', everything
    )
    assert "<b>" not in answer.text and "&lt;any(&#39;&lt;b&gt;&#39;, b):name&gt;" in answer.text


@pytest.mark.parametrize(
    ("path", "rule", "why"),
    [
        ("/users/ada", "/users/&lt;int:number&gt;", "no value for its variable"),
        ("/help/", "/Help/", "capital letters"),
        ("/users/5/", "/users/&lt;int:number&gt;", "the slash at the end"),
        ("/usres/5", "/users/&lt;int:number&gt;", ""),
    ],
)
def test_why_it_does_not_fit(app: Erlen, interface: Any, path: str, rule: str, why: str) -> None:
    found, told = near(interface.ask(app, path).text)[0]
    assert found == rule
    assert why in told


@pytest.mark.parametrize(
    ("rule", "path", "name"),
    [
        ("/items/{item_id}", "/items/5", "{item_id}"),
        ("/files/{path:path}/raw", "/files/a/raw", "{path:path}"),
        ("/people/:id", "/people/5", ":id"),
    ],
)
def test_variables_as_other_frameworks_write_them(
    app: Erlen, interface: Any, rule: str, path: str, name: str
) -> None:
    app.add_url_rule(rule, "foreign", lambda: "")
    found, told = near(interface.ask(app, path).text)[0]
    assert found == rule
    assert told.startswith(f"{name} is taken as it stands: a variable is written &lt;")
    text = interface.ask(app, path, headers={"Accept": "*/*"}).text
    assert f"({name} is taken as it stands: a variable is written <" in text


def test_nothing_is_near(app: Erlen, interface: Any) -> None:
    assert near(interface.ask(app, "/quite/another/thing").text) == []
    assert near(interface.ask(app, "/a/" + "%3Cb%3E" * 5000).text) == []


def test_a_405_lists_the_methods(app: Erlen, interface: Any) -> None:
    answer = interface.ask(app, "/users/5", "PUT")
    assert answer.status == 405
    assert {*answer.headers["Allow"].split(", ")} == {"GET", "HEAD", "OPTIONS", "POST"}
    assert "<h1>405 Method Not Allowed</h1>" in answer.text
    assert '<p class="errormsg">PUT /users/5</p>' in answer.text
    assert re.findall("<code>(.*?)</code>", answer.text) == ["/users/&lt;int:number&gt;"] * 2
    told = interface.ask(app, "/users/5", "PUT", {"Accept": "application/json"}).json
    assert told["allowed"] == ["GET", "HEAD", "OPTIONS", "POST"]
    assert [rule["endpoint"] for rule in told["routes"]] == ["user", "rename"]


def test_text_and_json(app: Erlen, interface: Any) -> None:
    text = interface.ask(app, "/user/5", headers={"Accept": "*/*"}).text
    assert text.startswith("404 Not Found: GET /user/5\n\nNearest routes:\n  /users/<int:number>")
    assert "/feed                    WebSocket  feed\n" in text
    told = interface.ask(app, "/user/5", headers={"Accept": "application/json"}).json
    assert told["error"] == "404 Not Found"
    assert told["nearest"][0] == "/users/<int:number>"
    assert {"rule": "/feed", "methods": ["GET"], "endpoint": "feed", "websocket": True} in [
        {**rule, "methods": ["GET"] if rule["websocket"] else rule["methods"]}
        for rule in told["routes"]
    ]


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html"])
def test_each_format_tells_a_404_without_near_routes_and_a_405(
    app: Erlen, interface: Any, accept: str
) -> None:
    headers = {"Accept": accept}
    answer = interface.ask(app, "/quite/another/thing", headers=headers)
    assert answer.status == 404
    assert "/users/" in answer.text and "Nearest routes" not in answer.text
    answer = interface.ask(app, "/users/5", "PUT", headers)
    assert answer.status == 405
    assert "rename" in answer.text and "/feed" not in answer.text


@pytest.mark.parametrize("host", ["evil.example", "192.168.1.7:5000", "localhost.evil.example"])
def test_other_hosts_learn_no_routes(app: Erlen, interface: Any, host: str) -> None:
    for path, method, status in (("/user/5", "GET", 404), ("/users/5", "PUT", 405)):
        answer = interface.ask(app, path, method, {"Host": host})
        assert answer.status == status
        assert (
            "/users/" not in answer.text.replace(path, "") and "Erlen Debugger" not in answer.text
        )


def test_hosts_that_the_application_does_not_trust(app: Erlen, interface: Any) -> None:
    app.config["TRUSTED_HOSTS"] = ["example.org"]
    for headers in ({}, {"Host": "example.org"}, {"Host": "evil.example"}):
        for path in ("/user/5", "/users/5"):
            answer = interface.ask(app, path, "PUT", headers)
            assert answer.status in (400, 404, 405)
            assert "Erlen Debugger" not in answer.text and "/Help/" not in answer.text


def test_not_in_production(app: Erlen, interface: Any) -> None:
    app.debug = False
    assert "Erlen Debugger" not in interface.ask(app, "/user/5").text


def test_not_without_the_debugger(app: Erlen) -> None:
    assert "Erlen Debugger" not in app.test_client().get("/user/5").text


def test_what_the_application_handles_itself(app: Erlen, interface: Any) -> None:
    @app.errorhandler(405)
    def mine(error: Any) -> Any:
        return "mine", 405

    assert interface.ask(app, "/users/5", "PUT").text == "mine"
    # A 404 of a view is none of matching.
    assert "Erlen Debugger" not in interface.ask(app, "/users/5").text


def test_an_application_that_overrides_the_step(interface: Any) -> None:
    class Mine(Erlen):
        def handle_user_exception(self, e: Exception) -> Any:
            return super().handle_user_exception(e)

    app = Mine("app")
    app.debug = True
    assert "All routes" in interface.ask(app, "/user/5").text


def test_redirects_and_options_stay(app: Erlen, interface: Any) -> None:
    assert interface.ask(app, "/Help").status == 308
    assert interface.ask(app, "/Help/", "OPTIONS").status == 200


def test_after_request_functions_see_the_answer(app: Erlen, interface: Any) -> None:
    @app.after_request
    def mark(response: Any) -> Any:
        response.headers["X-Seen"] = str(response.status_code)
        return response

    assert interface.ask(app, "/user/5").headers["X-Seen"] == "404"


def test_around_wsgi_app(app: Erlen, interface: Any) -> None:
    """As Flask's users write it; on ASGI the loop is kept."""
    app.wsgi_app = DebuggedApplication(app.wsgi_app, evalex=True)  # type: ignore[method-assign]

    @app.get("/boom")
    async def boom() -> Any:
        raise ValueError("inner")

    assert "All routes" in interface.ask(app, "/user/5", evalex=False).text
    page = interface.ask(app, "/boom", evalex=False).text
    assert "<h1>ValueError</h1>" in page and "data-secret" in page


def test_ten_thousand_rules(app: Erlen, interface: Any) -> None:
    for n in range(10_000):
        app.add_url_rule(f"/many/{n}", f"many{n}", lambda: "")
    page = interface.ask(app, "/mny/5").text
    assert near(page)[0][0] == "/many/5"
    assert "9,0" in page and len(page) < 600_000


def test_near_rules_are_those_that_are_like_the_path(app: Erlen) -> None:
    rules = list(app.url_map.iter_rules())
    assert nearest(rules, "/user/1")[0].rule.rule == "/users/<int:number>"
    assert nearest([], "/") == []
