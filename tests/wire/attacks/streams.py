"""Bodies that fail while they are sent."""

from __future__ import annotations

from exchange import Cut, exchange, request
from faulty import Faulty

from attacks import page

VIEWS = ("sync", "async")


def case_122_the_first_piece_raises(server: Faulty) -> None:
    for view in VIEWS:
        answer = exchange(server.port, request(f"/attacked/{view}/first-piece"))
        assert (answer.status, answer.text) == (418, "handled: of the first piece")


def case_123_a_piece_that_is_no_bytes_or_text(server: Faulty) -> None:
    """Logged, and cut visibly."""
    for view in VIEWS:
        for kind in ("sync", "async"):
            logged = server.log().count("A piece of the body is 5")
            try:
                answer = exchange(server.port, request(f"/attacked/{view}/odd/{kind}"))
            except Cut:
                # Not even the head.
                pass
            else:
                assert not answer.complete, answer
                assert set(answer.body) <= set(b"text")
            page(server)
            assert server.log().count("A piece of the body is 5") > logged
