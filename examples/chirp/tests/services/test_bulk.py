"""services.bulk: what is put off while many rows are written is there again afterwards."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from chirp.models import Base, Chirp
from chirp.services import bulk, seeding


def rules(connection):
    """Foreign keys and indexes of all tables, with all that they say."""
    inspector = sa.inspect(connection)
    found = {}
    for table in Base.metadata.tables:
        keys = inspector.get_foreign_keys(table)
        found[table] = (
            sorted((key["name"], str(key["options"])) for key in keys),
            sorted(
                (index["name"], index["column_names"]) for index in inspector.get_indexes(table)
            ),
        )
    return found


@pytest.fixture
def few_are_many(monkeypatch):
    monkeypatch.setattr(bulk, "MANY", 1)


def write(connection):
    seeding.seed(connection, people=5, chirps=50, follows=10, likes=50, password="correct horse")


def test_everything_is_as_before(few_are_many, database, session):
    with database.engine.connect() as connection:
        before = rules(connection)
    with database.begin() as connection:
        write(connection)
    with database.engine.connect() as connection:
        assert rules(connection) == before
        assert any(keys for keys, _ in before.values())
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    # And foreign keys are kept again on every connection.
    for _ in range(2):
        session.add(Chirp(author_id=10**9, text="of nobody"))
        with pytest.raises(sa.exc.IntegrityError):
            session.commit()
        session.rollback()


def test_a_failure_leaves_everything_as_before(few_are_many, database, session):
    with database.engine.connect() as connection:
        before = rules(connection)
    with (
        pytest.raises(RuntimeError),
        database.begin() as connection,
        bulk.in_bulk(connection, 10),
    ):
        write(connection)
        raise RuntimeError("half-way")
    with database.engine.connect() as connection:
        assert rules(connection) == before
    assert session.scalar(sa.select(sa.func.count()).select_from(Chirp)) == 0
    session.add(Chirp(author_id=10**9, text="of nobody"))
    with pytest.raises(sa.exc.IntegrityError):
        session.commit()


def test_postgresql_refuses_rows_that_are_not_right(few_are_many, database):
    if database.engine.dialect.name != "postgresql":
        pytest.skip("only PostgreSQL checks all rows at the end")
    row = {"author_id": 10**9, "text": "of nobody", "likes_count": 0, "replies_count": 0}
    with (
        pytest.raises(sa.exc.IntegrityError),
        database.begin() as connection,
        bulk.in_bulk(connection, 10),
    ):
        connection.execute(Chirp.__table__.insert(), row)
