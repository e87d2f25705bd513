"""Requests whose end can be understood in two ways."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from exchange import Answer, Connection, Cut, request
from faulty import Faulty

NEXT = request("/smuggled")
POST = b"POST /echo HTTP/1.1\r\nHost: example.test\r\n"
GET = b"GET /echo HTTP/1.1\r\nHost: example.test\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"
HELLO = b"5\r\nhello\r\n" + END


@dataclass(frozen=True)
class Framing:
    """
    :param asgi: the outcome
    :param wsgi: the outcome where it is another
    :param next_is_served: whether the request behind it is seen by the application
    :param remark: why an outcome that is not the wished one is harmless, or that it is not
    """

    name: str
    data: bytes
    asgi: str
    wsgi: str | None = None
    next_is_served: bool = False
    remark: str = ""


REFUSED = "400, ended"
# The application is told of the fault when it reads the body.
CUT_ON_WSGI = "On WSGI the application takes the body that it got for the whole."


def body_fault(name, data):
    return Framing(name, data, REFUSED, "200, ended", remark=CUT_ON_WSGI)


def encoded(name, coding, length=b""):
    data = POST + b"Transfer-Encoding: %b\r\n%b\r\n" % (coding, length)
    return Framing(name, data + END + NEXT, REFUSED)


def doubly_encoded(name, head):
    remark = "It is taken for chunked once. What comes behind it is the next request."
    data = POST + head + b"\r\n" + END + NEXT
    return Framing(name, data, "200, 200, kept", next_is_served=True, remark=remark)


def lengths(name, *values):
    head = b"".join([b"Content-Length: %b\r\n" % value for value in values])
    return Framing(name, POST + head + b"\r\n" + NEXT, REFUSED)


CASES = [
    lengths("20-two-lengths", b"0", b"%d" % len(NEXT)),
    lengths("20-two-lengths-turned-round", b"%d" % len(NEXT), b"0"),
    lengths("20-a-list-of-lengths", b"0, %d" % len(NEXT)),
    lengths("20-a-list-of-one-length", b"%d, %d" % (len(NEXT), len(NEXT))),
    Framing(
        "20-one-length-twice",
        POST + b"Content-Length: 5\r\n" * 2 + b"\r\nhello",
        "200, kept",
        remark="RFC 9110, 8.6 lets a server take it once.",
    ),
    *[
        Framing(
            f"21-{name}",
            POST + head + b"\r\n" + END + NEXT,
            "200, ended",
            remark="The length is dropped and the connection ended, as RFC 9112, 6.3 says.",
        )
        for name, head in {
            "length-and-chunked": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            "chunked-and-length": b"Transfer-Encoding: chunked\r\nContent-Length: 80\r\n",
        }.items()
    ],
    encoded("21-xchunked", b"xchunked"),
    encoded("21-xchunked-and-length", b"xchunked", b"Content-Length: 5\r\n"),
    encoded("21-chunked-then-identity", b"chunked, identity"),
    encoded("21-identity", b"identity"),
    encoded("21-vertical-tab", b"\x0bchunked"),
    encoded("21-folded", b"\r\n chunked"),
    Framing(
        "21-space-before-the-colon",
        POST + b"Transfer-Encoding : chunked\r\n\r\n" + END + NEXT,
        REFUSED,
    ),
    Framing(
        "21-chunked-in-http-1.0",
        CHUNKED.replace(b"HTTP/1.1", b"HTTP/1.0") + END + NEXT,
        REFUSED,
    ),
    doubly_encoded("21-chunked-chunked", b"Transfer-Encoding: chunked, chunked\r\n"),
    doubly_encoded("21-chunked-in-two-headers", b"Transfer-Encoding: chunked\r\n" * 2),
    doubly_encoded("21-gzip-chunked", b"Transfer-Encoding: gzip, chunked\r\n"),
    body_fault("22-a-bad-terminator", CHUNKED + b"5\r\nhelloXX" + END + NEXT),
    body_fault("22-a-terminator-of-lf", CHUNKED + b"5\r\nhello\n" + END + NEXT),
    body_fault("22-lf-in-an-extension", CHUNKED + b"5;a\nb\r\nhello\r\n" + END + NEXT),
    body_fault("22-cr-in-an-extension", CHUNKED + b"5;a\rb\r\nhello\r\n" + END + NEXT),
    body_fault("22-lf-behind-a-size", CHUNKED + b"5\nhello\r\n" + END + NEXT),
    body_fault("22-a-megabyte-of-extension", CHUNKED + b"5;" + b"a" * 1_000_000 + b"\r\n" + HELLO),
    Framing(
        "22-lines-that-end-with-lf",
        b"POST /echo HTTP/1.1\nHost: example.test\nContent-Length: 5\n\nhello",
        "200, kept",
        remark="RFC 9112, 2.2 lets a server take a lone LF for the end of a line.",
    ),
    Framing("22-cr-in-a-header", POST + b"X-A: a\rX-B: b\r\n\r\n", REFUSED),
    Framing("22-nul-in-a-header", POST + b"X-A: a\0b\r\n\r\n", REFUSED),
    Framing("22-a-folded-header", POST + b"X-A: a\r\n b\r\n\r\n", REFUSED),
    body_fault(
        "23-two-megabytes-of-trailer", CHUNKED + b"0\r\nX: " + b"y" * 2_000_000 + b"\r\n\r\n"
    ),
    body_fault("23-a-hundred-thousand-trailers", CHUNKED + b"0\r\n" + b"X: y\r\n" * 100_000),
    body_fault("24-a-chunk-over-2-64", CHUNKED + b"10000000000000005\r\nhello\r\n" + END + NEXT),
    body_fault("24-a-chunk-of-0x5", CHUNKED + b"0x" + HELLO + NEXT),
    body_fault("24-a-chunk-of-plus-5", CHUNKED + b"+" + HELLO + NEXT),
    body_fault("24-a-chunk-of-minus-5", CHUNKED + b"-" + HELLO + NEXT),
    body_fault("24-a-chunk-without-a-size", CHUNKED + b"\r\nhello\r\n" + END + NEXT),
    *[
        lengths(f"24-a-length-of-{name}", value)
        for name, value in {
            "plus-5": b"+5",
            "minus-5": b"-5",
            "5_0": b"5_0",
            "0x5": b"0x5",
            "2-64": b"18446744073709551616",
            "nothing": b"",
            "superscript": b"\xb2",
        }.items()
    ],
    *[
        Framing(f"25-{name}", b"GET %b HTTP/1.1\r\n%b\r\n" % (path, head), "400, kept")
        for name, path, head in (
            ("two-hosts", b"/echo", b"Host: a.test\r\nHost: b.test\r\n"),
            ("two-hosts-and-an-async-view", b"/async/echo", b"Host: a.test\r\nHost: b.test\r\n"),
            ("one-host-twice", b"/echo", b"Host: a.test\r\nHost: a.test\r\n"),
            ("a-list-of-hosts", b"/echo", b"Host: a.test, b.test\r\n"),
        )
    ],
    Framing("26-ten-thousand-headers", GET + b"X-A: 1\r\n" * 10_000 + b"\r\n", "431, ended"),
    Framing("31-a-megabyte-of-header", GET + b"X: " + b"y" * 1_000_000 + b"\r\n\r\n", "431, ended"),
    Framing("31-a-megabyte-of-path", b"GET /" + b"y" * 1_000_000 + b" HTTP/1.1\r\n", "431, ended"),
]


def outcome(server: Faulty, data: bytes) -> tuple[list[Answer], str]:
    """The statuses of the answers to ``data``, and whether a request behind it is answered."""
    answers = []
    with Connection(server.port) as connection:
        connection.send_until_answered(data)
        try:
            answers.append(connection.answer())
            # Sent whatever else comes, or has ended, meanwhile.
            with contextlib.suppress(ConnectionError):
                connection.send(request("/probe"))
            while True:
                answer = connection.answer()
                if answer.body == b"probe":
                    end = "kept"
                    break
                answers.append(answer)
        except (Cut, ConnectionError):
            end = "ended"
    return answers, ", ".join([*[str(answer.status) for answer in answers], end])


def run(server: Faulty, case: Framing) -> str:
    """The outcome of a case, which has to be as wished."""
    before = server.counts()
    _, seen = outcome(server, case.data)
    assert seen == (case.wsgi if server.name == "wsgi" and case.wsgi else case.asgi)
    assert server.counts_since(before)["/smuggled"] == int(case.next_is_served)
    return seen


UPGRADES = {
    "websocket": (
        b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    ),
    "h2c": (
        b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
        b"HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n"
    ),
}


def body_of_an_upgrade(server: Faulty, head: str, path: str) -> None:
    """What is sent behind an upgrade that is not made is the body that was announced."""
    before = server.counts()
    length = b"Content-Length: %d\r\n\r\n" % len(NEXT)
    wanted = GET.replace(b"/echo", path.encode()) + UPGRADES[head]
    answers, _ = outcome(server, wanted + length + NEXT)
    assert [answer.status for answer in answers] in ([200], [400])
    assert b"smuggled" not in answers[0].body or b"GET /smuggled" in answers[0].body.replace(
        b"\\/", b"/"
    )
    assert server.counts_since(before)["/smuggled"] == 0


def case_27_the_body_of_an_upgrade(server: Faulty) -> None:
    for head in UPGRADES:
        for path in ("/echo", "/async/echo", "/"):
            body_of_an_upgrade(server, head, path)


UNDERSCORED = {
    "before": b"X_Forwarded_For: evil\r\nX-Forwarded-For: good\r\n",
    "behind": b"X-Forwarded-For: good\r\nX_Forwarded_For: evil\r\n",
    "alone": b"X_Forwarded_For: evil\r\n",
    "half": b"X_Forwarded-For: evil\r\nX-Forwarded-For: good\r\n",
}


def underscored(server: Faulty, path: str, position: str) -> bool:
    """
    :returns: whether the application sees the header alone that has hyphens
    """
    data = GET.replace(b"/echo", path.encode()) + UNDERSCORED[position] + b"\r\n"
    [answer], _ = outcome(server, data)
    seen = answer.json["forwarded"]
    if server.name == "wsgi" and position in ("behind", "alone"):
        # The server makes one variable of both names, and the last header wins.
        assert seen == "evil"
        return False
    assert seen == (None if position == "alone" else "good")
    return True


def case_30_an_underscore_for_a_hyphen(server: Faulty) -> None:
    for position in UNDERSCORED:
        for path in ("/echo", "/async/echo"):
            underscored(server, path, position)


def _all_of(number: int) -> None:
    def run_all(server: Faulty) -> None:
        for case in CASES:
            if case.name.startswith(f"{number}-"):
                run(server, case)

    run_all.__name__ = f"case_{number}_{_TITLES[number]}"
    globals()[run_all.__name__] = run_all


_TITLES = {
    20: "two_lengths",
    21: "codings_that_are_not_chunked",
    22: "chunks_with_odd_ends",
    23: "trailers_without_end",
    24: "numbers_that_are_none",
    25: "two_hosts",
    26: "ten_thousand_headers",
    31: "a_megabyte_of_header",
}
for _number in _TITLES:
    _all_of(_number)
