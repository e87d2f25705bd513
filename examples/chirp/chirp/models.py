"""What Chirp keeps: people, their chirps, whom they follow, what they like.

Ids are given in rising order and never twice, so that "newest first" is "highest id first" and a
page of a time line is found by one id.  Times are UTC in every database and aware in Python.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

NAME_LENGTH = 32
EMAIL_LENGTH = 254
FORM_KEY_LENGTH = 64

LARGEST_ID = 2**63 - 1

#: SQLite counts rows by themselves only in a column that is exactly ``INTEGER``.
Id = BigInteger().with_variant(Integer, "sqlite")


class UTCDateTime(TypeDecorator[datetime]):
    """An aware datetime in, the same moment in UTC out.

    PostgreSQL keeps the zone; for the others the value is UTC without saying so.
    """

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect):
        if dialect.name in ("mysql", "mariadb"):
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone; use datetime.now(UTC).")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def now() -> datetime:
    return datetime.now(UTC)


class Base(DeclarativeBase):
    # Names that are the same on every database, so that migrations can say them.
    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ix": "ix_%(table_name)s_%(column_0_name)s",
        }
    )


#: MySQL compares "é" with "e" as equal by default; here keys are compared as they are.
_MYSQL = {
    f"{dialect}_{option}": value
    for dialect in ("mysql", "mariadb")
    for option, value in (("engine", "InnoDB"), ("charset", "utf8mb4"), ("collate", "utf8mb4_bin"))
}
_OPTIONS = {**_MYSQL, "sqlite_autoincrement": True}
#: On SQLite a table of pairs is its own index; the others do that, or something as good, anyway.
_PAIRS = {**_MYSQL, "sqlite_with_rowid": False}


class Person(Base):
    __tablename__ = "people"
    __table_args__ = _OPTIONS

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    #: The name as it is compared: "Ada" and "ada" are one person.
    name_key: Mapped[str] = mapped_column(String(NAME_LENGTH * 2), unique=True)
    email: Mapped[str] = mapped_column(String(EMAIL_LENGTH))
    email_key: Mapped[str] = mapped_column(String(EMAIL_LENGTH), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    biography: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    #: Part of every log-in; raising it ends all of them.
    session_epoch: Mapped[int] = mapped_column(Integer, default=0)


class Chirp(Base):
    __tablename__ = "chirps"
    __table_args__ = (
        # The newest of one author, and the walk back from there.
        Index("ix_chirps_author_id_id", "author_id", "id"),
        Index("ix_chirps_reply_to_id_id", "reply_to_id", "id"),
        UniqueConstraint("author_id", "form_key", name="uq_chirps_author_id_form_key"),
        _OPTIONS,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    author_id: Mapped[int] = mapped_column(Id, ForeignKey("people.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    reply_to_id: Mapped[int | None] = mapped_column(
        Id, ForeignKey("chirps.id", ondelete="SET NULL")
    )
    #: Counted as likes and replies come and go, since a page shows them for each chirp.
    likes_count: Mapped[int] = mapped_column(Integer, default=0)
    replies_count: Mapped[int] = mapped_column(Integer, default=0)
    #: What makes a form that is sent twice one chirp; none for chirps without a form.
    form_key: Mapped[str | None] = mapped_column(String(FORM_KEY_LENGTH))


class Follow(Base):
    __tablename__ = "follows"
    __table_args__ = (
        Index("ix_follows_followed_id_follower_id", "followed_id", "follower_id"),
        _PAIRS,
    )

    follower_id: Mapped[int] = mapped_column(
        Id, ForeignKey("people.id", ondelete="CASCADE"), primary_key=True
    )
    followed_id: Mapped[int] = mapped_column(
        Id, ForeignKey("people.id", ondelete="CASCADE"), primary_key=True
    )
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class Like(Base):
    __tablename__ = "likes"
    __table_args__ = (
        # With the person, so that a chirp with many likes is not searched for the viewer's.
        Index("ix_likes_chirp_id_person_id", "chirp_id", "person_id"),
        _PAIRS,
    )

    person_id: Mapped[int] = mapped_column(
        Id, ForeignKey("people.id", ondelete="CASCADE"), primary_key=True
    )
    chirp_id: Mapped[int] = mapped_column(
        Id, ForeignKey("chirps.id", ondelete="CASCADE"), primary_key=True
    )
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class Token(Base):
    __tablename__ = "tokens"
    __table_args__ = (
        UniqueConstraint("person_id", "name", name="uq_tokens_person_id_name"),
        _OPTIONS,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    person_id: Mapped[int] = mapped_column(Id, ForeignKey("people.id", ondelete="CASCADE"))
    #: SHA-256 of the secret, which has 256 random bits of its own; the secret is not kept.
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class LoginAttempt(Base):
    __tablename__ = "login_attempts"
    __table_args__ = (
        Index("ix_login_attempts_subject_at", "subject", "at"),
        Index("ix_login_attempts_at", "at"),
        _OPTIONS,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    #: SHA-256 of what was tried or where from: nobody needs to read it again.
    subject: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
