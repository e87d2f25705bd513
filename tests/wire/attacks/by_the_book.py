"""HTTP by the book: RFC 9110 and 9112."""

from __future__ import annotations

import http.client

from exchange import Connection, Cut, exchange, request
from faulty import Faulty

from attacks import bounds, page

VIEWS = ("sync", "async")


def case_113_hosts_that_are_none(server: Faulty) -> None:
    for view in ("", "async/"):
        path = f"/{view}echo"
        assert exchange(server.port, request(path, host=None)).status == 400
        # HTTP/1.0 has none.
        assert exchange(server.port, request(path, host=None, version="HTTP/1.0")).status == 200
        for host in (b"..", b"a b", b"\xc3\xa4.test", b"a/b", b"a@b"):
            answer = exchange(server.port, request(path, headers=[("Host", host)], host=None))
            assert answer.status == 400, (host, answer)


RANGES = {
    "items=0-1": (200, b"0123456789"),
    "bytes=0-1": (206, b"01"),
    "bytes=-3": (206, b"789"),
    "bytes=20-,0-1": (206, b"01"),
    "bytes=0-1,3-4": (200, b"0123456789"),
    "bytes=20-": (416, None),
    "bytes=" + "0-0," * 1000 + "1-1": (416, None),
}


def case_114_ranges(server: Faulty) -> None:
    for view in VIEWS:
        path = f"/attacked/{view}/conditional"
        for value, (status, body) in RANGES.items():
            answer = exchange(server.port, request(path, headers={"Range": value}))
            assert answer.status == status, (value[:40], answer)
            assert body is None or answer.body == body
        answer = exchange(server.port, request(path, "HEAD", {"Range": "bytes=0-1"}))
        assert answer.status == 200


def case_115_conditions_before_ranges(server: Faulty) -> None:
    later = "Fri, 01 Jan 2100 00:00:00 GMT"
    for view in VIEWS:
        path = f"/attacked/{view}/conditional"
        for name, value, status in (
            ("If-Match", '"other"', 412), ("If-None-Match", '"tag"', 304), ("If-Range", later, 200),
        ):  # fmt: skip
            headers = {"Range": "bytes=0-1", name: value}
            answer = exchange(server.port, request(path, headers=headers))
            assert answer.status == status, (name, answer)


@bounds(seconds=20)
def case_116_half_closed_clients(server: Faulty) -> None:
    """Granian ends a connection whose client has said that it sends nothing more, also where the
    answer is still to come: docs/security.md tells of it.  What has begun ends, and others go on.
    """
    for path in ("/", "/async", "/slow/0.3", "/async/slow/0.3"):
        with Connection(server.port) as connection:
            connection.send(request(path))
            connection.half_close()
            try:
                answer = connection.answer()
            except (Cut, ConnectionError):
                continue
            # It was faster, as a page may be that waits for nothing.
            assert answer.complete and "slow" not in path, "the documentation is to tell of it"
    page(server)


@bounds(seconds=30, megabytes=60)
def case_117_a_body_that_is_too_large(server: Faulty) -> None:
    """A client that sends all of it before it reads gets its 413."""
    for view in VIEWS:
        for body in (b"x" * 8_000_000, [b"x" * 65_536] * 122):
            client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
            client.request("POST", f"/attacked/{view}/short", body)
            assert client.getresponse().status == 413
            client.close()


@bounds("asgi", seconds=30)
def case_117_a_body_that_nobody_reads(server: Faulty) -> None:
    for path, status in (("/nowhere", 404), ("/probe", 405)):
        client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        client.request("POST", path, b"x" * 8_000_000)
        assert client.getresponse().status == status
        client.close()


def case_121_a_form_behind_the_stream(server: Faulty) -> None:
    body = b"a=b"
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        for view in VIEWS:
            path = f"/attacked/{view}/form?read=1"
            answer = exchange(server.port, request(path, "POST", {"Content-Type": kind}, body))
            assert (answer.status, answer.json) == (200, {}), answer
