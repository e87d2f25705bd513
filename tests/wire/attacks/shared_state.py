"""What a client writes does not reach another one's answer."""

from __future__ import annotations

from exchange import exchange, request
from faulty import Faulty


def case_76_a_name_that_is_a_type(server: Faulty) -> None:
    """``data:text/html,x.webp`` taught the process a type for every later ``.webp``."""
    for view in ("sync", "async"):
        path = f"/attacked/{view}/named?name="
        first = exchange(server.port, request(path + "data:text/html,x.webp"))
        second = exchange(server.port, request(path + "photo.webp"))
        assert first.status == second.status == 200
        assert second.get("Content-Type") == "image/webp"


def case_77_types_of_the_web(server: Faulty) -> None:
    for name, kind in {"a.js": "text/javascript", "a.svg": "image/svg+xml"}.items():
        answer = exchange(server.port, request(f"/attacked/sync/named?name={name}"))
        assert (answer.get("Content-Type") or "").partition(";")[0] == kind
