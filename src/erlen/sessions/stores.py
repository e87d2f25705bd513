"""Where server-side sessions are kept."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from logging import getLogger
from threading import Lock
from time import monotonic, sleep, time
from typing import TYPE_CHECKING, Protocol

from ..http.exceptions import ServiceUnavailable
from .breaker import Breaker

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

_logger = getLogger("erlen.sessions")


class SessionsUnavailable(ServiceUnavailable):
    """503: the store does not answer. Nobody is taken for a stranger because of that."""

    description: str = "The server cannot reach its sessions at the moment. Please try again soon."


class Store(Protocol):
    """Keeps bytes by key, for a time; several threads use it at once.

    A key ends in a colon and a session id; what is in front tells whose sessions they are.  A store
    that cannot be reached raises :class:`SessionsUnavailable`, and takes less than a second for it.
    """

    def get(self, key: str, lifetime: int | None = None) -> bytes | None:
        """What is kept under a key, or ``None`` if there is nothing, or its time is over.

        :param lifetime: keep it for so many seconds from now on
        """

    def set(self, key: str, data: bytes, lifetime: int) -> None:
        """Keep ``data`` for ``lifetime`` seconds."""

    def swap(self, key: str, seen: bytes, data: bytes | None, lifetime: int) -> bool:
        """Do so if what is kept is still ``seen``; whether it was.

        :param data: ``None`` to forget the key
        """
        ...

    def delete(self, key: str) -> bool:
        """Forget a key; whether something was kept under it."""
        ...


class MemoryStore:
    """Keeps sessions in this process, for development and tests: another process, or the next
    start, does not see them.

    :param most: the most sessions; beyond it the oldest is forgotten
    """

    def __init__(self, most: int = 100_000) -> None:
        self._most = most
        self._kept: dict[str, tuple[float, bytes]] = {}
        self._lock = Lock()

    def _find(self, key: str) -> bytes | None:
        ends, data = self._kept.get(key, (0.0, b""))
        if ends > monotonic():
            return data
        self._kept.pop(key, None)
        return None

    def get(self, key: str, lifetime: int | None = None) -> bytes | None:
        """See :class:`Store`."""
        with self._lock:
            data = self._find(key)
            if data is not None and lifetime is not None:
                self._kept[key] = (monotonic() + lifetime, data)
            return data

    def set(self, key: str, data: bytes, lifetime: int) -> None:
        """See :class:`Store`."""
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = (monotonic() + lifetime, data)
            if len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]

    def swap(self, key: str, seen: bytes, data: bytes | None, lifetime: int) -> bool:
        """See :class:`Store`."""
        with self._lock:
            if self._find(key) != seen:
                return False
            if data is None:
                del self._kept[key]
            else:
                self._kept[key] = (monotonic() + lifetime, data)
            return True

    def delete(self, key: str) -> bool:
        """See :class:`Store`."""
        with self._lock:
            was_kept = self._find(key) is not None
            self._kept.pop(key, None)
            return was_kept


_TABLES = (
    "PRAGMA journal_mode=WAL",
    "CREATE TABLE IF NOT EXISTS sessions"
    " (id TEXT PRIMARY KEY, ends REAL NOT NULL, data BLOB NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS ends ON sessions (ends)",
)


class SQLiteStore:
    """Keeps sessions in an SQLite file, which the processes of one machine share.

    :param path: the file; it is made if it is missing
    :param timeout: for how many seconds a write waits while another process holds the file; then
        it is a 503, and so are the writes of the next second, which do not wait. Reading goes on.
    """

    def __init__(self, path: str, timeout: float = 0.8) -> None:
        self._path = path
        self._timeout = timeout
        self._breaker = Breaker(f"The sessions in {path}", 1.0, "writes are answered with 503")
        # Guards the list alone: nothing waits for the file with it.
        self._lock = Lock()
        self._turn = Lock()
        self._free: list[sqlite3.Connection] = []
        self._process = 0
        self._is_made = False

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """The connection of the one that writes.  Those of a process take turns, because SQLite
        would let them sleep and try again; readers wait for neither."""
        if not self._turn.acquire(timeout=self._timeout):
            raise SessionsUnavailable
        try:
            # Asked when the turn has come: the one before may have found the file locked.
            if not self._breaker.lets_through():
                raise SessionsUnavailable
            try:
                with self._connection() as connection:
                    yield connection
            except SessionsUnavailable as error:
                self._breaker.failed(error.__cause__ or error, _logger)
                raise
            self._breaker.succeeded()
        finally:
            self._turn.release()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection that nobody else uses meanwhile."""
        import sqlite3

        with self._lock:
            if self._process != os.getpid():
                # SQLite connections do not survive a fork.
                self._free, self._process = [], os.getpid()
            free = self._free
            connection = free.pop() if free else None
        try:
            if connection is None:
                connection = self._open()
            yield connection
        except BaseException as error:
            if connection is not None:
                connection.close()
            if not isinstance(error, sqlite3.OperationalError):
                raise
            # Locked, or the file cannot be opened, read or written.
            raise SessionsUnavailable from error
        with self._lock:
            # Closed, or forked, meanwhile?
            if free is self._free:
                free.append(connection)
                return
        connection.close()

    def _open(self) -> sqlite3.Connection:
        import sqlite3

        connection = sqlite3.connect(
            self._path, timeout=self._timeout, isolation_level=None, check_same_thread=False
        )
        end = monotonic() + self._timeout
        while not self._is_made:
            try:
                for statement in _TABLES:
                    connection.execute(statement)
                self._is_made = True
            except BaseException as error:
                # Where several make the file at once, SQLite refuses some without waiting.
                if not isinstance(error, sqlite3.OperationalError) or monotonic() > end:
                    connection.close()
                    raise
                sleep(0.01)
        return connection

    def get(self, key: str, lifetime: int | None = None) -> bytes | None:
        """See :class:`Store`."""
        now = time()
        with self._connection() as connection:
            row = connection.execute(
                "SELECT CAST(data AS BLOB), ends FROM sessions WHERE id = ? AND ends > ?",
                (key, now),
            ).fetchone()
        if row is None:
            return None
        # Reading is cheap and waits for nobody; a twentieth of the time is not worth a write.
        if lifetime is not None and row[1] < now + lifetime * 0.95:
            # Nor is one that cannot be had a reason to fail.
            with suppress(SessionsUnavailable), self._writing() as connection:
                connection.execute(
                    "UPDATE sessions SET ends = ? WHERE id = ? AND ends > ?",
                    (now + lifetime, key, now),
                )
        data: bytes = row[0]
        return data

    def set(self, key: str, data: bytes, lifetime: int) -> None:
        """See :class:`Store`; it also drops sessions whose time is over."""
        now = time()
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO sessions VALUES (?, ?, ?) ON CONFLICT (id)"
                " DO UPDATE SET ends = excluded.ends, data = excluded.data",
                (key, now + lifetime, data),
            )
            connection.execute(
                "DELETE FROM sessions WHERE id IN"
                " (SELECT id FROM sessions WHERE ends <= ? LIMIT 20)",
                (now,),
            )

    def swap(self, key: str, seen: bytes, data: bytes | None, lifetime: int) -> bool:
        """See :class:`Store`."""
        now = time()
        with self._writing() as connection:
            if data is None:
                changed = connection.execute(
                    "DELETE FROM sessions WHERE id = ? AND CAST(data AS BLOB) = ? AND ends > ?",
                    (key, seen, now),
                )
            else:
                changed = connection.execute(
                    "UPDATE sessions SET ends = ?, data = ?"
                    " WHERE id = ? AND CAST(data AS BLOB) = ? AND ends > ?",
                    (now + lifetime, data, key, seen, now),
                )
            return changed.rowcount == 1

    def delete(self, key: str) -> bool:
        """See :class:`Store`."""
        with self._writing() as connection:
            changed = connection.execute(
                "DELETE FROM sessions WHERE id = ? AND ends > ?", (key, time())
            )
            return changed.rowcount == 1

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._lock:
            free, self._free = self._free, []
        for connection in free:
            connection.close()
