"""The target of a request as it was sent, by the names that agents and libraries read: in every
environment, whoever has made it."""

from __future__ import annotations

import pytest

from erlen import Erlen, request
from erlen.context.asgi import make_environ
from erlen.testing.builder import create_environ

NAMES = ("REQUEST_URI", "RAW_URI")


def scope(path, raw=None, query=b"", **more):
    found = {"type": "http", "path": path, "query_string": query, "headers": [], **more}
    if raw is not None:
        found["raw_path"] = raw
    return found


CASES = [
    (scope("/a b", b"/a%20b"), "/a%20b"),
    (scope("/a", b"/a", b"x=%C3%A9&y"), "/a?x=%C3%A9&y"),
    (scope("/café", b"/caf%c3%a9"), "/caf%c3%a9"),
    # A server that does not tell how the path was sent.
    (scope("/café x", query=b"q"), "/caf%C3%A9%20x?q"),
    (scope("/a\udcff"), "/a%FF"),
    (scope("/mounted/a", b"/mounted/a", root_path="/mounted"), "/mounted/a"),
    (scope("/ws", b"/ws", b"a=1", type="websocket"), "/ws?a=1"),
    ({"type": "http", "path": "/", "headers": []}, "/"),
]


@pytest.mark.parametrize(("made", "target"), CASES)
def test_the_environment_of_a_scope_has_the_target(made, target):
    environ = make_environ(made, None)
    assert [environ[name] for name in NAMES] == [target] * 2


@pytest.mark.parametrize("interface", ["wsgi", "asgi"])
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_views_see_it(interface, colour):
    app = Erlen("target")

    def show(x):
        return [request.environ[name] for name in NAMES]

    async def show_async(x):
        return show(x)

    app.add_url_rule("/<path:x>", "show", show if colour == "sync" else show_async)
    client = app.test_client(interface=interface)
    assert client.get("/caf%C3%A9/x?a=%20").json == ["/caf%C3%A9/x?a=%20"] * 2


def test_the_environment_that_a_test_makes_has_it():
    environ = create_environ("/a?b=1")
    assert [environ[name] for name in NAMES] == ["/a?b=1"] * 2
