"""The schema of the database, one step after another: ``erlen --app chirp db upgrade``.

The steps are Alembic's, in ``versions``; this file runs them on the database of an application.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from erlen import Erlen

from ..database import Database

FOLDER = Path(__file__).parent


def init_app(app: Erlen) -> None:
    """On SQLite, the schema is made and renewed at the start; elsewhere by ``db upgrade``.

    A file belongs to this application alone; on a server, who may change the schema and when is the
    operator's decision.
    """
    database: Database = app.extensions["chirp.database"]
    if database.is_sqlite and current(database) != newest():
        upgrade(database)


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the schema to a revision.

    On SQLite the whole of it is one transaction that holds the lock for writing, so that of several
    workers at their first start one does it and the others wait.
    """
    with database.begin() as connection:
        command.upgrade(_config(connection=connection), revision)


def downgrade(database: Database, revision: str) -> None:
    with database.begin() as connection:
        command.downgrade(_config(connection=connection), revision)


def current(database: Database) -> str | None:
    """The revision of the schema; ``None`` for an empty database."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """The revision that this version of Chirp needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def new_revision(database: Database, message: str) -> list[Path]:
    """Write the step from the schema of the database to the models; gives the file, to be read."""
    with database.begin() as connection:
        made = command.revision(_config(connection=connection), message, autogenerate=True)
    scripts = made if isinstance(made, list) else [made]
    return [Path(script.path) for script in scripts if script is not None]


def _config(**attributes: Any) -> Config:
    config = Config()
    # Percent signs have a meaning in Alembic's settings.
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes.update(attributes)
    return config
