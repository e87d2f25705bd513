"""The scenarios that do what real views do: whatever way they are sent, the answer is one."""

from __future__ import annotations

import asyncio
import io
import sys
from pathlib import Path

import pytest

BENCHMARKS = str(Path(__file__).resolve().parents[1] / "benchmarks")
sys.path.insert(0, BENCHMARKS)
try:
    import asgi_apps
    import asgi_worker
    import overrides
    import real_views
    import scenarios
finally:
    sys.path.remove(BENCHMARKS)

# They have a time in them, or the order in which headers were set.
VARYING = {"date", "etag", "last-modified", "set-cookie"}


def by_wsgi(app, environ):
    head = []
    body = app(
        {**environ, "wsgi.input": io.BytesIO(environ["wsgi.input"].getvalue())},
        lambda status, headers, exc_info=None: head.extend((int(status[:3]), headers)),
    )
    content = b"".join(body)
    if hasattr(body, "close"):
        body.close()
    return head[0], {k.lower(): v for k, v in head[1] if k.lower() not in VARYING}, content


def by_asgi(app, scope, body):
    async def ask():
        await asgi_worker.Lifespan(app).go("startup")
        exchange = asgi_worker.Exchange(body)
        await app(scope, exchange.receive, exchange.send)
        exchange.close()
        return exchange.messages

    start, *rest = asyncio.run(ask())
    pairs = ((k.decode().lower(), v.decode()) for k, v in start["headers"])
    headers = {k: v for k, v in pairs if k not in VARYING}
    contents = (
        Path(part["path"]).read_bytes() if "path" in part else part.get("body", b"")
        for part in rest
    )
    return start["status"], headers, b"".join(contents)


@pytest.fixture(scope="module")
def on_wsgi():
    return scenarios.erlen()


@pytest.fixture(scope="module")
def on_asgi():
    return asgi_worker.scenarios()


def test_every_scenario_has_its_name():
    import erlen

    assert tuple(real_views.make(erlen)) == real_views.NAMES


@pytest.mark.parametrize("name", real_views.NAMES)
def test_a_synchronous_and_an_async_view_answer_alike(on_wsgi, on_asgi, name):
    app, environ, status = on_wsgi[name]
    answer = by_wsgi(app, environ)
    assert answer[0] == status
    app, scope, body, _ = on_asgi[name]
    assert by_asgi(app, scope, body) == answer


@pytest.mark.parametrize("name", ["hooks with g", "static, hooks"])
def test_the_hooks_run(on_wsgi, name):
    _, headers, _ = by_wsgi(*on_wsgi[name][:2])
    assert headers["x-request-id"] == ("7f3a9c52" if name == "hooks with g" else "none")


def test_the_page_has_its_links_fields_and_messages(on_wsgi):
    content = by_wsgi(*on_wsgi["page"][:2])[2].decode()
    counts = (content.count("<a href"), content.count("<input"), content.count('role="status"'))
    assert counts == (10, 3, 2)
    assert "&lt;not&gt;" in content and 'aria-current="page">Your account' in content


@pytest.mark.parametrize("is_async", [False, True])
def test_each_override_is_one(is_async):
    import erlen

    apps = overrides.make(is_async)
    assert list(apps) == [overrides.PLAIN, *overrides.methods(), overrides.ATTRIBUTE]
    for name in overrides.methods():
        assert getattr(type(apps[name]), name) is not getattr(erlen.Erlen, name)
        assert apps[name].test_client().get("/").text == "Hello, World!"


def test_the_attribute_is_set():
    app = overrides.make()[overrides.ATTRIBUTE]
    assert [app.test_client().get("/").text for _ in range(2)] == ["Hello, World!"] * 2
    assert app.hits == 2


def test_the_middleware_marks_what_it_sees():
    app = asgi_apps.erlen_guarded()
    _, headers, _ = by_wsgi(app, scenarios.environ("/sync"))
    assert headers["x-guarded"] == "yes"
