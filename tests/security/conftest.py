"""What the adversarial cases share."""

from __future__ import annotations

import gc
import os
from io import RawIOBase
from secrets import token_hex
from time import process_time

import pytest

from erlen import Erlen, Request, request
from erlen.sessions.redis_store import RedisStore
from erlen.sessions.stores import MemoryStore, SQLiteStore

REDIS = os.environ.get("ERLEN_TEST_REDIS", "redis://127.0.0.1:6379/9")


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc):
    # Behind the marks of the test, so that its id begins with the number of the case.
    if "interface" in metafunc.fixturenames:
        metafunc.parametrize("interface", ["wsgi", "asgi"], indirect=True)


@pytest.fixture
def interface(request, monkeypatch):
    """Test clients call the interface named here; a test that asks for it runs on both."""
    monkeypatch.setenv("ERLEN_TEST_INTERFACE", request.param)
    return request.param


def _cost(run, value, times):
    """Seconds of this process, with all of its threads, for a byte of ``value``: the best time."""
    spent = []
    for _ in range(times):
        start = process_time()
        run(value)
        spent.append(process_time() - start)
    return min(spent) / len(value)


@pytest.fixture(scope="session")
def assert_linear():
    """Asserts that a byte of a long input costs no more than one of a short input.

    The factor is generous: the sizes differ by 64 times, and so do the costs of a byte where an
    algorithm is quadratic.
    """

    def check(run, make, small=16 * 1024, large=1024 * 1024, factor=8):
        long = make(large)
        run(make(small))
        # The collector looks at all that is alive, which grows with the input too.
        gc.disable()
        try:
            cheap = _cost(run, make(small), 3)
            dear = _cost(run, long, 1)
            if dear > factor * cheap:
                # Once more, in case the machine was busy.
                cheap = max(cheap, _cost(run, make(small), 3))
                dear = min(dear, _cost(run, long, 3))
        finally:
            gc.enable()
        assert dear <= factor * cheap, f"{dear / cheap:.0f} times the cost for a byte"

    return check


class Pieces(RawIOBase):
    """A body that comes in pieces, made when they are read, and that counts them.

    :param pieces: an iterable of bytes; a read gives one of them, or as much as was asked for
    """

    def __init__(self, pieces):
        self._pieces = filter(None, pieces)
        self._left = b""
        self.sent = 0

    def readable(self):
        return True

    def read(self, size=-1, /):
        assert size > 0, "the whole body must not be asked for at once"
        data = self._left or next(self._pieces, b"")
        self._left = data[size:]
        data = data[:size]
        self.sent += len(data)
        return data


@pytest.fixture(scope="session")
def pieces():
    """:class:`Pieces`."""
    return Pieces


class TrackedRequest(Request):
    """Keeps the files that uploads were written to."""

    def _get_file_stream(self, *args, **kwargs):
        file = super()._get_file_stream(*args, **kwargs)
        self.opened.append(file)
        return file


@pytest.fixture
def form_app(interface):
    """Answers with the form that it got; ``request_class.opened`` are the files of all uploads."""
    app = Erlen(__name__)
    app.request_class = type("Tracked", (TrackedRequest,), {"opened": []})

    @app.route("/", methods=["GET", "POST"])
    def index():
        return {
            "args": request.args.to_dict(flat=False),
            "form": request.form.to_dict(flat=False),
            "files": [
                [name, file.filename, file.read().decode("latin-1")]
                for name, file in request.files.items(multi=True)
            ],
        }

    return app


@pytest.fixture
def send_form():
    """Sends a body in pieces with a client; without a length the server ends it."""

    def send(client, body, content_type="multipart/form-data; boundary=b", length=None):
        told = {"CONTENT_TYPE": content_type, "wsgi.input": body}
        if length is None:
            told |= {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
        else:
            told["CONTENT_LENGTH"] = str(length)
        return client.post("/", environ_overrides=told)

    return send


@pytest.fixture
def respond(interface):
    """Asks an application with one view, whose errors come out here, for its answer."""

    def ask(view, headers=None, **config):
        app = Erlen(__name__)
        app.config.update(TESTING=True, **config)
        app.add_url_rule("/", "index", view)
        return app.test_client().get("/", headers=headers)

    return ask


@pytest.fixture
def redis_client(missing):
    """A client of the Redis that tests may write to; each takes keys of its own."""
    redis = pytest.importorskip("redis")
    client = redis.Redis.from_url(REDIS, socket_connect_timeout=1)
    try:
        client.ping()
    except redis.ConnectionError:
        missing(f"Redis does not answer at {REDIS} (ERLEN_TEST_REDIS names another)")
    yield client
    client.close()


@pytest.fixture(params=["memory", "sqlite", "redis"])
def store(request, tmp_path):
    """Each of the stores of sessions, empty."""
    if request.param == "memory":
        yield MemoryStore()
    elif request.param == "sqlite":
        store = SQLiteStore(str(tmp_path / "sessions.db"))
        yield store
        store.close()
    else:
        client = request.getfixturevalue("redis_client")
        prefix = f"erlen-test-{token_hex(8)}:"
        yield RedisStore(client, prefix)
        for key in client.scan_iter(f"{prefix}*"):
            client.delete(key)
