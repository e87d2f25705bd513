"""Who replaces a method of a response, a request, a JSON provider, a session interface or a URL
adapter, on the class or the object and while requests are served: it is called wherever Flask
calls it, from the next request on, and no more once it is taken away."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from erlen import Erlen, Request, Response, jsonify, request, session, url_for
from erlen.http.exceptions import HTTPException
from erlen.http.request import Request as HTTPRequest
from erlen.http.response import Response as HTTPResponse
from erlen.json.provider import DefaultJSONProvider
from erlen.routing import Map, MapAdapter
from erlen.sessions.base import SessionInterface
from erlen.sessions.secure_cookie import SecureCookieSessionInterface

WRITING = (
    "__call__", "__init__", "close", "get_app_iter", "get_wsgi_headers", "get_wsgi_response",
    "iter_encoded", "set_data",
)  # fmt: skip
# Classes, names, and the request at which Flask calls what has the name.
REPLACED = [
    *[((Response, HTTPResponse), name, path) for name in WRITING for path in ("/text", "/dict")],
    *[((Response, HTTPResponse), name, "/session") for name in ("set_cookie", "__call__")],
    ((Response, HTTPResponse), "force_type", "/missing"),
    ((Request, HTTPRequest), "__init__", "/text"),
    ((Request, HTTPRequest), "close", "/text"),
    *[((Request, HTTPRequest), name, "/json") for name in ("get_json", "get_data")],
    *[((DefaultJSONProvider,), name, "/dict") for name in ("response", "dumps")],
    *[((DefaultJSONProvider,), name, "/jsonify") for name in ("response", "dumps")],
    ((DefaultJSONProvider,), "loads", "/json"),
    ((SecureCookieSessionInterface,), "open_session", "/text"),
    ((SecureCookieSessionInterface,), "save_session", "/text"),
    ((SecureCookieSessionInterface, SessionInterface), "is_null_session", "/text"),
    ((SecureCookieSessionInterface, SessionInterface), "should_set_cookie", "/session"),
    ((HTTPException,), "__call__", "/missing"),
    ((HTTPException,), "get_response", "/missing"),
    *[((Map,), name, "/text") for name in ("bind", "bind_to_environ")],
    ((MapAdapter,), "match", "/text"),
    ((MapAdapter,), "build", "/url"),
]
CASES = [
    pytest.param(cls, name, path, id=f"{cls.__module__}.{cls.__name__}.{name} {path}")
    for classes, name, path in REPLACED
    for cls in classes
]
OBJECTS = [
    ("json", "response", "/dict"),
    ("json", "dumps", "/dict"),
    ("json", "loads", "/json"),
    ("session_interface", "open_session", "/text"),
    ("session_interface", "save_session", "/text"),
    ("session_interface", "is_null_session", "/text"),
    ("url_map", "bind_to_environ", "/text"),
    ("url_map", "bind", "/text"),
]


@pytest.fixture
def app(way):
    """An application that has served each of its pages."""
    app = Erlen("replaced")
    app.secret_key = "not secret"
    # An object of its own: that of the class is shared by all applications.
    app.session_interface = SecureCookieSessionInterface()

    def count():
        session["count"] = session.get("count", 0) + 1
        return "counted"

    views = {
        "text": lambda: "text",
        "dict": lambda: {"a": 1},
        "jsonify": lambda: jsonify(a=1),
        "json": lambda: str(request.get_json()),
        "session": count,
        "url": lambda: url_for("text"),
    }
    for name, view in views.items():
        app.add_url_rule(f"/{name}", name, way.colour(view), methods=["GET", "POST"])
    for name in views:
        ask(way, app, f"/{name}")
    return app


def ask(way, app, path):
    if path == "/json":
        headers = {"Content-Type": "application/json"}
        return way.ask(app, path, "POST", b'{"a": 1}', headers)
    return way.ask(app, path)


def check(way, app, owner, name, path):
    """Replace it by what calls it, and take that away again."""
    original = getattr(owner, name)
    is_called_on_class = not isinstance(owner, type) or hasattr(original, "__self__")
    before = ask(way, app, path)
    called = []

    def replaced(*args, **kwargs):
        called.append(name)
        return original(*args, **kwargs)

    with patch.object(owner, name, staticmethod(replaced) if is_called_on_class else replaced):
        during = ask(way, app, path)
    assert called, f"{name} is passed by"
    called.clear()
    behind = ask(way, app, path)
    assert not called
    # The time of a session's cookie may be another second.
    answers = [
        (answer.status, answer.body, sorted(name for name, _ in answer.headers))
        for answer in (before, during, behind)
    ]
    assert answers[0] == answers[1] == answers[2]


@pytest.mark.parametrize("cls, name, path", CASES)
def test_on_the_class(way, app, cls, name, path):
    check(way, app, cls, name, path)
    # What a class was asked for once is known again.
    ask(way, app, "/text")
    assert app._changes.desk.finds_at_once
    assert app._changes.desk.text_pair is not None


@pytest.mark.parametrize("owner, name, path", OBJECTS)
def test_on_the_object(way, app, owner, name, path):
    check(way, app, getattr(app, owner), name, path)


def test_another_object(way, app):
    class Provider(DefaultJSONProvider):
        def dumps(self, obj, **kwargs):
            return "written"

        def loads(self, s, **kwargs):
            return "read"

    class Interface(SecureCookieSessionInterface):
        def open_session(self, app, request):
            return self.session_class({"count": 9})

    app.json = Provider(app)
    app.session_interface = Interface()
    assert ask(way, app, "/dict").text == "written\n"
    assert ask(way, app, "/json").text == "read"
    assert ask(way, app, "/session").get("Set-Cookie") is not None
    app.json.dumps = lambda obj, **kwargs: "on the object"
    assert ask(way, app, "/dict").text == "on the object\n"


def test_on_a_subclass_and_on_its_base(way, app):
    class Own(Response):
        pass

    class Silent(Own):
        default_mimetype = "text/silent"

    app.response_class = Silent
    assert ask(way, app, "/text").get("Content-Type") == "text/silent; charset=utf-8"
    with patch.object(Own, "set_data", lambda self, value: HTTPResponse.set_data(self, "set")):
        assert ask(way, app, "/text").text == "set"
    assert ask(way, app, "/text").text == "text"
    with patch.object(Own, "default_status", 203):
        assert ask(way, app, "/text").status == 203
    with patch.object(Silent, "default_mimetype", "text/loud"):
        assert ask(way, app, "/text").get("Content-Type") == "text/loud; charset=utf-8"
    assert ask(way, app, "/text").get("Content-Type") == "text/silent; charset=utf-8"


def test_classes_may_have_abstract_bases_and_parameters(way, app):
    from abc import ABC, abstractmethod
    from typing import Generic, TypeVar

    T = TypeVar("T")

    class Closing(ABC):
        @abstractmethod
        def close(self): ...

    class OwnRequest(Request, Closing, Generic[T]):
        def close(self):
            super().close()

    class OwnResponse(Response, Closing):
        def close(self):
            super().close()

    app.request_class, app.response_class = OwnRequest[int], OwnResponse
    app.request_class = OwnRequest
    assert ask(way, app, "/text").text == "text"
    assert isinstance(OwnResponse(), Closing) and isinstance(OwnResponse(), HTTPResponse)
