"""What all tests of Chirp share: an application on an empty database, on each kind of it.

SQLite is always there. With ERLEN_REQUIRE_SERVICES=1, or where CHIRP_TEST_POSTGRESQL or
CHIRP_TEST_MARIADB names a server, the same tests run there too, in databases that the test run
makes and drops. Redis (CHIRP_TEST_REDIS) is used where it answers.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

sys.path.insert(0, str(Path(__file__).parents[1]))
# Every answer of a test client passes wsgiref.validate.
os.environ.setdefault("ERLEN_VALIDATE_WSGI", "1")
for _name in ("CHIRP_DATABASE_URL", "REDIS_URL", "SECRET_KEY"):
    os.environ.pop(_name, None)

from chirp import create_app, migrations  # noqa: E402
from chirp.database import Database, with_driver  # noqa: E402
from chirp.models import Base, Person  # noqa: E402
from chirp.services import passwords, people  # noqa: E402

SERVERS = {
    "postgresql": os.environ.get(
        "CHIRP_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres"
    ),
    "mariadb": os.environ.get("CHIRP_TEST_MARIADB", "mysql://root@127.0.0.1:3306/"),
}
REQUIRED = os.environ.get("ERLEN_REQUIRE_SERVICES") == "1"
KINDS = ["sqlite"] + [
    kind for kind in SERVERS if REQUIRED or os.environ.get(f"CHIRP_TEST_{kind.upper()}")
]
REDIS = os.environ.get("CHIRP_TEST_REDIS", "redis://127.0.0.1:6379/0")


def _missing(reason: str) -> None:
    if REQUIRED:
        pytest.fail(f"{reason}, and ERLEN_REQUIRE_SERVICES=1 says that it must be there")
    pytest.skip(f"{reason} (set ERLEN_REQUIRE_SERVICES=1 to fail instead)")


@pytest.fixture(scope="session")
def missing() -> Callable[[str], None]:
    """Skips a test, or fails it where nothing may be missing."""
    return _missing


@pytest.fixture(scope="session")
def _servers() -> Iterator[Callable[[str], str]]:
    """Gives the address of a database that this run made on a server, with Chirp's schema."""
    made: dict[str, str] = {}
    away: dict[str, str] = {}

    def address(kind: str) -> str:
        if kind not in KINDS:
            _missing(f"{kind} is not asked for")
        if kind in away:
            _missing(away[kind])
        if kind not in made:
            server = with_driver(make_url(SERVERS[kind]))
            name = f"chirp_test_{secrets.token_hex(6)}"
            try:
                _run(server, f"CREATE DATABASE {name}")
            except sa.exc.OperationalError as error:
                away[kind] = f"{kind} does not answer: {error.orig}"
                _missing(away[kind])
            url = server.set(database=name)
            made[kind] = url.render_as_string(hide_password=False)
            database = Database(made[kind])
            migrations.upgrade(database)
            database.close()
        return made[kind]

    yield address
    for kind, url in made.items():
        force = " WITH (FORCE)" if kind == "postgresql" else ""
        _run(with_driver(make_url(SERVERS[kind])), f"DROP DATABASE {make_url(url).database}{force}")


def _run(server: sa.URL, statement: str) -> None:
    engine = sa.create_engine(
        server, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3}
    )
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("chirp") / "template.sqlite3"
    database = Database(f"sqlite:///{path}")
    migrations.upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture
def sqlite_url(_sqlite_template: Path, tmp_path: Path) -> str:
    """An empty database on SQLite with Chirp's schema."""
    path = tmp_path / "chirp.sqlite3"
    shutil.copy(_sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database with Chirp's schema, on each kind of database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    url = request.getfixturevalue("_servers")(request.param)
    yield url
    database = Database(url)
    with database.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
    database.close()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def session(database: Database) -> Iterator[sa.orm.Session]:
    with database.session() as session:
        yield session


@pytest.fixture
def register(session: sa.orm.Session) -> Callable[[str], Person]:
    """Registers a person by a name; the password is ``correct horse``."""

    def register(name: str) -> Person:
        return people.register(session, name, f"{name}@example.org", "correct horse")

    return register


@pytest.fixture
def ada(register: Callable[[str], Person]) -> Person:
    return register("Ada")


@pytest.fixture
def bob(register: Callable[[str], Person]) -> Person:
    return register("Bob")


@pytest.fixture
def app(database_url: str, tmp_path: Path):
    app = create_app(
        {
            "CHIRP_DATABASE_URL": database_url,
            "SECRET_KEY": "for the tests",
            "CHIRP_AVATARS": "generated",
            "TESTING": True,
        }
    )
    yield app
    app.extensions["chirp.database"].close()


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """The strong default costs a tenth of a second for each password."""
    monkeypatch.setattr(passwords, "METHOD", "scrypt:1024:1:1")


@pytest.fixture
def redis_url() -> Iterator[str]:
    """A Redis, where one answers."""
    import redis

    client = redis.Redis.from_url(REDIS, socket_connect_timeout=2)
    try:
        client.ping()
    except redis.RedisError as error:
        _missing(f"Redis does not answer: {error}")
    finally:
        client.close()
    yield REDIS
