"""What Alembic runs around each step; the connection comes from ``chirp.migrations``."""

from alembic import context

from chirp.models import Base


def run() -> None:
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Base.metadata,
        # Also on SQLite, since chirp.database begins transactions there itself.
        transactional_ddl=True,
        # SQLite cannot change most things of a table in place.
        render_as_batch=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
