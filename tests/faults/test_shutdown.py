"""SIGTERM while there is work."""

from __future__ import annotations

import threading
import time

import pytest
from exchange import Connection, Cut, exchange, request
from processes import eventually
from waiting import refuses

CASES = pytest.mark.parametrize(
    ("interface", "prefix"),
    [("asgi", ""), ("asgi", "/async"), ("wsgi", ""), ("wsgi", "/async")],
    ids=["asgi-sync", "asgi-async", "wsgi-sync", "wsgi-async"],
)


@pytest.fixture
def gate(tmp_path):
    """What requests wait for."""
    return tmp_path / "open"


class Clients:
    """Requests in flight, each on a thread and a connection of its own."""

    def __init__(self, port, paths):
        self.statuses = [None] * len(paths)
        self.connections = [Connection(port) for _ in paths]
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
            thread.join(90)
        return self.statuses


def in_flight(server, n):
    """Wait until the application works on so many requests."""
    seen = eventually(server.counts, lambda counts: counts["requests"] - counts["ended"] >= n)
    assert seen["requests"] - seen["ended"] == n


@CASES
def test_fault_1_requests_in_flight_are_finished(start, interface, prefix, gate, record_property):
    with start(interface, "--threads", "55") as server:
        clients = Clients(server.port, [f"{prefix}/gate{gate}"] * 50)
        in_flight(server, 50)
        server.terminate()
        assert refuses(server.port), "new connections were taken"
        gate.touch()
        assert clients.join() == [200] * 50
        assert server.process.wait(60) == 0
        record_property("outcome", "50 of 50 finished")


@CASES
def test_fault_2_busy_clients_do_not_keep_it(start, interface, prefix):
    with start(interface, "--graceful-timeout", "30") as server:
        broken, stop = [], threading.Event()

        def ask():
            with Connection(server.port) as connection:
                while not stop.is_set():
                    try:
                        connection.send(request(f"{prefix}/slow/0.01"))
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
            assert server.process.wait(25) == 0
        finally:
            stop.set()
            for client in clients:
                client.join(90)
            idle.socket.close()
        assert broken == []


@CASES
def test_fault_3_a_request_that_hangs_is_not_waited_for(
    start, interface, prefix, gate, record_property
):
    with start(interface, "--graceful-timeout", "2", "--threads", "20") as server:
        worker = server.worker
        never = gate.with_name("never")
        clients = Clients(server.port, [f"{prefix}/gate{never}", *[f"{prefix}/gate{gate}"] * 5])
        in_flight(server, 6)
        server.terminate()
        assert refuses(server.port)
        gate.touch()
        # It is not waited for as long as the client does.
        server.process.wait(30)
        statuses = clients.join()
        assert statuses[1:] == [200] * 5
        assert statuses[0] != 200
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
