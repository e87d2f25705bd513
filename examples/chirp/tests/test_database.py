"""database: one session per request, and what happens when the database is away."""

from __future__ import annotations

import contextlib
import socket
import sqlite3
import threading

import pytest
import sqlalchemy as sa
from chirp import create_app
from chirp.database import Database, DatabaseAway, _write_ahead, db, with_driver
from chirp.models import Person
from sqlalchemy.engine import make_url


@pytest.fixture
def pool(app):
    return app.extensions["chirp.database"].engine.pool


class TestSession:
    @pytest.fixture(autouse=True)
    def _views(self, app):
        @app.get("/test/nothing")
        def nothing():
            return "nothing"

        @app.route("/test/read", methods=["GET", "POST"])
        def read():
            assert db() is db()
            return str(db().scalar(sa.select(sa.func.count()).select_from(Person)))

        @app.get("/test/leave/<how>")
        def leave(how):
            db().add(Person(name="Left", name_key="left", email="l", email_key="l",
                            password_hash="", biography=""))  # fmt: skip
            db().flush()
            if how == "raise":
                raise RuntimeError("after a change")
            if how == "broken":
                db().execute(sa.text("SELECT nothing FROM nowhere"))
            return "not committed"

    def test_is_opened_when_it_is_needed(self, app, client, pool):
        checked_out = []
        sa.event.listen(pool, "checkout", lambda *args: checked_out.append(1))
        client.get("/test/nothing")
        assert checked_out == []
        client.get("/test/read")
        assert checked_out == [1]

    @pytest.mark.parametrize("how", ["quiet", "raise", "broken"])
    def test_nothing_leaks_and_nothing_stays(self, app, client, pool, session, how):
        app.testing = False
        for _ in range(30):
            answer = client.get(f"/test/leave/{how}", buffered=True)
            assert answer.status_code == (200 if how == "quiet" else 500)
            assert pool.checkedout() == 0
        assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == 0
        assert client.get("/test/read").text == "0"

    def test_requests_have_their_own(self, app, pool):
        seen = []

        @app.get("/test/which")
        def which():
            seen.append(db())
            return ""

        threads = [
            threading.Thread(target=lambda: app.test_client().get("/test/which", buffered=True))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len({id(session) for session in seen}) == 8
        assert pool.checkedout() == 0

    def test_when_every_connection_is_taken_it_is_503(self, app, client, pool, database_url):
        database = app.extensions["chirp.database"]
        pool._timeout = 0.05
        with contextlib.ExitStack() as stack:
            for _ in range(20):
                stack.enter_context(database.engine.connect())
            answer = client.get("/test/read", buffered=True)
            assert answer.status_code == 503
            assert answer.headers["Retry-After"] == "5"
        assert client.get("/test/read").text == "0"


class Proxy:
    """Stands before a database server, and can be away."""

    def __init__(self, host: str, port: int) -> None:
        self.target = host, port
        self.connections: list[socket.socket] = []
        self.listener: socket.socket | None = None
        self.port = 0
        self.start()

    def start(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, args=(self.listener,), daemon=True).start()

    def stop(self) -> None:
        assert self.listener is not None
        # close() alone would wait for accept() to return.
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self.connections.clear()

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.create_connection(self.target)
            self.connections += [near, far]
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._copy, args=(source, target), daemon=True).start()

    @staticmethod
    def _copy(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)


class TestAway:
    """The server goes away and comes back; nothing is restarted."""

    @pytest.fixture(params=["postgresql", "mariadb"])
    def database_url(self, request):
        return request.getfixturevalue("_servers")(request.param)

    @pytest.fixture
    def proxy(self, database_url):
        url = with_driver(make_url(database_url))
        proxy = Proxy(url.host, url.port)
        yield proxy
        proxy.stop()

    @pytest.fixture
    def app(self, database_url, proxy):
        url = with_driver(make_url(database_url)).set(host="127.0.0.1", port=proxy.port)
        app = create_app(
            {
                "CHIRP_DATABASE_URL": url.render_as_string(hide_password=False),
                "SECRET_KEY": "x",
            }
        )
        yield app
        app.extensions["chirp.database"].close()

    def test_503_until_it_is_back(self, app, client, proxy):
        program = {"Authorization": "Bearer chirp_x"}

        def page():
            return client.get("/everyone", buffered=True)

        def api():
            return client.get("/api/v1/me", headers=program, buffered=True)

        assert (page().status_code, api().status_code) == (200, 401)
        for _ in range(2):
            proxy.stop()
            for _ in range(3):
                away = page()
                assert away.status_code == 503
                assert away.headers["Retry-After"] == "5"
                assert "text/html" in away.headers["Content-Type"]
                assert "Traceback" not in away.text and "postgresql" not in away.text
                away = api()
                assert (away.status_code, away.json["error"]["status"]) == (503, 503)
            proxy.start()
            assert (page().status_code, api().status_code) == (200, 401)
        assert app.extensions["chirp.database"].engine.pool.checkedout() == 0

    def test_in_the_middle_of_a_request(self, app, client, proxy):
        @app.get("/test/middle")
        def middle():
            db().execute(sa.text("SELECT 1"))
            proxy.stop()
            db().execute(sa.text("SELECT 1"))

        assert client.get("/test/middle", buffered=True).status_code == 503
        proxy.start()
        assert client.get("/everyone", buffered=True).status_code == 200

    def test_from_the_start(self, app, client, proxy, caplog):
        proxy.stop()
        assert client.get("/everyone", buffered=True).status_code == 503
        # The operator reads why.
        assert "The database cannot be reached: " in caplog.text
        proxy.start()
        assert client.get("/everyone", buffered=True).status_code == 200


class TestSQLite:
    def test_a_file_that_is_gone(self, sqlite_url, tmp_path):
        app = create_app({"CHIRP_DATABASE_URL": sqlite_url, "SECRET_KEY": "x"})
        client = app.test_client()
        assert client.get("/everyone", buffered=True).status_code == 200
        app.extensions["chirp.database"].engine.dispose()
        folder = tmp_path.rename(tmp_path.with_name(tmp_path.name + "-away"))
        assert client.get("/everyone", buffered=True).status_code == 503
        folder.rename(tmp_path)
        assert client.get("/everyone", buffered=True).status_code == 200
        app.extensions["chirp.database"].close()

    def test_a_lock_that_is_not_to_be_had(self, sqlite_url):
        database = Database(sqlite_url)

        def impatient(connection, entry):
            connection.execute("PRAGMA busy_timeout = 50")

        sa.event.listen(database.engine, "connect", impatient)
        with database.session() as one, database.session() as other:
            one.execute(sa.text("SELECT 1"))
            with pytest.raises(DatabaseAway):
                other.execute(sa.text("SELECT 1"))
            one.rollback()
            other.rollback()
            other.execute(sa.text("SELECT 1"))
        database.close()

    def test_readers_do_not_wait_for_the_writer(self, sqlite_url):
        database = Database(sqlite_url)
        with database.session() as writer, database.session(reading=True) as reader:
            writer.execute(sa.text("DELETE FROM people"))
            assert reader.scalar(sa.text("SELECT count(*) FROM people")) == 0
        database.close()

    @pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
    def test_memory_is_refused(self, url):
        with pytest.raises(ValueError, match="name a file"):
            Database(url)


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("mysql://root@db/chirp", "mysql+pymysql"),
        ("mariadb://root@db/chirp", "mariadb+pymysql"),
        ("postgres://root@db/chirp", "postgresql+psycopg"),
        ("postgresql://root@db/chirp", "postgresql+psycopg"),
        ("postgresql+psycopg://root@db/chirp", "postgresql+psycopg"),
        ("sqlite:///chirp.sqlite3", "sqlite"),
    ],
)
def test_drivers(given, driver):
    assert with_driver(make_url(given)).drivername == driver


def test_a_change_to_wal_that_is_refused_at_once_is_tried_again(tmp_path):
    reader = sqlite3.connect(tmp_path / "file", isolation_level=None, check_same_thread=False)
    reader.execute("CREATE TABLE things (id)")
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM things").fetchall()
    # Without a timeout of its own, SQLite refuses as it does where waiting could not help.
    changing = sqlite3.connect(tmp_path / "file", isolation_level=None, timeout=0)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        changing.execute("PRAGMA journal_mode = WAL")
    release = threading.Timer(0.3, reader.execute, ["COMMIT"])
    release.start()
    _write_ahead(changing)
    release.join()
    assert changing.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    changing.close()
    reader.close()
