"""What the time lines of a database cost: ``python measure.py DATABASE-URL``.

Prints the plan of each statement, and what a page at the begin and in the middle of each time line
costs.  The work of the database is counted as well as timed, so that it is the same on a busy
machine: steps of SQLite's virtual machine, or pages of 8 KB that PostgreSQL looks at.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from chirp.database import Database
from chirp.models import Chirp, Follow, Person
from chirp.services import pages, timelines
from sqlalchemy.orm import Session

LIMIT = pages.PAGE + 1


def main(url: str) -> None:
    database = Database(url)
    with database.session(reading=True) as session:
        people = session.scalar(sa.select(sa.func.count()).select_from(Person)) or 0
        chirps = session.scalar(sa.select(sa.func.count()).select_from(Chirp)) or 0
        follows = session.scalar(sa.select(sa.func.count()).select_from(Follow)) or 0
        print(f"{people:,} people, {chirps:,} chirps, {follows:,} follows")
        lowest = session.scalar(sa.select(sa.func.min(Person.id))) or 0
        viewer = session.get_one(Person, lowest + people // 2)
        newest = session.scalar(sa.select(sa.func.max(Chirp.id))) or 0
        _plans(session, viewer)
        for name, line in _lines(session, viewer).items():
            for place, cursor in (
                ("newest", None),
                ("middle", pages.cursor_of(newest - chirps // 2)),
            ):
                work = _work(session, lambda line=line, cursor=cursor: line(cursor))
                median = _median(lambda line=line, cursor=cursor: line(cursor))
                print(f"{name:10} {place:8} {work:>8,} of work {median:>8.2f} ms")
    database.close()


def _lines(session: Session, viewer: Person) -> dict[str, Callable[[str | None], Any]]:
    return {
        "public": lambda cursor: timelines.public(session, viewer, cursor),
        "person": lambda cursor: timelines.of_person(session, viewer, viewer, cursor),
        "personal": lambda cursor: timelines.personal(session, viewer, cursor),
    }


def _plans(session: Session, viewer: Person) -> None:
    values = {"viewer": viewer.id, "subject": viewer.id, "before": 2**63 - 1, "limit": LIMIT}
    authors = [row.id for row in session.execute(timelines.newest_authors(), values)][:2]
    values |= {f"author_{place}": author for place, author in enumerate(authors)}
    for name, statement in (
        ("public", timelines.newest_where("everyone")),
        ("person", timelines.newest_where("author")),
        ("personal: authors", timelines.newest_authors()),
        (f"personal: chirps of {len(authors)} authors", timelines.newest_of(len(authors))),
    ):
        print(f"\n== {name}")
        print("\n".join(_plan(session, statement, values)))
    print()


def _text(session: Session, statement: sa.Select[Any], values: dict[str, Any]) -> str:
    """A statement with its values written into it."""
    used = {key: value for key, value in values.items() if key in statement.compile().params}
    compiled = statement.params(used).compile(
        session.connection().engine, compile_kwargs={"literal_binds": True}
    )
    return str(compiled).replace("%", "%%")


def _plan(session: Session, statement: sa.Select[Any], values: dict[str, Any]) -> list[str]:
    connection = session.connection()
    text = _text(session, statement, values)
    if connection.dialect.name == "sqlite":
        depths = {0: -1}
        lines = []
        for number, parent, _, what in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}"):
            depths[number] = depths[parent] + 1
            lines.append("  " * depths[number] + what)
        return lines
    options = " (COSTS OFF)" if connection.dialect.name == "postgresql" else ""
    return [
        " ".join(map(str, row)) for row in connection.exec_driver_sql(f"EXPLAIN{options} {text}")
    ]


def _work(session: Session, page: Callable[[], Any]) -> int:
    """How much the database does for a page, in its own measure."""
    connection = session.connection()
    raw = connection.connection.driver_connection
    assert raw is not None
    page()
    if connection.dialect.name == "sqlite":
        steps = 0

        def count() -> int:
            nonlocal steps
            steps += 1
            return 0

        raw.set_progress_handler(count, 1)
        page()
        raw.set_progress_handler(None, 0)
        return steps
    if connection.dialect.name != "postgresql":
        return 0
    looked_at = 0
    statements: list[tuple[str, Any]] = []

    def note(connection, cursor, statement, parameters, context, many):
        statements.append((statement, parameters))

    sa.event.listen(connection, "before_cursor_execute", note)
    page()
    sa.event.remove(connection, "before_cursor_execute", note)
    for statement, parameters in statements:
        with raw.cursor() as cursor:
            cursor.execute(
                "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) " + statement, parameters
            )
            plan = cursor.fetchone()[0][0]["Plan"]
        looked_at += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return looked_at


def _median(page: Callable[[], Any], times: int = 50) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        page()
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
