"""models: times are UTC in the database and aware in Python."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from chirp.models import Base, Chirp
from chirp.services import chirps


def test_a_time_comes_back_as_the_same_moment_in_utc(session, ada):
    made = chirps.post(session, ada, "Hello")
    moment = datetime(2026, 3, 29, 2, 30, 15, 123456, timezone(timedelta(hours=5, minutes=45)))
    made.created_at = moment
    session.commit()
    session.expire_all()
    assert made.created_at == moment
    assert made.created_at.tzinfo is UTC
    found = session.scalar(
        sa.select(Chirp.id).where(Chirp.created_at > moment - timedelta(microseconds=1))
    )
    assert found == made.id


def test_the_database_says_utc(session, database, ada):
    """Whatever the zone of the connection: nothing but UTC is written down."""
    made = chirps.post(session, ada, "Hello")
    made.created_at = datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    session.commit()
    zone = " AT TIME ZONE 'UTC'" if database.engine.dialect.name == "postgresql" else ""
    kept = session.scalar(sa.text(f"SELECT created_at{zone} FROM chirps"))
    assert str(kept).startswith("2025-12-31 23:30:00")


def test_a_time_without_a_zone_is_refused(session, ada):
    made = chirps.post(session, ada, "Hello")
    made.created_at = datetime(2026, 1, 1)
    with pytest.raises(sa.exc.StatementError, match="without a zone"):
        session.commit()


@pytest.mark.parametrize("kind", ["SET NULL", "CASCADE"])
def test_every_foreign_key_says_what_happens(kind):
    kinds = {key.ondelete for table in Base.metadata.sorted_tables for key in table.foreign_keys}
    assert kind in kinds
    assert None not in kinds


def test_sqlite_keeps_foreign_keys(session, ada):
    session.add(Chirp(author_id=ada.id + 1000, text="of nobody"))
    with pytest.raises(sa.exc.IntegrityError):
        session.commit()
