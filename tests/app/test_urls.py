"""The short way of building URLs builds what the adapter builds."""

from __future__ import annotations

import pytest

from erlen import Erlen, url_for
from erlen.context.contexts import NOT_MADE
from erlen.context.proxies import request_ctx

VALUES = [
    {"n": 1},
    {"n": True},
    {"n": "7"},
    {"n": 0, "q": "ä&= b", "per page": 2, "empty": None},
    {"n": 1, "tag": ["a b", None, 3], "other": (), "x": {"1"}},
    {"n": 1, "b": b"\xff/", "f": 1.5, "e": "", "per_page": True},
    {"n": 1, "_anchor": "part-2"},
    {"n": 1, "q": 1, "_anchor": "ä b"},
    {"n": 1, "_external": True},
    {"n": 1, "_external": False},
    {"n": 1, "_external": True, "_scheme": "https", "_anchor": "top"},
    {"n": 1, "_external": True, "_scheme": "ws"},
    {"n": 1, "_scheme": "ftp", "a": "b"},
    {"n": 1, "_scheme": ""},
    {"n": 1, "_method": "GET"},
    {"page": 1, "text": "//a b/ä"},
    {"page": 1, "text": "//a", "_external": True},
]
REQUESTS = [
    {"HTTP_HOST": "localhost"},
    {"HTTP_HOST": "Shop.Example:8080", "SCRIPT_NAME": "/r\xc3\xa4umen/"},
    {"HTTP_HOST": "shop.example:80", "SCRIPT_NAME": "/app"},
    {"HTTP_HOST": "shop.example:443", "wsgi.url_scheme": "https"},
    {"HTTP_HOST": "[::1]:80"},
    {"HTTP_CONNECTION": "upgrade", "HTTP_UPGRADE": "websocket"},
]


@pytest.mark.parametrize("server_name", [None, "example.org", "example.org:80"])
def test_the_short_way_builds_what_the_adapter_builds(server_name):
    app = Erlen("x")
    app.config["SERVER_NAME"] = server_name
    app.add_url_rule("/page/<int:n>", "page", lambda n: "")
    app.add_url_rule("/<path:text>", "text", lambda text: "")
    built, went_short = [], []

    @app.get("/ask")
    def asking():
        for values in VALUES:
            endpoint = "text" if "text" in values else "page"
            built.append(url_for(endpoint, **values))
            if endpoint == "page" and values == {"n": 1}:
                went_short.append(request_ctx.bound_adapter is NOT_MADE)
        return ""

    client = app.test_client()
    for environ in REQUESTS:
        for _ in range(2):
            built.clear()
            client.get("/ask", environ_overrides=environ)
        short = built.copy()
        assert went_short.pop()
        # With an adapter of the request's own there is no short way.
        app.before_request_funcs[None].append(make_adapter)
        built.clear()
        client.get("/ask", environ_overrides=environ)
        app.before_request_funcs[None].clear()
        assert len(short) == len(VALUES)
        assert short == built


def make_adapter():
    assert request_ctx.url_adapter is not None
