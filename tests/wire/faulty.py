"""The application of tests/faults, which counts what it does, under ``erlen serve``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from exchange import exchange, request
from processes import eventually
from servers import Server

HERE = Path(__file__).resolve().parents[1] / "faults"


class Faulty(Server):
    """A server of the application that counts."""

    def __init__(
        self, interface: str, *options: str, environ: dict[str, str] | None = None
    ) -> None:
        super().__init__(interface, HERE, *options, environ=environ)

    @property
    def worker(self) -> int:
        [worker] = self.workers
        return worker

    def counts(self) -> Counted:
        """What was counted so far."""
        return Counted(exchange(self.port, request("/counts")).json)

    def settled_counts(self) -> Counted:
        """What was counted, once all that has begun has ended."""
        counts: Counted = eventually(self.counts, _has_settled)
        assert _has_settled(counts), f"something does not end: {counts}"
        return counts

    def counts_since(self, before: Counted, **wanted: int) -> Counted:
        """What was counted since, once it is what is wanted or some seconds have gone by."""

        def read() -> Counted:
            now = self.counts()
            return Counted({name: now[name] - before[name] for name in now})

        return eventually(  # type: ignore[no-any-return]
            read, lambda counts: all(counts[name] == n for name, n in wanted.items())
        )


class Counted(dict[str, int]):
    def __missing__(self, name: Any) -> int:
        return 0


def _has_settled(counts: Counted) -> bool:
    return counts["opened"] == counts["closed"] and counts["requests"] <= counts["ended"]
