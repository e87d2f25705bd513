"""Time and memory in proportion to what is sent."""

from __future__ import annotations

import json

from exchange import exchange, request
from faulty import Faulty
from processes import cpu_seconds

from attacks import bounds, page


def cost(server: Faulty, data: bytes, statuses: tuple[int, ...] = (404,)) -> float:
    """The seconds that the worker computes for a request."""
    before = cpu_seconds(server.worker)
    answer = exchange(server.port, data)
    assert answer.status in statuses, answer
    return cpu_seconds(server.worker) - before


def case_98_paths_that_nearly_match(server: Faulty) -> None:
    for path in (
        "/attacked/" + "-" * 8000,
        "/attacked/" + "a-" * 4000 + ".htm",
        "/attacked/" + "a/x/" * 2000 + "en",
        "/attacked/" + "x/" * 4000 + "end!",
    ):
        # The clock ticks a hundred times a second.
        assert cost(server, request(path)) < 0.1, path[:30]


def case_103_json_that_is_too_deep(server: Faulty) -> None:
    for view in ("sync", "async"):
        path = f"/attacked/{view}/session"
        headers = {"Content-Type": "application/json"}
        for depth, status in ((10, 200), (1000, 400), (200_000, 400)):
            body = b"[" * depth + b"]" * depth
            answer = exchange(server.port, request(path, "POST", headers, body))
            assert answer.status == status, (depth, answer)


@bounds(seconds=20)
def case_53_numbers_of_any_length(server: Faulty) -> None:
    headers = {"Content-Type": "application/json"}
    body = json.dumps("x")[:-2].encode() + b'"'
    assert exchange(
        server.port, request("/attacked/sync/session", "POST", headers, body)
    ).status == 200  # fmt: skip
    for number in (b"9" * 4000, b"9" * 100_000):
        data = request("/attacked/sync/session", "POST", headers, number)
        assert cost(server, data, (200, 400)) < 0.3


@bounds(seconds=30, megabytes=60)
def case_05_a_million_fields(server: Faulty) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for body in (b"a&" * 1_000_000, b"a=%41&" * 500_000):
        for view in ("sync", "async"):
            path = f"/attacked/{view}/form"
            answer = exchange(server.port, request(path, "POST", headers, body))
            assert answer.status == 413, answer
    page(server)
