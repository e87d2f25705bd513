"""migrations: the steps lead to what the models say, there and back."""

from __future__ import annotations

import multiprocessing

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from chirp import create_app, migrations
from chirp.database import Database
from chirp.models import Base


def test_the_schema_is_that_of_the_models(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_down_and_up_again(database):
    assert migrations.current(database) == migrations.newest()
    migrations.downgrade(database, "base")
    assert migrations.current(database) is None
    assert set(sa.inspect(database.engine).get_table_names()) == {"alembic_version"}
    migrations.upgrade(database)
    assert migrations.current(database) == migrations.newest()
    # A second time changes nothing.
    migrations.upgrade(database)
    assert len(sa.inspect(database.engine).get_table_names()) == 7


def test_a_step_that_fails_leaves_nothing_half_done(sqlite_url, monkeypatch):
    database = Database(sqlite_url)
    migrations.downgrade(database, "base")

    def fail(self, operations):
        raise RuntimeError("the power went out")

    monkeypatch.setattr(ops.CreateIndexOp, "to_index", fail)
    with pytest.raises(RuntimeError, match="power"):
        migrations.upgrade(database)
    assert migrations.current(database) is None
    assert "people" not in sa.inspect(database.engine).get_table_names()
    database.close()


def test_sqlite_is_made_at_the_first_start(tmp_path):
    path = tmp_path / "a" / "b" / "chirp.sqlite3"
    app = create_app({"CHIRP_DATABASE_URL": f"sqlite:///{path}", "SECRET_KEY": "x"})
    database = app.extensions["chirp.database"]
    assert migrations.current(database) == migrations.newest()
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    database.close()


def _start(url, results):
    app = create_app({"CHIRP_DATABASE_URL": url, "SECRET_KEY": "x"})
    database = app.extensions["chirp.database"]
    results.put(migrations.current(database))
    database.close()


def test_workers_that_start_together_make_it_once(tmp_path):
    spawn = multiprocessing.get_context("fork")
    results = spawn.Queue()
    url = f"sqlite:///{tmp_path / 'chirp.sqlite3'}"
    workers = [spawn.Process(target=_start, args=(url, results)) for _ in range(4)]
    for worker in workers:
        worker.start()
    found = [results.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join(30)
        assert worker.exitcode == 0
    assert found == [migrations.newest()] * 4
