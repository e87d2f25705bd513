"""Invented people and chirps, many of them and fast: for a demonstration, and to measure.

Rows are made here with all their counts right and go to the database in bulk: by COPY on
PostgreSQL, by prepared statements on SQLite, by long INSERTs on MySQL.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Table, func, select
from sqlalchemy.engine import Connection

from ..models import Base, Chirp, Follow, Like, Person, now
from . import names, passwords
from .bulk import in_bulk
from .invented import biography, name_of, text

BATCH = 10_000
#: Chirps are spread over this time until now.
SPAN = timedelta(days=365)

#: Called with what is written, how many rows of it are, and how many there will be.
Progress = Callable[[str, int, int], None]

Values = tuple[Any, ...]
_PEOPLE = (
    "id", "name", "name_key", "email", "email_key", "password_hash", "biography", "created_at",
    "session_epoch",
)  # fmt: skip
_FOLLOWS = ("follower_id", "followed_id", "created_at")
_CHIRPS = (
    "id", "author_id", "text", "created_at", "reply_to_id", "likes_count", "replies_count",
    "form_key",
)  # fmt: skip
_LIKES = ("person_id", "chirp_id", "created_at")


@dataclass(frozen=True, slots=True)
class Seeded:
    """What was written, and one of the people to log in as."""

    people: int
    chirps: int
    follows: int
    likes: int
    name: str
    password: str


def seed(
    connection: Connection,
    *,
    people: int,
    chirps: int,
    follows: int,
    likes: int,
    password: str,
    random_seed: int | None = None,
    progress: Progress = lambda what, done, total: None,
) -> Seeded:
    """Write people who all have one password, their chirps, follows and likes.

    Few are followed by many and many by few, as in life.  The same ``random_seed`` on an empty
    database gives the same people and chirps.

    :param connection: in a transaction, which the caller commits
    :raises ValueError: for numbers that do not go together
    """
    if people < 1 or min(chirps, follows, likes) < 0:
        raise ValueError("At least one person, and nothing less than zero.")
    if follows > people * (people - 1) // 2:
        raise ValueError(f"{people:,} people can follow {people * (people - 1) // 2:,} at most.")
    if likes > chirps * people // 2:
        raise ValueError(f"{people:,} people can like {chirps * people // 2:,} times at most.")
    chance = random.Random(random_seed)
    _keep_others_out(connection)
    first_person = _next_id(connection, Person)
    first_chirp = _next_id(connection, Chirp)
    moment = now()
    numbers = range(first_person, first_person + people)

    password_hash = passwords.hashed(password)
    written = _stamp(connection, moment)
    registered = _stamp(connection, moment - SPAN)
    step = SPAN / max(chirps, 1)

    def chirped(place: int) -> str:
        return _stamp(connection, moment - SPAN + step * (place + 1))

    with in_bulk(connection, follows + chirps + likes):
        for model, columns, rows, total in (
            (Person, _PEOPLE, _people(numbers, password_hash, registered), people),
            (Follow, _FOLLOWS, _follows(numbers, follows, chance, written), follows),
            (Chirp, _CHIRPS, _chirps(numbers, first_chirp, chirps, likes, chance, chirped), chirps),
            (Like, _LIKES, _likes(numbers, first_chirp, chirps, likes, chance, written), likes),
        ):
            _write(connection, model, columns, rows, total, progress)
    _count_on(connection, {Person: first_person + people, Chirp: first_chirp + chirps})
    return Seeded(people, chirps, follows, likes, name_of(first_person), password)


def _stamp(connection: Connection, moment: datetime) -> str:
    """A time as the column of this database reads it, without a conversion for each row."""
    stamp = moment.replace(tzinfo=None).isoformat(" ", "microseconds")
    return stamp + "+00" if connection.dialect.name == "postgresql" else stamp


def _keep_others_out(connection: Connection) -> None:
    """The ids of what is written are chosen here, so nobody else may write meanwhile.

    On SQLite the transaction is alone already; MySQL would refuse an id that was taken, and all of
    the seed with it.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE people, chirps IN SHARE ROW EXCLUSIVE MODE")


def _next_id(connection: Connection, model: type[Base]) -> int:
    """Above all ids there are, and on SQLite above all that there were."""
    table = _table(model)
    highest = connection.scalar(select(func.max(table.c.id))) or 0
    if connection.dialect.name == "sqlite":
        given = connection.exec_driver_sql(
            "SELECT seq FROM sqlite_sequence WHERE name = ?", (table.name,)
        ).scalar()
        highest = max(highest, given or 0)
    return highest + 1


def _count_on(connection: Connection, following: dict[type[Base], int]) -> None:
    """Let PostgreSQL give ids after these; the others notice by themselves."""
    if connection.dialect.name != "postgresql":
        return
    for model, number in following.items():
        connection.exec_driver_sql(
            "SELECT setval(pg_get_serial_sequence(%s, 'id'),"
            " greatest(%s, nextval(pg_get_serial_sequence(%s, 'id'))), false)",
            (_table(model).name, number, _table(model).name),
        )


def _people(numbers: range, password_hash: str, moment: str) -> Iterator[Values]:
    for number in numbers:
        name = name_of(number)
        key = names.key(name)
        email = f"{key}@chirp.example"
        yield number, name, key, email, email, password_hash, biography(number), moment, 0


def _follows(numbers: range, total: int, chance: random.Random, moment: str) -> Iterator[Values]:
    for place, count in enumerate(_shares(total, len(numbers), len(numbers) - 1, chance)):
        follower = numbers[place]
        if count > len(numbers) // 3:
            others = [number for number in numbers if number != follower]
            chosen: Iterable[int] = chance.sample(others, count)
        else:
            chosen = _some(numbers, count, chance, without=follower)
        for followed in sorted(chosen):
            yield follower, followed, moment


def _shares(total: int, parts: int, most: int, chance: random.Random) -> Iterator[int]:
    """Split a number into parts of about the same size, each ``most`` at most."""
    left = total
    for remaining in range(parts, 0, -1):
        mean = left / remaining
        share = round(mean * chance.uniform(0.5, 1.5)) if remaining > 1 else left
        # What the others can still take, they may have to.
        share = max(share, left - most * (remaining - 1))
        share = min(share, most, left)
        left -= share
        yield share


def _some(numbers: range, count: int, chance: random.Random, without: int) -> set[int]:
    """Different people, the first ones more often than the last."""
    chosen: set[int] = set()
    size, draw = len(numbers), chance.random
    while len(chosen) < count:
        number = numbers[int(size * draw() ** 2)]
        if number != without:
            chosen.add(number)
    return chosen


def _chirps(
    numbers: range,
    first: int,
    total: int,
    likes: int,
    chance: random.Random,
    moments: Callable[[int], str],
) -> Iterator[Values]:
    size, draw = len(numbers), chance.random
    for start in range(0, total, BATCH):
        places = range(start, min(start + BATCH, total))
        parents: list[int | None] = []
        replies = [0] * len(places)
        for row in range(len(places)):
            # One in five replies to one of the last chirps.
            if row and draw() < 0.2:
                parent = row - 1 - int(min(row, 200) * draw())
                replies[parent] += 1
                parents.append(first + start + parent)
            else:
                parents.append(None)
        for row, place in enumerate(places):
            yield (
                first + place,
                numbers[int(size * draw() ** 2)],
                text(chance, numbers),
                moments(place),
                parents[row],
                _likes_of(place, total, likes),
                replies[row],
                None,
            )


def _likes_of(place: int, total: int, likes: int) -> int:
    """How many likes the chirp at a place has; all of them together are ``likes``."""
    return likes * (place + 1) // total - likes * place // total


def _likes(
    numbers: range, first: int, total: int, likes: int, chance: random.Random, moment: str
) -> Iterator[Values]:
    size = len(numbers)
    for place in range(total if likes else 0):
        count = _likes_of(place, total, likes)
        if count == 0:
            continue
        # Neighbours from a random one on: different by themselves.
        begin = int(size * chance.random())
        for number in range(begin, begin + count):
            yield numbers[number % size], first + place, moment


def _write(
    connection: Connection,
    model: type[Base],
    columns: Sequence[str],
    rows: Iterable[Values],
    total: int,
    progress: Progress,
) -> None:
    table = _table(model)
    done = 0
    progress(table.name, 0, total)
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        _insert(connection, table.name, columns, batch)
        done += len(batch)
        progress(table.name, done, total)


def _insert(connection: Connection, table: str, columns: Sequence[str], rows: list[Values]) -> None:
    names_of_columns = ", ".join(columns)
    if connection.dialect.name == "postgresql":
        raw = connection.connection.driver_connection
        assert raw is not None
        with (
            raw.cursor() as cursor,
            cursor.copy(f"COPY {table} ({names_of_columns}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)
        return
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    marks = ", ".join([mark] * len(columns))
    connection.exec_driver_sql(f"INSERT INTO {table} ({names_of_columns}) VALUES ({marks})", rows)


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table
