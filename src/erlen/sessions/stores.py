"""Where server-side sessions are kept."""

from __future__ import annotations

from threading import Lock
from time import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import sqlite3


class Store(Protocol):
    """Keeps bytes by key, for a time; several threads use it at once.

    A key is a namespace, a colon and a session id.
    """

    def get(self, key: str) -> bytes | None:
        """What is kept under a key, or ``None`` if there is nothing, or its time is over."""

    def set(self, key: str, data: bytes, lifetime: int) -> None:
        """Keep ``data`` for ``lifetime`` seconds."""

    def replace(self, key: str, data: bytes, lifetime: int) -> bool:
        """Do so if something is kept under the key; whether there was."""
        ...

    def delete(self, key: str) -> None:
        """Forget a key."""


class MemoryStore:
    """Keeps sessions in this process, for development and tests: another process, or the next
    start, does not see them.

    :param most: the most sessions; beyond it the oldest is forgotten
    """

    def __init__(self, most: int = 100_000) -> None:
        self._most = most
        self._kept: dict[str, tuple[float, bytes]] = {}
        self._lock = Lock()

    def get(self, key: str) -> bytes | None:
        """See :class:`Store`."""
        with self._lock:
            ends, data = self._kept.get(key, (0.0, b""))
            if ends > time():
                return data
            self._kept.pop(key, None)
            return None

    def set(self, key: str, data: bytes, lifetime: int) -> None:
        """See :class:`Store`."""
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = (time() + lifetime, data)
            if len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]

    def replace(self, key: str, data: bytes, lifetime: int) -> bool:
        """See :class:`Store`."""
        now = time()
        with self._lock:
            if self._kept.get(key, (0.0, b""))[0] <= now:
                return False
            self._kept[key] = (now + lifetime, data)
            return True

    def delete(self, key: str) -> None:
        """See :class:`Store`."""
        with self._lock:
            self._kept.pop(key, None)


class SQLiteStore:
    """Keeps sessions in an SQLite file, which the processes of one machine share.

    :param path: the file; it is made if it is missing
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self._process = 0

    def _open(self) -> sqlite3.Connection:
        """The connection of this process; the lock is held."""
        import os
        import sqlite3

        # SQLite connections do not survive a fork.
        if self._connection is None or self._process != os.getpid():
            self._connection = sqlite3.connect(
                self._path, timeout=5, isolation_level=None, check_same_thread=False
            )
            self._process = os.getpid()
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS sessions"
                " (id TEXT PRIMARY KEY, ends REAL NOT NULL, data BLOB NOT NULL) WITHOUT ROWID"
            )
            self._connection.execute("CREATE INDEX IF NOT EXISTS ends ON sessions (ends)")
        return self._connection

    def get(self, key: str) -> bytes | None:
        """See :class:`Store`."""
        with self._lock:
            row = (
                self._open()
                .execute("SELECT data FROM sessions WHERE id = ? AND ends > ?", (key, time()))
                .fetchone()
            )
        return None if row is None else row[0]

    def set(self, key: str, data: bytes, lifetime: int) -> None:
        """See :class:`Store`; it also drops sessions whose time is over."""
        now = time()
        with self._lock:
            connection = self._open()
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

    def replace(self, key: str, data: bytes, lifetime: int) -> bool:
        """See :class:`Store`."""
        now = time()
        with self._lock:
            changed = self._open().execute(
                "UPDATE sessions SET ends = ?, data = ? WHERE id = ? AND ends > ?",
                (now + lifetime, data, key, now),
            )
            return changed.rowcount == 1

    def delete(self, key: str) -> None:
        """See :class:`Store`."""
        with self._lock:
            self._open().execute("DELETE FROM sessions WHERE id = ?", (key,))

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
