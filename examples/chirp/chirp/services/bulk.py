"""Many rows at once: what databases do for each single row is put off until all are there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import Connection

from ..models import Base

#: Below this the usual way is quick enough, and nobody has to wait for locked tables.
MANY = 100_000
_SQLITE_CACHE_KIB = 256 * 1024


@contextmanager
def in_bulk(connection: Connection, rows: int) -> Iterator[None]:
    """Around the writing of many rows, in one transaction.

    What was put off is done, and checked, before the transaction can be committed.

    :param rows: how many there will be
    """
    ways = {"sqlite": _sqlite, "postgresql": _postgresql, "mysql": _mysql, "mariadb": _mysql}
    way = ways.get(connection.dialect.name)
    if rows < MANY or way is None:
        yield
        return
    with contextmanager(way)(connection):
        yield


def _sqlite(connection: Connection) -> Iterator[None]:
    """Rows come in the order of the tables and not of their indexes: with the usual 2 MB of memory,
    each page of an index would go to the disk and back many times."""
    before = connection.exec_driver_sql("PRAGMA cache_size").scalar()
    connection.exec_driver_sql(f"PRAGMA cache_size = -{_SQLITE_CACHE_KIB}")
    yield
    connection.exec_driver_sql(f"PRAGMA cache_size = {before}")


def _postgresql(connection: Connection) -> Iterator[None]:
    """Foreign keys and indexes are taken off, and made again in one go, as the catalogue describes
    them. If the transaction fails they were never gone."""
    tables = [table.name for table in Base.metadata.sorted_tables]
    keys = connection.exec_driver_sql(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)"
        " FROM pg_constraint WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)",
        (tables,),
    ).all()
    indexes = connection.exec_driver_sql(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE NOT indisunique AND indrelid::regclass::text = ANY(%s)",
        (tables,),
    ).all()
    for table, name, _ in keys:
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _ in indexes:
        connection.exec_driver_sql(f"DROP INDEX {name}")
    yield
    for _, definition in indexes:
        connection.exec_driver_sql(definition)
    for table, name, definition in keys:
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    # The next page shall not be planned for tables that were empty.
    connection.exec_driver_sql(f"ANALYZE {', '.join(tables)}")


def _mysql(connection: Connection) -> Iterator[None]:
    """Without a look at the other table for each row: the rows are known to be right."""
    connection.exec_driver_sql("SET SESSION foreign_key_checks = 0, SESSION unique_checks = 0")
    try:
        yield
    finally:
        connection.exec_driver_sql("SET SESSION foreign_key_checks = 1, SESSION unique_checks = 1")
