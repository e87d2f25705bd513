"""Many small things at once: headers, chunks, requests; the cost stays in proportion."""

from __future__ import annotations

import contextlib
import threading
import time

import pytest
from exchange import Connection, Cut, exchange, request
from processes import cpu_seconds, memory, peak_memory

MEGABYTES = 20


def cost(server, data, method="POST"):
    """The seconds that the worker computes for a request."""
    before = cpu_seconds(server.worker)
    assert exchange(server.port, data, method).status == 200
    return cpu_seconds(server.worker) - before


# -- case 28 ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/store", "/async/store", "/store/pieces", "/async/store/pieces"])
def test_case_28_chunks_of_one_byte(server, path, record_property):
    """The cost of a chunk does not grow with their number."""

    def chunks(n):
        return request(path, "POST", body=[b"x"] * n)

    exchange(server.port, chunks(1000))
    few, many = cost(server, chunks(1000)), cost(server, chunks(12_000))
    # Twelve times as many: a busy machine makes up to three times of it, quadratic time would be
    # 144 times. The clock ticks a hundred times a second.
    assert many <= 40 * few + 0.4
    record_property("outcome", "each costs the same")


# -- case 29 ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/async"])
def test_case_29_ten_thousand_pipelined_requests(interface, start, path, record_property):
    """They wait in the socket, not in the memory of the server, while the client takes nothing."""
    n, sent = 10_000, []
    with start(interface) as server, Connection(server.port, 30) as connection:
        exchange(server.port, request(path))
        before = memory(server.worker)

        def send():
            try:
                connection.send(request(path) * n)
            except OSError as error:
                sent.append(error)

        sender = threading.Thread(target=send)
        sender.start()
        sender.join(1)
        # Others are served meanwhile.
        assert exchange(server.port, request("/probe")).text == "probe"
        assert peak_memory(server.worker) - before < MEGABYTES
        for _ in range(n):
            assert connection.answer().text == "ok"
        sender.join(10)
        assert sent == []
        assert peak_memory(server.worker) - before < MEGABYTES
        record_property("outcome", "all answered in order")


def test_case_29_a_flood_that_reads_nothing_is_held(interface, start):
    with start(interface) as server, Connection(server.port) as connection:
        exchange(server.port, request("/"))
        before = memory(server.worker)
        connection.socket.setblocking(False)
        data, sent = request("/echo") * 1000, 0
        try:
            # A hundred megabytes, if the server takes them.
            while sent < 100 << 20:
                sent += connection.socket.send(data)
        except BlockingIOError:
            pass
        assert exchange(server.port, request("/probe")).text == "probe"
        assert peak_memory(server.worker) - before < MEGABYTES


# -- case 26, 31 -----------------------------------------------------------------------------


def test_case_26_repeated_headers_are_joined_in_linear_time(server):
    """As many as the server lets through."""

    def repeated(n, value=b"x" * 100):
        return request("/echo", headers=[("X-A", value)] * n)

    for n in (1, 50, 90):
        answer = exchange(server.port, repeated(n))
        [value] = [value for name, value in answer.json["headers"] if name == "X-A"]
        seen = value.split(",")
        # Granian on WSGI hands over the last one alone.
        assert set(seen) == {"x" * 100} and len(seen) in (1, n)
    assert exchange(server.port, repeated(200)).status == 431


def test_case_31_memory_is_bounded(interface, start):
    """A hundred connections, each with as much of a header as the server takes."""
    with start(interface) as server:
        exchange(server.port, request("/"))
        before = memory(server.worker)
        connections = [Connection(server.port) for _ in range(100)]
        for connection in connections:
            connection.socket.setblocking(False)
            with contextlib.suppress(OSError):
                connection.socket.sendall(request("/")[:-2] + b"X: " + b"y" * 10_000_000)
        time.sleep(0.5)
        # The limit of a header is 400 KB.
        assert peak_memory(server.worker) - before < 100
        assert exchange(server.port, request("/probe")).text == "probe"
        for connection in connections:
            connection.socket.close()


def test_case_31_slow_headers_are_ended(interface, start):
    """A client that never ends its header is not waited for, whatever it sends meanwhile."""
    with start(interface, "--header-timeout", "1") as server:
        exchange(server.port, request("/"))
        with Connection(server.port, 10) as connection:
            connection.send(b"GET / HTTP/1.1\r\n")
            ended = threading.Event()

            def drip():
                while not ended.wait(0.2):
                    try:
                        connection.send(b"X: y\r\n")
                    except OSError:
                        return

            dripping = threading.Thread(target=drip)
            dripping.start()
            try:
                assert connection.answer().status in (400, 408)
            except (Cut, ConnectionError):
                pass
            except TimeoutError:
                pytest.fail("the server still waits")
            finally:
                ended.set()
                dripping.join()
