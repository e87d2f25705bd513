"""commands: what an operator runs."""

from __future__ import annotations

import re

import pytest
from chirp import create_app, migrations
from chirp.database import Database
from chirp.models import Chirp, Follow, Like, Person
from chirp.services import people
from sqlalchemy import func, select


@pytest.fixture
def run(app):
    runner = app.test_cli_runner()

    def run(*args, **options):
        return runner.invoke(args=args, **options)

    return run


def count(session, model):
    return session.scalar(select(func.count()).select_from(model))


class TestSeed:
    def test_writes_and_says_how_far_it_is(self, run, session):
        result = run(
            "seed", "--users", "30", "--chirps", "400", "--follows", "200", "--likes", "50"
        )
        assert result.exit_code == 0, result.output
        assert [count(session, m) for m in (Person, Chirp, Follow, Like)] == [30, 400, 200, 50]
        for line in ("people           30 of 30", "chirps          400 of 400",
                     "follows         200 of 200", "likes            50 of 50"):  # fmt: skip
            assert line in result.output
        name, password = re.search(
            r"Log in as (\S+) with the password (\S+)", result.output
        ).groups()
        assert people.authenticate(session, name, password, "192.0.2.1") is not None

    def test_chooses_what_is_not_said(self, run, session):
        result = run("seed", "--users", "3", "--chirps", "5", "--password", "correct horse")
        assert result.exit_code == 0, result.output
        assert [count(session, m) for m in (Person, Chirp, Follow, Like)] == [3, 5, 3, 5]
        assert "correct horse" in result.output

    @pytest.mark.parametrize(
        "args",
        [
            ("--users", "0"),
            ("--users", "x"),
            ("--users", "2", "--follows", "3"),
            ("--chirps", "-1"),
        ],
    )
    def test_says_what_is_wrong(self, run, session, args):
        result = run("seed", *args)
        assert result.exit_code != 0
        assert "Error" in result.output and "Traceback" not in result.output
        assert count(session, Person) == 0


class TestCreateUser:
    def test_registers(self, run, session):
        result = run(
            "create-user", "Ada", "ada@example.org", input="correct horse\ncorrect horse\n"
        )
        assert result.exit_code == 0, result.output
        assert "correct horse" not in result.output
        assert people.authenticate(session, "ada", "correct horse", "192.0.2.1") is not None

    @pytest.mark.parametrize(
        ("name", "email", "password", "field"),
        [
            ("a b", "a@example.org", "correct horse", "name"),
            ("Ada", "nowhere", "correct horse", "email"),
            ("Ada", "a@example.org", "short", "password"),
        ],
    )
    def test_says_what_is_wrong(self, run, session, name, email, password, field):
        result = run("create-user", name, email, "--password", password)
        assert result.exit_code == 1
        assert f"Error: {field}:" in result.output
        assert count(session, Person) == 0


class TestDb:
    def test_upgrades_a_server(self, run, database):
        if database.is_sqlite:
            pytest.skip("SQLite is upgraded at the start")
        migrations.downgrade(database, "base")
        stale = run("db", "current")
        assert stale.exit_code == 1
        assert "run 'db upgrade'" in stale.output
        assert run("db", "upgrade").output == f"empty -> {migrations.newest()}\n"
        assert run("db", "upgrade").output == f"{migrations.newest()}, as before\n"
        assert run("db", "current").output == f"{migrations.newest()}\n"

    def test_writes_the_next_step(self, run, tmp_path, monkeypatch, sqlite_url):
        folder = tmp_path / "migrations"
        import shutil

        shutil.copytree(migrations.FOLDER, folder)
        monkeypatch.setattr(migrations, "FOLDER", folder)
        result = run("db", "revision", "nothing new")
        assert result.exit_code == 0, result.output
        (written,) = (p for p in (folder / "versions").glob("*.py") if p.name != "0001_first.py")
        text = written.read_text()
        assert "down_revision = '0001'" in text
        # The models say nothing that the database has not.
        assert text.count("pass") == 2

    @pytest.mark.parametrize(
        "args",
        [("db", "upgrade"), ("db", "current"), ("seed", "--users", "1"),
         ("create-user", "ada", "ada@example.org", "--password", "correct horse")],
    )  # fmt: skip
    def test_says_why_the_database_cannot_be_reached(self, args):
        app = create_app(
            {"CHIRP_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/chirp", "SECRET_KEY": "x"}
        )
        result = app.test_cli_runner().invoke(args=args)
        assert result.exit_code == 1
        assert "Error: The database cannot be reached" in result.output
        assert "port 1 failed" in result.output
        assert "Traceback" not in result.output
        app.extensions["chirp.database"].close()


def test_a_session_is_closed_after_a_command(run, app, session):
    assert run("create-user", "a b", "x", "--password", "y").exit_code == 1
    database: Database = app.extensions["chirp.database"]
    assert database.engine.pool.checkedout() == 0
