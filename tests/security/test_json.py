"""Case 56: JSON that is none, or too much of it."""

from __future__ import annotations

import codecs
from contextlib import suppress

import pytest

from erlen import Erlen, request, websocket
from erlen.json.provider import DefaultJSONProvider
from erlen.testing.websocket import WebsocketClosed


def case(name, *values):
    return pytest.param(*values, id=f"case-{name}")


@pytest.fixture
def client(interface):
    app = Erlen(__name__)
    for name, options in (("json", {}), ("silent", {"silent": True}), ("forced", {"force": True})):
        view = lambda options=options: {"got": request.get_json(**options)}  # noqa: E731
        app.add_url_rule(f"/{name}", name, view, methods=["POST"])
    return app.test_client()


MALFORMED_JSON = [
    case("56-empty", b""),
    case("56-spaces", b" " * 1_000),
    case("56-cut", b"{"),
    case("56-no-value", b'{"a":}'),
    case("56-quotes", b"'a'"),
    case("56-comma", b"[1,]"),
    case("56-comment", b"[1] // one"),
    case("56-two-values", b"1 2"),
    case("56-nul", b"\0"),
    case("56-line-break-in-a-string", b'"a\nb"'),
    case("56-plus", b"+1"),
    case("56-hexadecimal", b"0x10"),
    case("56-dot", b".5"),
    case("56-deep-lists", b"[" * 100_000 + b"]" * 100_000),
    case("56-deep-lists-without-end", b"[" * 100_000),
    case("56-deep-objects", b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    case("56-deep-objects-without-end", b'{"a":' * 100_000),
    case("56-deep-of-both", b'[{"a":' * 50_000 + b"1" + b"}]" * 50_000),
    case("56-nan", b"NaN"),
    case("56-infinity", b"Infinity"),
    case("56-negative-infinity", b"-Infinity"),
    case("56-nan-inside", b'{"a": [1, NaN]}'),
    case("56-negative-nan", b"-NaN"),
    case("56-no-utf-8", b'"\xff"'),
    case("56-latin-1", '"\u00e9"'.encode("latin-1")),
    case("56-utf-16-cut", b"\xff\xfe{"),
    case("56-utf-16-without-its-mark", b'"\xe9\0"\0'),
    case("56-utf-32-cut", b"\xff\xfe\0\0{\0\0"),
    case("56-utf-7", b"+ACIAYQAi-"),
    case("56-two-marks", codecs.BOM_UTF8 * 2 + b"1"),
    case("56-ebcdic", "{}".encode("cp500")),
    case("56-gzip", b"\x1f\x8b\x08\0"),
]


@pytest.mark.parametrize("body", MALFORMED_JSON)
def test_malformed_json(client, body):
    for path in ("/json", "/forced"):
        response = client.post(path, data=body, content_type="application/json")
        assert response.status_code == 400
        assert len(response.text) < 1_000
    silent = client.post("/silent", data=body, content_type="application/json")
    assert (silent.status_code, silent.json) == (200, {"got": None})


@pytest.mark.parametrize(
    "content_type",
    [
        case("56-claimed-charset", "application/json; charset=utf-7"),
        case("56-claimed-codec", "application/json; charset=zlib_codec"),
        case("56-claimed-odd-charset", 'application/json; charset="\\"'),
        case("56-claimed-long-charset", "application/json; charset=" + "x" * 60_000),
        case("56-suffix", "application/problem+json"),
    ],
)
def test_the_charset_of_json_is_not_the_clients_choice(client, content_type):
    response = client.post("/json", data=b'{"a": "+ACI-"}', content_type=content_type)
    assert response.json == {"got": {"a": "+ACI-"}}


@pytest.mark.parametrize(
    ("body", "value"),
    [
        case("56-utf-8-mark", codecs.BOM_UTF8 + b"[1]", [1]),
        case("56-utf-16", '{"a": "\u2603"}'.encode("utf-16"), {"a": "\u2603"}),
        case("56-lone-surrogate", b'"\\ud800"', "\ud800"),
        case("56-duplicate-keys", b'{"a": 1, "a": 2}', {"a": 2}),
        case("56-prototype", b'{"__proto__": 1, "__class__": 2}', {"__proto__": 1, "__class__": 2}),
        case("56-deep-within-reason", b"[" * 200 + b"]" * 200, None),
    ],
)
def test_odd_json_is_read(client, body, value):
    response = client.post("/json", data=body, content_type="application/json")
    assert response.status_code == 200
    assert value is None or response.json == {"got": value}


@pytest.mark.parametrize("body", [case("56-own-provider", b"[NaN]")])
def test_a_provider_of_its_own_decides_about_nan(interface, body):
    class Lenient(DefaultJSONProvider):
        def loads(self, s, **kwargs):
            return super().loads(s, **kwargs)

    app = Erlen(__name__)
    app.json = Lenient(app)
    app.add_url_rule("/", "index", lambda: str(request.get_json()), methods=["POST"])
    response = app.test_client().post("/", data=body, content_type="application/json")
    assert response.text == "[nan]"
    # What the program itself decodes is none of a client's.
    with app.app_context():
        assert str(Erlen("other").json.loads("[NaN]")) == "[nan]"


@pytest.mark.parametrize(
    "repeated",
    [
        case("56-linear-lists", "[1],"),
        case("56-linear-strings", '"a",'),
        case("56-linear-escapes", '"\\u0000",'),
        case("56-linear-numbers", "1,"),
        case("56-linear-digits", "1" * 400 + ","),
        case("56-linear-spaces", " "),
        case("56-linear-depth", "[" * 100 + "]" * 100 + ","),
        case("56-linear-quotes", '"'),
    ],
)
def test_json_is_read_in_linear_time(assert_linear, repeated):
    loads = Erlen(__name__).json.loads_received

    def make(size):
        return ("[" + repeated * (size // len(repeated)) + "0]").encode()

    def run(text):
        # What is malformed is refused; what counts is how long that takes.
        with suppress(ValueError):
            loads(text)

    assert_linear(run, make)


@pytest.mark.parametrize(
    "message",
    [
        case("56-message-nan", "[NaN]"),
        case("56-message-infinity", "-Infinity"),
        case("56-message-cut", "{"),
        case("56-message-empty", ""),
        case("56-message-deep", "[" * 30_000),
        case("56-message-digits", "9" * 50_000),
        case("56-message-no-utf-8", b'"\xff"'),
    ],
)
def test_malformed_json_closes_a_websocket(message):
    app = Erlen(__name__)
    seen = []

    @app.websocket("/")
    async def view():
        seen.append(await websocket.receive_json())

    with app.test_client().websocket("/") as socket:
        socket.send(message)
        with pytest.raises(WebsocketClosed) as closed:
            socket.receive()
    assert (closed.value.code, seen) == (1007, [])
