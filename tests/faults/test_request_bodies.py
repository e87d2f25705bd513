"""Bodies that are longer than they say, malformed, or more than the disk can take at once."""

from __future__ import annotations

import threading

import pytest
from exchange import Connection, exchange, request
from processes import cpu_seconds

KINDS = pytest.mark.parametrize("kind", ["/", "/async/"], ids=["sync", "async"])
MULTIPART = {"Content-Type": "multipart/form-data; boundary=XX"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LIMIT = 1000


# -- case 6 ----------------------------------------------------------------------------------


@KINDS
@pytest.mark.parametrize("size", [LIMIT, LIMIT + 1, 200_000, 5_000_000])
@pytest.mark.parametrize("framing", ["length", "chunked", "chunks of 100"])
def test_case_06_the_counted_limit_holds(server, kind, framing, size):
    body = b"x" * size
    pieces = {
        "length": body,
        "chunked": [body],
        "chunks of 100": [body[i : i + 100] for i in range(0, min(size, 200_000), 100)],
    }[framing]
    answer = exchange(server.port, request(f"{kind}limited", "POST", body=pieces))
    assert answer.status == (200 if size <= LIMIT else 413)


@KINDS
def test_case_06_an_understated_length_ends_the_body_there(server, kind):
    before = server.counts()
    with Connection(server.port) as connection:
        behind = request("/smuggled")
        data = request(f"{kind}limited", "POST", {"Content-Length": "10"}) + b"x" * 10 + behind
        connection.send(data)
        assert connection.answer().json == {"length": 10}
        # What is behind the announced length is a request of its own, and nothing else.
        assert connection.answer().text == "smuggled"
    assert server.counts_since(before)["/smuggled"] == 1


@KINDS
def test_case_06_an_overstated_length_is_no_complete_body(server, kind, interface):
    before = server.counts()
    with Connection(server.port) as connection:
        connection.send(request(f"{kind}store", "POST", {"Content-Length": "1000"}) + b"x" * 10)
    assert server.counts_since(before, teardowns=1)["stored"] == 0


# -- case 14 ---------------------------------------------------------------------------------


def part(disposition=b'form-data; name="a"', content=b"1", more=b""):
    return b"--XX\r\nContent-Disposition: " + disposition + more + b"\r\n\r\n" + content + b"\r\n"


FILE = b'form-data; name="file"; filename="f.txt"'
MALFORMED = {
    "nothing": b"",
    "no boundary at all": b"hello",
    "another boundary": part().replace(b"XX", b"YY") + b"--YY--\r\n",
    "no end": part(),
    "no last dashes": part() + b"--XX\r\n",
    "half a boundary": part() + b"--X",
    "ends in a header": b"--XX\r\nContent-Disposition: form-da",
    "ends behind the headers": b'--XX\r\nContent-Disposition: form-data; name="a"\r\n\r\n',
    "ends in a file": part(FILE, b"x" * 100_000)[:-500],
    "a header without a colon": b"--XX\r\nContent-Disposition\r\n\r\n1\r\n--XX--\r\n",
    "no headers": b"--XX\r\n\r\n1\r\n--XX--\r\n",
    "no name": part(b"form-data") + b"--XX--\r\n",
    "ten thousand headers": part(more=b"\r\nX-A: 1" * 10_000) + b"--XX--\r\n",
    "a huge header": part(more=b"\r\nX-A: " + b"x" * 1_000_000) + b"--XX--\r\n",
    "a lone CR": b"--XX\r" * 1000,
    "boundaries alone": b"--XX\r\n" * 10_000,
}
# A part without a name or headers may also be passed over.
MAY_PASS = {"no name", "no headers", "nothing"}


@pytest.fixture(scope="module", params=["plain", "optimised"])
def either(request, start):
    """A server with assertions, and one without (``python -O``)."""
    optimised = {"PYTHONOPTIMIZE": "1"} if request.param == "optimised" else {}
    with start("asgi", environ=optimised) as server:
        yield server


@KINDS
@pytest.mark.parametrize("framing", ["length", "chunked"])
@pytest.mark.parametrize("name", MALFORMED)
def test_case_14_malformed_multipart(either, name, framing, kind):
    body = MALFORMED[name]
    sent = request(f"{kind}form", "POST", MULTIPART, body if framing == "length" else [body])
    answer = exchange(either.port, sent)
    if name in MAY_PASS and answer.status == 200:
        assert answer.json == {"form": {}, "files": {}}
    else:
        assert answer.status == 400, answer


@pytest.mark.parametrize("boundary", ["", '""', "X" * 300, "X\u00e9", "X\\", "X;", 'X"'])
@KINDS
def test_case_14_malformed_boundaries(either, boundary, kind):
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    answer = exchange(either.port, request(f"{kind}form", "POST", headers, part() + b"--XX--\r\n"))
    assert answer.status == 400, answer


def test_case_14_nothing_goes_on_computing(either):
    for name, body in MALFORMED.items():
        for end in (b"", b"\r\n"):
            data = request("/form", "POST", MULTIPART, body + end)
            # The client does not even wait for the answer.
            with Connection(either.port) as connection:
                connection.send(data)
        assert exchange(either.port, request("/")).text == "ok", name
    before = cpu_seconds(either.worker)
    threading.Event().wait(0.5)
    # A loop would take all of it.
    assert cpu_seconds(either.worker) - before < 0.25


# -- case 17 ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def asgi(start):
    with start("asgi") as server:
        yield server


def upload(size):
    return part(FILE, b"x" * size) + b"--XX--\r\n"


@pytest.mark.parametrize(
    ("path", "framing"),
    [
        ("/form", "chunked"),
        ("/async/form", "length"),
        ("/async/store", "chunked"),
        ("/async/store/file", "chunked"),
    ],
)
def test_case_17_a_slow_disk_does_not_hold_the_event_loop(asgi, path, framing):
    """Each write to the disk takes a second here."""
    body = upload(40 << 20)
    pieces = [body[i : i + 65536] for i in range(0, len(body), 65536)]
    sent = request(path, "POST", MULTIPART, body if framing == "length" else pieces)
    answers = []

    def send():
        with Connection(asgi.port) as connection:
            connection.send(sent)
            answers.append(connection.answer().status)

    exchange(asgi.port, request("/slow-disk/on", "POST", body=b""))
    sender = threading.Thread(target=send)
    sender.start()
    seen = exchange(asgi.port, request("/async/longest-pause/1.5")).json
    exchange(asgi.port, request("/slow-disk/off", "POST", body=b""))
    sender.join(60)
    assert seen["writes"] > 0, "nothing was written to the disk"
    assert seen["longest"] < 0.8
    assert answers == [200]
