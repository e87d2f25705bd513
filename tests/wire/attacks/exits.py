"""What would end a program ends one request."""

from __future__ import annotations

from exchange import exchange, request
from faulty import Faulty

from attacks import page


def case_97_exits_of_views(server: Faulty) -> None:
    # On WSGI a synchronous view runs on a thread of the server's, which sees to it.
    for view in ("sync", "async"):
        for name in ("SystemExit", "KeyboardInterrupt"):
            answer = exchange(server.port, request(f"/attacked/{view}/exit/{name}"))
            assert answer.status == 500, (view, name, answer)
            page(server)
