"""Paths, queries, headers and cookies as the application sees them."""

from __future__ import annotations

from cases import Case, Difference, Expected, compare, each
from exchange import request


def echo(name, query="", headers=(), says=(), differs=(), method="GET"):
    expected = Expected(says=dict(says))
    return Case(name, request(f"/VIEW/echo{query}", method, headers), expected, dict(differs))


def answered(name, path, status=200, differs=(), **expected):
    return Case(name, request(path), Expected(status, **expected), dict(differs))


def differs(status=200, *, reason, on, **expected):
    """The same difference for several servers."""
    return {server: Difference(status, reason=reason, **expected) for server in on}


QUERIES = [
    echo("none", "", says={"query": "", "full_path": "/VIEW/echo?", "args": []}),
    echo("empty", "?", says={"query": "", "args": []}),
    echo("repeated", "?a=1&a=2&b=", says={"args": [["a", "1"], ["a", "2"], ["b", ""]]}),
    echo("utf-8", "?a=%C3%A9&%C3%BC=1", says={"args": [["a", "é"], ["ü", "1"]]}),
    echo("not utf-8", "?a=%FF", says={"args": [["a", "%FF"]]}),
    echo("plus", "?a+b=c+d%2B", says={"args": [["a b", "c d+"]]}),
    echo("semicolon", "?a=1;b=2", says={"args": [["a", "1;b=2"]]}),
    echo("no name", "?=x&&a", says={"args": [["", "x"], ["a", ""]]}),
    echo("nul", "?a=%00b", says={"args": [["a", "\x00b"]]}),
    echo("bad escape", "?a=%zz%", says={"args": [["a", "%zz%"]]}),
    echo("question mark", "?a=?b", says={"query": "a=?b", "args": [["a", "?b"]]}),
    echo(
        "long",
        "?a=" + "x" * 6000,
        says={"args": [["a", "x" * 6000]]},
        differs=differs(
            414, reason="A request line has at most 4094 bytes by default.", on=["gunicorn"]
        ),
    ),
    echo("many", "?" + "a=1&" * 400, says={"args": [["a", "1"]] * 400}),
]


@each(QUERIES)
def test_query(case, view, server, reference, record_property):
    compare(case, view, server, reference, record_property)


PATHS = [
    answered("utf-8", "/VIEW/path/caf%C3%A9", says={"rest": "café"}),
    answered("not utf-8", "/VIEW/path/a%FFb"),
    answered("space", "/VIEW/path/a%20b", says={"rest": "a b"}),
    answered("plus", "/VIEW/path/a+b", says={"rest": "a+b"}),
    answered("escaped slash", "/VIEW/path/a%2Fb", says={"rest": "a/b"}),
    answered("escaped question mark", "/VIEW/path/a%3Fb", says={"rest": "a?b"}),
    answered("escaped percent", "/VIEW/path/a%2541", says={"rest": "a%41"}),
    answered("colon and semicolon", "/VIEW/path/a:b;c=1", says={"rest": "a:b;c=1"}),
    answered("dots", "/VIEW/path/../x", says={"rest": "../x"}),
    answered("two slashes", "/VIEW//echo", 308, headers={"Location": "/VIEW/echo"}),
    answered("trailing newline", "/VIEW/number/7%0A", 404),
    answered("number", "/VIEW/number/7", says={"n": 7}),
    answered("no number", "/VIEW/number/x", 404),
    answered("digits of another script", "/VIEW/number/%D9%A3", 404),
    answered("nul", "/VIEW/path/a%00b", says={"rest": "a\x00b"}),
    answered("no slash", "/VIEW/hello", 308, headers={"Location": "/VIEW/hello/"}),
    answered("slash", "/VIEW/hello/", body=b"slash"),
    answered("a slash too many", "/VIEW/echo/", 404),
    answered("nowhere", "/nowhere", 404),
    answered(
        "absolute form",
        "http://example.test/VIEW/echo?a=1",
        says={"path": "/VIEW/echo"},
        differs=differs(
            404,
            reason="A target in absolute form is handed over as the path.",
            on=["uvicorn", "hypercorn"],
        ),
    ),
    answered(
        "raw utf-8",
        "/VIEW/path/é",
        says={"rest": "é"},
        differs=differs(
            400,
            reason="A path with unescaped bytes beyond ASCII is refused.",
            on=["uvicorn", "hypercorn", "gunicorn", "waitress"],
        ),
    ),
]


@each(PATHS)
def test_path(case, view, server, reference, record_property):
    compare(case, view, server, reference, record_property)


EMPTIED = "A header with bytes beyond ASCII arrives empty."
REMOVED = "X-Forwarded headers of clients that are not trusted are removed."
TRUSTED = "The X-Forwarded headers of local clients are trusted by default."
HEADERS = [
    echo("plain", headers={"X-One": "1"}, says={"headers": [["X-One", "1"]]}),
    echo("spaces", headers={"X-One": "  a \t b  "}, says={"headers": [["X-One", "a \t b"]]}),
    echo("empty", headers={"X-One": ""}, says={"headers": [["X-One", ""]]}),
    echo(
        "latin-1",
        headers={"X-One": b"caf\xe9"},
        says={"headers": [["X-One", "caf\xe9"]]},
        differs=differs(says={"headers": [["X-One", ""]]}, reason=EMPTIED, on=["granian-wsgi"]),
    ),
    echo(
        "utf-8",
        headers={"X-One": "café".encode()},
        says={"headers": [["X-One", "café".encode().decode("latin-1")]]},
        differs=differs(says={"headers": [["X-One", ""]]}, reason=EMPTIED, on=["granian-wsgi"]),
    ),
    echo(
        "repeated",
        headers=[("X-One", "1"), ("X-One", "2"), ("x-one", "3")],
        says={"headers": [["X-One", "1,2,3"]]},
        differs=differs(
            says={"headers": [["X-One", "1, 2, 3"]]},
            reason="Repeated headers are joined with a comma and a space.",
            on=["waitress"],
        ),
    ),
    echo("large", headers={"X-One": "x" * 7000}, says={"headers": [["X-One", "x" * 7000]]}),
    echo(
        "many",
        headers=[(f"X-{i:02}", str(i)) for i in range(60)],
        says={"headers": [[f"X-{i:02}", str(i)] for i in range(60)]},
    ),
    echo(
        "host of a proxy",
        headers={"X-Forwarded-Host": "evil.test"},
        says={"host": "example.test", "headers": [["X-Forwarded-Host", "evil.test"]]},
        differs=differs(
            says={"host": "example.test", "headers": []}, reason=REMOVED, on=["waitress"]
        ),
    ),
    echo(
        "scheme of a proxy",
        headers={"X-Forwarded-Proto": "https"},
        says={"scheme": "http"},
        differs={
            **differs(says={"scheme": "https"}, reason=TRUSTED, on=["uvicorn", "gunicorn"]),
            **differs(says={"scheme": "http", "headers": []}, reason=REMOVED, on=["waitress"]),
        },
    ),
    echo(
        "address of a proxy",
        headers={"X-Forwarded-For": "10.1.1.1"},
        says={"remote": "127.0.0.1"},
        differs={
            **differs(says={"remote": "10.1.1.1"}, reason=TRUSTED, on=["uvicorn"]),
            **differs(says={"remote": "127.0.0.1", "headers": []}, reason=REMOVED, on=["waitress"]),
        },
    ),
    echo("type", headers={"Content-Type": "text/x; a=b"}, says={"type": "text/x; a=b"}),
]


@each(HEADERS)
def test_header(case, view, server, reference, record_property):
    compare(case, view, server, reference, record_property)


JOINED = "Two Cookie headers are joined with a comma."
COOKIES = [
    echo("two", headers={"Cookie": "a=1; b=2"}, says={"cookies": [["a", "1"], ["b", "2"]]}),
    echo("equals signs", headers={"Cookie": "a=b=c"}, says={"cookies": [["a", "b=c"]]}),
    echo("quoted", headers={"Cookie": 'a="b\\"c\\073"'}, says={"cookies": [["a", 'b"c;']]}),
    echo("twice", headers={"Cookie": "a=1; a=2"}, says={"cookies": [["a", "1"], ["a", "2"]]}),
    echo("no name", headers={"Cookie": "=x; a=1"}, says={"cookies": [["a", "1"]]}),
    echo("host prefix", headers={"Cookie": "=__Host-x=bad"}, says={"cookies": []}),
    echo("empty", headers={"Cookie": ""}, says={"cookies": []}),
    echo("no value", headers={"Cookie": "a=; b=1"}, says={"cookies": [["a", ""], ["b", "1"]]}),
    echo(
        "not ascii",
        headers={"Cookie": b"a=\xff; b=2"},
        says={"cookies": [["a", "\ufffd"], ["b", "2"]]},
        differs=differs(says={"cookies": []}, reason=EMPTIED, on=["granian-wsgi"]),
    ),
    echo(
        "utf-8",
        headers={"Cookie": "a=é; b=2".encode()},
        says={"cookies": [["a", "é"], ["b", "2"]]},
        differs=differs(says={"cookies": []}, reason=EMPTIED, on=["granian-wsgi"]),
    ),
    echo(
        "spaces",
        headers={"Cookie": "a=1;b=2 ;  c=3"},
        says={"cookies": [["a", "1"], ["b", "2"], ["c", "3"]]},
    ),
    echo(
        "two headers",
        headers=[("Cookie", "a=1"), ("Cookie", "b=2")],
        says={"cookies": [["a", "1"], ["b", "2"]]},
        differs={
            **differs(says={"cookies": [["a", "1,b=2"]]}, reason=JOINED, on=["gunicorn"]),
            **differs(says={"cookies": [["a", "1, b=2"]]}, reason=JOINED, on=["waitress"]),
        },
    ),
    echo("large", headers={"Cookie": "a=" + "x" * 4000}, says={"cookies": [["a", "x" * 4000]]}),
]


@each(COOKIES)
def test_cookie(case, view, server, reference, record_property):
    compare(case, view, server, reference, record_property)


METHODS = [
    Case("head", request("/VIEW/", "HEAD"), Expected(body=b"", headers={"Content-Length": "14"})),
    Case(
        "head of an error",
        request("/nowhere", "HEAD"),
        Expected(404, body=b"", headers={"Content-Type": "text/html; charset=utf-8"}),
    ),
    Case("options", request("/VIEW/", "OPTIONS"), Expected(body=b"")),
    Case("options of nothing", request("/nowhere", "OPTIONS"), Expected(404)),
    Case("not allowed", request("/VIEW/", "DELETE"), Expected(405)),
    Case("unknown", request("/VIEW/", "PURGE"), Expected(405)),
    Case("helper", request("/VIEW/echo", "_HELPER"), Expected(405)),
    *[echo(method, method=method, says={"method": method}) for method in ("PATCH", "DELETE")],
    echo("put without a body", method="PUT", headers={"Content-Length": "0"}, says={"length": 0}),
    echo("post without a length", method="POST", says={"method": "POST", "length": None}),
    Case(
        "http/1.0",
        request("/VIEW/echo", version="HTTP/1.0"),
        Expected(says={"path": "/VIEW/echo"}),
    ),
    Case("http/1.0 without a host", request("/VIEW/", version="HTTP/1.0", host=None), Expected()),
]


@each(METHODS)
def test_method(case, view, server, reference, record_property):
    compare(case, view, server, reference, record_property)


def test_allowed_methods_are_named(server):
    from exchange import exchange

    for method, status in (("OPTIONS", 200), ("DELETE", 405)):
        answer = exchange(server.port, request("/sync/", method))
        assert answer.status == status
        assert sorted(answer.get("Allow").split(", ")) == ["GET", "HEAD", "OPTIONS"]
