"""People, chirps, follows, likes, tokens and attempts to log in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from chirp.models import UTCDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_MYSQL = {
    f"{dialect}_{option}": value
    for dialect in ("mysql", "mariadb")
    for option, value in (("engine", "InnoDB"), ("charset", "utf8mb4"), ("collate", "utf8mb4_bin"))
}
#: For tables whose ids must not be given a second time.
_COUNTED = {**_MYSQL, "sqlite_autoincrement": True}
#: For tables that are pairs and nothing else.
_PAIRS = {**_MYSQL, "sqlite_with_rowid": False}


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("name_key", sa.String(64), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_key", sa.String(254), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("biography", sa.Text, nullable=False),
        sa.Column("created_at", UTCDateTime, nullable=False),
        sa.Column("session_epoch", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("name_key", name="uq_people_name_key"),
        sa.UniqueConstraint("email_key", name="uq_people_email_key"),
        **_COUNTED,
    )
    op.create_table(
        "chirps",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("author_id", Id, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("created_at", UTCDateTime, nullable=False),
        sa.Column("reply_to_id", Id, nullable=True),
        sa.Column("likes_count", sa.Integer, nullable=False),
        sa.Column("replies_count", sa.Integer, nullable=False),
        sa.Column("form_key", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_chirps"),
        sa.ForeignKeyConstraint(
            ["author_id"], ["people.id"], name="fk_chirps_author_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["reply_to_id"], ["chirps.id"], name="fk_chirps_reply_to_id", ondelete="SET NULL"
        ),
        sa.UniqueConstraint("author_id", "form_key", name="uq_chirps_author_id_form_key"),
        **_COUNTED,
    )
    op.create_index("ix_chirps_author_id_id", "chirps", ["author_id", "id"])
    op.create_index("ix_chirps_reply_to_id_id", "chirps", ["reply_to_id", "id"])
    op.create_table(
        "follows",
        sa.Column("follower_id", Id, nullable=False),
        sa.Column("followed_id", Id, nullable=False),
        sa.Column("created_at", UTCDateTime, nullable=False),
        sa.PrimaryKeyConstraint("follower_id", "followed_id", name="pk_follows"),
        sa.ForeignKeyConstraint(
            ["follower_id"], ["people.id"], name="fk_follows_follower_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["followed_id"], ["people.id"], name="fk_follows_followed_id", ondelete="CASCADE"
        ),
        **_PAIRS,
    )
    op.create_index("ix_follows_followed_id_follower_id", "follows", ["followed_id", "follower_id"])
    op.create_table(
        "likes",
        sa.Column("person_id", Id, nullable=False),
        sa.Column("chirp_id", Id, nullable=False),
        sa.Column("created_at", UTCDateTime, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "chirp_id", name="pk_likes"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_likes_person_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["chirp_id"], ["chirps.id"], name="fk_likes_chirp_id", ondelete="CASCADE"
        ),
        **_PAIRS,
    )
    op.create_index("ix_likes_chirp_id_person_id", "likes", ["chirp_id", "person_id"])
    op.create_table(
        "tokens",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("created_at", UTCDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_tokens_person_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("hash", name="uq_tokens_hash"),
        sa.UniqueConstraint("person_id", "name", name="uq_tokens_person_id_name"),
        **_COUNTED,
    )
    op.create_table(
        "login_attempts",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("at", UTCDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_login_attempts"),
        **_COUNTED,
    )
    op.create_index("ix_login_attempts_subject_at", "login_attempts", ["subject", "at"])
    op.create_index("ix_login_attempts_at", "login_attempts", ["at"])


def downgrade() -> None:
    for table in ("login_attempts", "tokens", "likes", "follows", "chirps", "people"):
        op.drop_table(table)
