"""SIGTERM while there is work."""

from __future__ import annotations

import socket
import threading
import time

import pytest
from exchange import Connection, Cut, exchange, request

CASES = pytest.mark.parametrize(
    ("interface", "path"),
    [("asgi", "/slow"), ("asgi", "/async/slow"), ("wsgi", "/slow"), ("wsgi", "/async/slow")],
    ids=["asgi-sync", "asgi-async", "wsgi-sync", "wsgi-async"],
)


class Clients:
    """Requests in flight, each on a thread and a connection of its own."""

    def __init__(self, port, paths):
        self.statuses = [None] * len(paths)
        self.connections = [Connection(port, 20) for _ in paths]
        self.threads = [
            threading.Thread(target=self._ask, args=(n, path)) for n, path in enumerate(paths)
        ]
        for thread in self.threads:
            thread.start()

    def _ask(self, n, path):
        with self.connections[n] as connection:
            try:
                connection.send(request(path))
                self.statuses[n] = connection.answer().status
            except (Cut, OSError) as error:
                self.statuses[n] = type(error).__name__

    def join(self):
        for thread in self.threads:
            thread.join(30)
        return self.statuses


def in_flight(server, n):
    """Wait until the application works on so many requests."""
    for _ in range(500):
        counts = server.counts()
        if counts["requests"] - counts["teardowns"] >= n:
            return
        time.sleep(0.01)
    pytest.fail(f"the requests did not arrive: {counts}")


def refuses(port):
    """Whether nothing listens any more, within a second."""
    for _ in range(50):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return True
        time.sleep(0.02)
    return False


@CASES
def test_fault_1_requests_in_flight_are_finished(start, interface, path, record_property):
    with start(interface, "--threads", "55") as server:
        clients = Clients(server.port, [f"{path}/2.0"] * 50)
        in_flight(server, 50)
        server.terminate()
        refused = refuses(server.port)
        assert clients.join() == [200] * 50
        assert server.process.wait(10) == 0
        record_property("outcome", "50 of 50 finished")
    assert refused, "new connections were taken"


@CASES
def test_fault_2_busy_clients_do_not_keep_it(start, interface, path):
    with start(interface, "--graceful-timeout", "10") as server:
        broken, stop = [], threading.Event()

        def ask():
            with Connection(server.port, 20) as connection:
                while not stop.is_set():
                    try:
                        connection.send(request(f"{path}/0.01"))
                        answer = connection.answer()
                    except (Cut, OSError):
                        # Ended between two requests.
                        return
                    if answer.status != 200 or not answer.complete:
                        broken.append(answer)

        clients = [threading.Thread(target=ask) for _ in range(10)]
        for client in clients:
            client.start()
        idle = Connection(server.port)
        idle.send(request("/"))
        assert idle.answer().text == "ok"
        time.sleep(0.3)
        server.terminate()
        try:
            # The grace period is longer: it is not used up.
            assert server.process.wait(8) == 0
        finally:
            stop.set()
            for client in clients:
                client.join(20)
            idle.socket.close()
        assert broken == []


@CASES
def test_fault_3_a_request_that_hangs_is_not_waited_for(start, interface, path, record_property):
    with start(interface, "--graceful-timeout", "2", "--threads", "20") as server:
        worker = server.worker
        clients = Clients(server.port, [f"{path}/60.0", *[f"{path}/1.0"] * 5])
        in_flight(server, 6)
        began = time.monotonic()
        server.terminate()
        server.process.wait(15)
        seconds = time.monotonic() - began
        statuses = clients.join()
        assert statuses[1:] == [200] * 5
        assert statuses[0] != 200
        # Neither before the others had their time, nor much later.
        assert 0.5 < seconds < 12
        record_property("outcome", "ended at the deadline; the others finished")
        # The worker does not outlive the server.
        assert not _lives(worker)


def _lives(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_stopped_server_starts_again_on_its_port(start):
    """Nothing holds the address."""
    with start("asgi") as server:
        assert exchange(server.port, request("/")).text == "ok"
    assert refuses(server.port)
