"""The database: one engine per process, one session per request.

A request that asks for ``db()`` gets its session, opened then; when the request ends the session is
closed, whatever happened.  What was not committed by then is rolled back.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
import weakref
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, Connection, ExceptionContext, make_url
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import ObjectDeletedError
from sqlalchemy.pool import ConnectionPoolEntry

from erlen import Erlen, current_app, g, has_request_context, request
from erlen.http.exceptions import NotFound, ServiceUnavailable

log = logging.getLogger(__name__)

#: Requests that only read. On SQLite the others take the one lock for writing when they begin, and
#: so never find at their first change that another has come between.
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_BEGIN = "chirp_begin"
#: Seconds that one process waits for what another has locked.
_SQLITE_PATIENCE = 10


class DatabaseAway(ServiceUnavailable):
    """The database cannot be reached: 503, with a hint to come back.

    The pool throws broken connections away and opens new ones, so nothing has to be restarted when
    the database is there again.
    """

    description = "The database cannot be reached at the moment. Please try again soon."

    def __init__(self) -> None:
        super().__init__(self.description, retry_after=5)


class Database:
    """An engine, set up as Chirp needs it, and the sessions on it."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = with_driver(make_url(url))
        if self.is_sqlite and self.url.database in (None, "", ":memory:"):
            raise ValueError(
                "Each connection to SQLite in memory is a database of its own: name a file."
            )
        self.engine = _engine(self.url, pool_size)
        # The same pool, for transactions that change something.
        self._writing = self.engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
        _close_in_children(self.engine)

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    def session(self, *, reading: bool = False) -> Session:
        """A new session, for the caller to close.

        :param reading: that nothing will be changed
        """
        # What was read stays readable after a commit, without asking for it again.
        return Session(self.engine if reading else self._writing, expire_on_commit=False)

    def begin(self) -> Any:
        """A connection in a transaction that changes something, as a context manager."""
        return self._writing.begin()

    def close(self) -> None:
        self.engine.dispose()


def with_driver(url: URL) -> URL:
    """An address with the driver that Chirp installs, unless it names one.

    >>> with_driver(make_url("mysql://root@db/chirp")).drivername
    'mysql+pymysql'
    """
    drivers = {
        "mysql": "mysql+pymysql",
        "mariadb": "mariadb+pymysql",
        "postgres": "postgresql+psycopg",
        "postgresql": "postgresql+psycopg",
    }
    return url.set(drivername=drivers.get(url.drivername, url.drivername))


def _engine(url: URL, pool_size: int) -> Engine:
    options: dict[str, Any] = {
        "pool_size": pool_size,
        "max_overflow": pool_size,
        # A request waits this long for a connection, and then has 503.
        "pool_timeout": 10,
        # A connection that died while nobody used it is replaced before somebody does.
        "pool_pre_ping": True,
        "pool_recycle": 1800,
    }
    backend = url.get_backend_name()
    if backend == "sqlite":
        os.makedirs(os.path.dirname(os.path.abspath(str(url.database))), exist_ok=True)
    else:
        options["connect_args"] = {"connect_timeout": 3}
        if backend in ("mysql", "mariadb"):
            # A page is not one view of one moment anyway, and fewer gaps are locked.
            options["isolation_level"] = "READ COMMITTED"
    engine = create_engine(url, **options)
    if backend == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "handle_error", _say_that_it_is_away)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
    # Transactions are begun by _begin_sqlite, not when Python's module sees a change coming.
    connection.isolation_level = None
    # First, since the next may already wait for another process.
    _set(connection, f"busy_timeout = {_SQLITE_PATIENCE * 1000}")
    _write_ahead(connection)
    # With WAL this survives a crash of the process; a power cut may take the last commits.
    _set(connection, "synchronous = NORMAL")
    _set(connection, "foreign_keys = ON")
    # SQLite's own knows the letters of ASCII alone.
    connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _set(connection: sqlite3.Connection, pragma: str) -> None:
    connection.execute(f"PRAGMA {pragma}").close()


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Change to WAL, so that who reads does not wait for who writes.

    Of several processes that do so with a new file at once, SQLite makes none wait: they hold locks
    that the others need, and all but one are refused at once.
    """
    end = time.monotonic() + _SQLITE_PATIENCE
    while True:
        try:
            return _set(connection, "journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
        time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))


def _say_that_it_is_away(context: ExceptionContext) -> None:
    if not context.is_pre_ping and _is_away(context):
        if has_request_context():
            # What the visitor is not told: a wrong password, a host that is none.
            log.error("The database cannot be reached: %s", context.original_exception)
        raise DatabaseAway from context.original_exception


def _is_away(context: ExceptionContext) -> bool:
    error = context.original_exception
    if context.is_disconnect:
        return True
    if isinstance(error, sqlite3.OperationalError):
        # A file that cannot be opened, read or written, and a lock that was not to be had.
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        return code in {
            sqlite3.SQLITE_BUSY,
            sqlite3.SQLITE_CANTOPEN,
            sqlite3.SQLITE_FULL,
            sqlite3.SQLITE_IOERR,
            sqlite3.SQLITE_READONLY,
        }
    # No connection yet: it could not be opened.
    return context.connection is None


def _close_in_children(engine: Engine) -> None:
    """A forked worker opens connections of its own; those of its parent stay open there."""
    if not hasattr(os, "register_at_fork"):
        return
    reference = weakref.ref(engine)

    def forget() -> None:
        if (found := reference()) is not None:
            found.dispose(close=False)

    os.register_at_fork(after_in_child=forget)


def init_app(app: Erlen) -> None:
    """Give an application its database: ``CHIRP_DATABASE_URL``."""
    database = Database(app.config["CHIRP_DATABASE_URL"])
    app.extensions["chirp.database"] = database
    app.teardown_appcontext(_close_session)

    @app.errorhandler(PoolTimeout)
    def every_connection_is_busy(error: PoolTimeout):
        return app.handle_http_exception(DatabaseAway())

    @app.errorhandler(ObjectDeletedError)
    def deleted_meanwhile(error: ObjectDeletedError):
        # A person or a chirp that this request has read, and another one has deleted since.
        return app.handle_http_exception(NotFound())


def database() -> Database:
    """The database of the current application."""
    found: Database = current_app.extensions["chirp.database"]
    return found


def db() -> Session:
    """The session of this request, or of this command; opened at the first call."""
    session: Session | None = g.get("chirp_session")
    if session is None:
        reading = bool(request) and request.method in _READING
        session = g.chirp_session = database().session(reading=reading)
    return session


def _close_session(error: BaseException | None) -> None:
    session: Session | None = g.pop("chirp_session", None)
    if session is not None:
        session.close()
