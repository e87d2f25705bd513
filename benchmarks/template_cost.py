"""What a page costs on top of Jinja2."""

from __future__ import annotations

import statistics
import sys
from typing import Any

from ratios import Worker, spread, summary

# 15 µs where Flask takes 150 for the page.
LARGEST = 0.1


def compare(peers: str, rounds: int, seconds: float) -> dict[str, Any]:
    """Microseconds on top of Jinja2's own, as a share of what Flask takes for the page.

    :param peers: the interpreter of the peers' environment
    """
    own, bare = Worker(sys.executable, "erlen"), Worker(sys.executable, "jinja")
    flask = Worker(peers, "flask")
    workers = (own, bare, flask)
    for worker in workers:
        worker.time("template", 20)
    count = max(1, int(seconds * 1e6 / flask.time("template", 10)))
    times = [[worker.time("template", count) for worker in workers] for _ in range(rounds)]
    for worker in workers:
        worker.close()
    row = {
        **summary([(mine - bare_us) / whole for mine, bare_us, whole in times]),
        "own_us": statistics.median(mine - bare_us for mine, bare_us, _ in times),
        "peer_us": statistics.median(whole for _, _, whole in times),
        "target": LARGEST,
    }
    print(f"  {'on top of Jinja2':18}{row['own_us']:10.1f}{row['peer_us']:10.1f}{spread(row)}")
    return {"template, on top of Jinja2": row}
