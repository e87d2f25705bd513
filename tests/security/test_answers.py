"""Cases 88 to 91: answers that are not what HTTP allows are refused where they are made."""

from __future__ import annotations

import logging
import re

import pytest

from erlen import Erlen, Response, make_response
from erlen.http import Headers, response_headers
from erlen.http.exceptions import HTTPException
from erlen.http.response import Response as HTTPResponse


def case(name, *values):
    return pytest.param(*values, id=f"case-{name}")


def answer(view, method="GET", **settings):
    """What a client gets whose application shows no errors."""
    app = Erlen("x")
    app.config.update(PROPAGATE_EXCEPTIONS=False, **settings)
    app.add_url_rule("/", "index", view)
    app.add_url_rule("/next", "next", lambda: "next")
    client = app.test_client()
    response = client.open("/", method=method)
    assert client.get("/next").data == b"next"
    return response


def later(change):
    response = make_response("text")
    change(response)
    return response


TOLD = re.compile("no HTTP status|The status line must not")
STATUSES = [99, 0, -1, 1000, 70000, "abc", "99 Low", "1000 High", "0200 OK", "+20", "2\u06600 OK"]
WAYS = {
    "tuple": lambda status: ("text", status),
    "constructor": lambda status: Response("text", status),
    "later": lambda status: later(lambda r: set_status(r, status)),
    "default": lambda status: type("R", (Response,), {"default_status": status})("text"),
    # Werkzeug's keeps a reason alone, with the code 0.
    "plain-response": lambda status: HTTPResponse("text", status),
}


def set_status(response, status):
    setattr(response, "status" if isinstance(status, str) else "status_code", status)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("status", [case(f"88-{s}", s) for s in STATUSES])
def test_a_status_that_is_none(interface, caplog, status, way):
    if isinstance(status, str) and way == "default":
        pytest.skip("that one is a number")
    assert answer(lambda: WAYS[way](status)).status_code == 500
    assert TOLD.search(caplog.text)


@pytest.mark.parametrize("status", [case(f"88-{s}", s) for s in STATUSES])
def test_it_is_told_where_it_is_set(status):
    with pytest.raises(ValueError, match=TOLD):
        set_status(Response(), status)


@pytest.mark.parametrize("status", [case("88-unknown", 299), case("88-highest", 999)])
def test_any_status_of_three_digits_is_sent(interface, status):
    assert answer(lambda: ("text", status)).status_code == status


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("status", [case(f"88-interim-{s}", s) for s in (100, 101, 103, 199)])
def test_a_status_that_only_goes_before_an_answer(interface, caplog, status, way):
    """A client would take the next answer for this one, or another protocol for HTTP."""
    assert answer(lambda: WAYS[way](status)).status_code == 500
    assert "is no final answer" in caplog.text


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_an_interim_status_of_something_else_than_a_response(interface, caplog, colour):
    def wsgi(environ, start_response):
        start_response("101 Switching Protocols", [("Upgrade", "x")])
        return [b"text"]

    async def view():
        return wsgi

    assert answer(view if colour == "async" else lambda: wsgi).status_code == 500
    assert "'101 Switching Protocols' is no final answer" in caplog.text


def test_an_interim_status_of_an_error(interface, caplog):
    class Early(HTTPException):
        code = 103

    def view():
        raise Early

    assert answer(view).status_code == 500
    assert "is no final answer" in caplog.text


def pieces():
    yield "te"
    yield "xt"


async def async_pieces():
    yield "te"
    yield "xt"


BODIES = {
    "text": lambda: "text",
    "bytes": lambda: b"text",
    "list": lambda: Response(["te", "xt"]),
    "json": lambda: Response('"x"\n', mimetype="application/json"),
    "closed": lambda: later(lambda r: r.call_on_close(lambda: None)),
}


def with_length(body, length, add=False):
    def view():
        response = make_response(body())
        if add:
            response.headers.add("Content-Length", length)
        else:
            response.headers["Content-Length"] = length
        return response

    return view


LENGTHS = [
    case("89-too-small", "1"),
    case("89-too-large", "400"),
    case("89-zero", "0"),
    case("89-no-number", "abc"),
    case("89-padded", "004"),
    case("89-negative", "-4"),
]


@pytest.mark.parametrize("add", [False, True], ids=["set", "added"])
@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("length", LENGTHS)
def test_a_length_by_hand_becomes_the_true_one(interface, length, body, add):
    response = answer(with_length(BODIES[body], length, add))
    assert response.headers.getlist("Content-Length") == ["4"]
    assert len(response.data) == 4


@pytest.mark.parametrize("body", [pieces, async_pieces], ids=["generator", "async-generator"])
@pytest.mark.parametrize("length", LENGTHS)
def test_a_stream_with_another_length_is_no_whole_answer(interface, body, length):
    try:
        response = answer(with_length(lambda: body(), length))
        response.get_data()
    except ValueError as error:
        # What the server is told.
        assert "than its Content-Length announced" in str(error)
    else:
        # Nothing was sent yet, or it is the same number.
        assert (response.status_code, length) in (
            (500, "abc"), (500, "-4"), (500, "0"), (200, "004"),
        )  # fmt: skip


@pytest.mark.parametrize("body", [pieces, async_pieces], ids=["generator", "async-generator"])
def test_a_stream_with_its_own_length(interface, body):
    response = answer(with_length(lambda: body(), "4"))
    assert (response.data, response.headers["Content-Length"]) == (b"text", "4")


@pytest.mark.parametrize(
    ("method", "status"), [case("89-head", "HEAD", 200), case("89-not-modified", "GET", 304)]
)
def test_an_answer_without_a_body_may_announce_another(interface, method, status):
    def view():
        response = Response("", status)
        response.headers["Content-Length"] = "400"
        return response

    response = answer(view, method)
    assert response.status_code == status
    assert response.headers.get("Content-Length") == ("400" if status == 200 else None)


@pytest.mark.parametrize("body", [*BODIES, "stream"])
@pytest.mark.parametrize(
    ("lengths", "announced"),
    [
        case("89-twice", ["400", "400"], "400"),
        case("89-two", ["4", "400"], None),
        case("89-a-number-and-none", ["4", "abc"], None),
        case("89-none", ["abc"], None),
    ],
)
def test_an_answer_to_head_announces_one_length(interface, body, lengths, announced):
    def view():
        response = make_response(BODIES.get(body, pieces)())
        response.headers.setlist("Content-Length", lengths)
        return response

    response = answer(view, "HEAD")
    if announced is None and body == "stream":
        assert response.status_code == 500
    else:
        assert response.headers.getlist("Content-Length") == [announced or "4"]


def test_a_stream_announces_its_length_once(interface):
    def view():
        response = make_response(pieces())
        response.headers.setlist("Content-Length", ["4", "4"])
        return response

    response = answer(view)
    assert (response.data, response.headers.getlist("Content-Length")) == (b"text", ["4"])


SETS = {
    "item": lambda name, value: later(lambda r: r.headers.__setitem__(name, value)),
    "add": lambda name, value: later(lambda r: r.headers.add(name, value)),
    "extend": lambda name, value: later(lambda r: r.headers.extend({name: value})),
    "update": lambda name, value: later(lambda r: r.headers.update({name: value})),
    "setdefault": lambda name, value: later(lambda r: r.headers.setdefault(name, value)),
    "setlist": lambda name, value: later(lambda r: r.headers.setlist(name, [value])),
    "slice": lambda name, value: later(
        lambda r: r.headers.__setitem__(slice(0, 0), [(name, value)])
    ),
    "index": lambda name, value: later(
        lambda r: r.headers.add("X-B", "b") or r.headers.__setitem__(-1, (name, value))
    ),
    "tuple": lambda name, value: ("text", {name: value}),
    "constructor": lambda name, value: Response("text", headers={name: value}),
    "shared": lambda name, value: Response("text", headers=Headers([(name, value)])),
    "plain-response": lambda name, value: HTTPResponse("text", headers={name: value}),
    "wsgi": lambda name, value: wsgi_with(name, value),
    "error": lambda name, value: raise_error(name, value),
}


def wsgi_with(name, value):
    def app(environ, start_response):
        start_response("200 OK", [(name, value)])
        return [b"text"]

    return app


def raise_error(name, value):
    from erlen import abort

    abort(Response("text", headers={name: value}))


REFUSED = [
    case("90-transfer-encoding", "Transfer-Encoding", "chunked", "the server chooses it"),
    case("90-transfer-encoding-lower", "transfer-encoding", "identity", "the server chooses it"),
    case("91-control", "X-A", "a\x01b", "control characters"),
    case("91-escape", "X-A", "\x1b[31m", "control characters"),
    case("91-delete", "X-A", "a\x7fb", "control characters"),
    case("91-euro", "X-A", "5 \u20ac", "beyond Latin-1"),
    case("91-known-header", "ETag", '"\u20ac"', "beyond Latin-1"),
    case("91-space-in-the-name", "X A", "b", "no name of a header"),
    case("91-colon-in-the-name", "X-A:", "b", "no name of a header"),
    case("91-letter-in-the-name", "X-\xe9", "b", "no name of a header"),
    case("91-empty-name", "", "b", "no name of a header"),
]


@pytest.mark.parametrize("way", SETS)
@pytest.mark.parametrize(("name", "value", "message"), REFUSED)
def test_headers_that_no_server_can_send(interface, caplog, name, value, message, way):
    assert answer(lambda: SETS[way](name, value)).status_code == 500
    assert message in caplog.text


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [*REFUSED, case("91-location", "Location", "/a\x01b", "control characters")],
)
def test_they_are_told_where_they_are_set(name, value, message):
    with pytest.raises(ValueError, match=message):
        Response().headers[name] = value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        case("91-latin", "X-A", "caf\xe9"),
        case("91-iri", "Content-Location", "/caf\u20ac"),
        case("91-underscore", "X_A", "b"),
    ],
)
def test_what_may_be_sent_is(interface, name, value):
    assert name in answer(lambda: ("text", {name: value})).headers


DROPPED = ["Connection", "keep-alive", "Proxy-Connection", "TE", "Trailer"]


@pytest.mark.parametrize("way", SETS)
@pytest.mark.parametrize("name", [case(f"90-{name}", name) for name in DROPPED])
def test_headers_of_the_connection_are_dropped(interface, name, way):
    response = answer(lambda: SETS[way](name, "keep-alive"))
    assert (response.status_code, response.data) == (200, b"text")
    assert name not in response.headers


def test_each_place_is_told_once(interface, caplog, monkeypatch):
    monkeypatch.setattr(response_headers, "_told", set())

    def view():
        response = make_response("text")
        response.headers["Connection"] = "keep-alive"
        return response

    with caplog.at_level(logging.WARNING, "erlen.http"):
        for _ in range(3):
            answer(view)
    [record] = [r for r in caplog.records if r.name == "erlen.http"]
    assert f"{__file__}:{view.__code__.co_firstlineno + 2}" in record.getMessage()
    assert "Connection" in record.getMessage()


def test_the_places_that_are_kept_are_bounded(monkeypatch):
    monkeypatch.setattr(response_headers, "_told", set())
    monkeypatch.setattr(response_headers, "_names", set())
    for n in range(5000):
        response_headers._examine(f"X-{n}", "a")
    assert len(response_headers._names) == response_headers._MOST_NAMES
