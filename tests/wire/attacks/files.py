"""A file is sent from what was opened, and a body that was not received is not stored."""

from __future__ import annotations

import time

from exchange import Connection, exchange, request
from faulty import Faulty

from attacks import bounds


@bounds(seconds=30, megabytes=60)
def case_95_a_file_that_shrinks(server: Faulty) -> None:
    for view in ("sync", "async"):
        exchange(server.port, request("/attacked/file/whole", "POST", body=b""))
        with Connection(server.port) as connection:
            connection.send(request(f"/attacked/{view}/file"))
            head = connection.head()
            assert (head.status, head.get("Content-Length")) == (200, str(32 << 20))
            connection.some(1000)
            time.sleep(0.2)
            exchange(server.port, request("/attacked/file/cut", "POST", body=b""))
            taken = 1000
            try:
                while piece := connection.some():
                    taken += len(piece)
            except ConnectionError:
                pass
        # The client can tell: the connection ends before the length that was announced.
        assert taken < 32 << 20


def case_58_paths_out_of_the_folder(server: Faulty) -> None:
    for path in (
        "/static/../application.py", "/static/..%2fapplication.py", "/static/%2e%2e/application.py",
        "/static/..%5capplication.py", "/static//etc/passwd", "/static/%2fetc%2fpasswd",
        "/static/a%00.txt",
    ):  # fmt: skip
        answer = exchange(server.port, request(path))
        # Slashes are merged by a redirect, which stays there.
        assert answer.status in (308, 400, 404), (path, answer)
        assert b"Erlen(" not in answer.body and b"root:" not in answer.body
