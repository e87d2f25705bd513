"""Who hooks in, and what they may count on: each line of ``ARCHITECTURE.md``'s contract is a file.

Every test runs on the ways of :data:`WAYS`, called as a server calls an application. No test client
is between: a request that a client makes may join a context, and one of a server never does.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import gc
import importlib
import json
import logging
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from freeing import let_go

from erlen import has_app_context, has_request_context
from erlen.testing.builder import create_environ

PROGRAMS = Path(__file__).parent / "programs"
# Longer than anything takes on a machine that does ten other things.
SECONDS = 30
WAYS = ("wsgi", "wsgi-async", "asgi", "asgi-async")
END = {"type": "http.request", "body": b"", "more_body": False}
GONE = {"type": "http.disconnect"}


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """Each test has a copy of the context variables: one that fails leaves none to the others."""
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}

    def call():
        pyfuncitem.obj(**arguments)
        assert not has_app_context() and not has_request_context(), "a context is left"

    contextvars.copy_context().run(call)
    return True


@pytest.fixture(autouse=True)
def _loggers_of_others():
    """A test that silences an application's logger does so for itself alone."""
    yield
    for logger in list(logging.Logger.manager.loggerDict.values()):
        if isinstance(logger, logging.Logger):
            logger.disabled = False


@dataclass
class Answer:
    """What a server was given for one request.

    :param starts: how often an answer was begun
    :param is_complete: whether it came to its end
    :param error: what the application raised to the server
    """

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    starts: int = 0
    is_complete: bool = False
    error: BaseException | None = None

    def fail(self, error):
        """Keep what was raised, without the frame of the server, which has this answer."""
        self.error = error.with_traceback(error.__traceback__.tb_next)

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name):
        return ", ".join(self.all(name)) if self.all(name) else None

    @property
    def cookie(self):
        """The header that sends back what was set."""
        return {"Cookie": "; ".join(value.partition(";")[0] for value in self.all("Set-Cookie"))}


class WsgiServer:
    """A server that does what PEP 3333 says, and no more.

    :param pieces: after so many pieces of the body the client goes away
    """

    def __init__(self, pieces=None):
        self.answer = Answer()
        self._head = None
        self._is_sent = False
        self._pieces = pieces

    def start_response(self, status, headers, exc_info=None):
        if exc_info is not None:
            try:
                if self._is_sent:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None
        elif self._head is not None:
            raise AssertionError("start_response was called twice without exc_info")
        if self._head is None:
            self.answer.starts += 1
        self._head = status, list(headers)
        return self.write

    def write(self, data):
        if self._head is None:
            raise AssertionError("a body before start_response")
        if not self._is_sent:
            self._is_sent = True
            status, self.answer.headers = self._head
            self.answer.status = int(status.split()[0])
        self.answer.body += data

    def _take(self):
        # What was raised has frames, and they have this object, which must not have the answer.
        answer, self.answer = self.answer, None
        return answer

    def serve(self, application, environ):
        body = None
        try:
            body = application(environ, self.start_response)
            for count, piece in enumerate(body, 1):
                assert type(piece) is bytes
                if piece:
                    self.write(piece)
                if count == self._pieces:
                    break
            else:
                if not self._is_sent:
                    self.write(b"")
                self.answer.is_complete = True
        except BaseException as error:
            self.answer.fail(error)
        try:
            if hasattr(body, "close"):
                body.close()
        except BaseException as error:
            self.answer.fail(error)
        return self._take()


def make_environ(path="/", method="GET", body=b"", headers=()):
    return create_environ(path, method=method, data=body or None, headers=dict(headers))


def make_scope(path="/", method="GET", body=b"", headers=()):
    path, _, query = path.partition("?")
    pairs = [(b"host", b"localhost")]
    pairs += [(k.lower().encode(), v.encode("latin-1")) for k, v in dict(headers).items()]
    if body:
        pairs.append((b"content-length", b"%d" % len(body)))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": pairs,
        "server": ("localhost", 80),
        "client": ("127.0.0.1", 50000),
        "extensions": {},
    }


async def talk(application, path="/ws"):
    """Open a WebSocket and go away: what the application has sent."""
    incoming = [{"type": "websocket.connect"}]
    sent = []

    async def receive():
        return incoming.pop(0) if incoming else {"type": "websocket.disconnect", "code": 1000}

    async def send(message):
        sent.append(message)

    scope = {**make_scope(path), "type": "websocket", "scheme": "ws", "subprotocols": []}
    del scope["method"]
    await application(scope, receive, send)
    return sent


class AsgiClient:
    """One request on ASGI, with what the server does for it.

    :param messages: what the server tells, one at a time; functions are awaited for theirs.
        Afterwards it tells nothing until the answer is complete, and then that the client is gone
    :param seen: is called with each message that the application sends
    """

    def __init__(self, messages=None, seen=None):
        self.answer = Answer()
        self.waiting = [END] if messages is None else list(messages)
        self.seen = seen
        self.finished = asyncio.Event()

    async def receive(self):
        if self.waiting:
            message = self.waiting.pop(0)
            return await message() if callable(message) else message
        await self.finished.wait()
        return GONE

    async def send(self, message):
        if self.seen is not None:
            rv = self.seen(message)
            if rv is not None:
                await rv
        answer = self.answer
        if message["type"] == "http.response.start":
            answer.starts += 1
            answer.status = message["status"]
            answer.headers = [
                (key.decode("latin-1"), value.decode("latin-1"))
                for key, value in message.get("headers", ())
            ]
            return
        assert message["type"] == "http.response.body", message
        assert answer.starts == 1 and not answer.is_complete
        answer.body += message.get("body", b"")
        if not message.get("more_body", False):
            answer.is_complete = True
            self.finished.set()

    _take = WsgiServer._take

    async def serve(self, application, scope):
        try:
            await application(scope, self.receive, self.send)
        except BaseException as error:
            self.answer.fail(error)
        finally:
            self.finished.set()
        return self._take()


def run(main):
    """Run a coroutine on a loop of its own."""
    return asyncio.run(asyncio.wait_for(main, SECONDS))


class Way:
    """An interface, and the colour of the functions of an application."""

    def __init__(self, name):
        self.name = name
        self.interface = name.partition("-")[0]
        self.is_async = name.endswith("async")
        self.is_asgi = self.interface == "asgi"
        #: Whether an event loop of the server's runs the views.
        self.is_on_loop = name == "asgi-async"

    def colour(self, function):
        """The function in the colour of this way; an asynchronous one waits for a moment first."""
        if not self.is_async:
            return function

        @functools.wraps(function)
        async def waits(*args, **kwargs):
            await asyncio.sleep(0)
            return function(*args, **kwargs)

        return waits

    def serve(self, application, path="/", method="GET", body=b"", headers=(), messages=None):
        """What a server is given for one request, whatever that is."""
        if not self.is_asgi:
            return WsgiServer().serve(application, make_environ(path, method, body, headers))
        return run(self.serve_here(application, path, method, body, headers, messages))

    async def serve_here(
        self, application, path="/", method="GET", body=b"", headers=(), messages=None, seen=None
    ):
        """:meth:`serve` on the loop that runs already, for ASGI."""
        if messages is None and body:
            messages = [{"type": "http.request", "body": body, "more_body": False}]
        client = AsgiClient(messages, seen)
        return await client.serve(application, make_scope(path, method, body, headers))

    def ask(self, application, path="/", method="GET", body=b"", headers=()):
        """The answer to one request; it must come whole, and leave no context behind."""
        inside = has_app_context()
        answer = self.serve(application, path, method, body, headers)
        if answer.error is not None:
            raise answer.error
        assert answer.starts == 1, f"{answer.starts} answers"
        assert answer.is_complete
        assert has_app_context() is inside
        return answer


@pytest.fixture(params=WAYS)
def way(request):
    """How the application is called, and what colour its functions have."""
    return Way(request.param)


@pytest.fixture(params=["wsgi", "asgi"])
def interface(request):
    """A way whose functions are synchronous, for tests that have some of both colours."""
    return Way(request.param)


@pytest.fixture
def asgi():
    """ASGI with asynchronous functions, for what happens there alone."""
    return Way("asgi-async")


@pytest.fixture
def asgi_client():
    """:class:`AsgiClient`."""
    return AsgiClient


@pytest.fixture(name="talk")
def talk_fixture():
    """:func:`talk`."""
    return talk


@pytest.fixture
def wsgi_server():
    """:class:`WsgiServer`."""
    return WsgiServer


@pytest.fixture
def scope_of():
    return make_scope


@pytest.fixture
def environ_of():
    return make_environ


@pytest.fixture
def loop_run():
    return run


def named(name):
    """A name of Flask's or Werkzeug's, ``flask.globals.app_ctx``, wherever Erlen has it."""
    from erlen.compat import target_of

    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(target_of(module)), attribute)


@pytest.fixture(scope="session")
def flask_name():
    return named


@pytest.fixture
def clean():
    """Asserts that no context is left here."""

    def check():
        assert not has_app_context() and not has_request_context()

    return check


@pytest.fixture
def errors(caplog):
    """The entries that were logged as errors so far, by whomever."""
    caplog.set_level(logging.INFO)
    return lambda: [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.fixture
def warned(caplog):
    """Collects what is said as a warning, by ``warnings`` or to a log, in a ``with`` block."""
    import warnings

    @contextmanager
    def collect():
        texts = []
        before = len(caplog.records)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield texts
        texts += [str(one.message) for one in caught]
        texts += [
            record.getMessage()
            for record in caplog.records[before:]
            if record.levelno == logging.WARNING
        ]

    return collect


@pytest.fixture
def passing_on():
    """Makes WSGI middleware that passes bodies on, as they are or in an iterable of its own."""

    class Wrapper:
        def __init__(self, body):
            self.body = body

        def __iter__(self):
            yield from self.body

        def close(self):
            if hasattr(self.body, "close"):
                self.body.close()

    def make(inner, wraps):
        def middleware(environ, start_response):
            body = inner(environ, start_response)
            return Wrapper(body) if wraps else body

        return middleware

    return make


@pytest.fixture
def uncollected():
    """Without the garbage collector: what dies, dies because nobody refers to it."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def eventually(is_so, seconds=10):
    """Wait for what another thread is about to do; whether it has."""
    limit = time.monotonic() + seconds
    let_go()
    while not is_so():
        if time.monotonic() > limit:
            return False
        time.sleep(0.001)
        let_go()
    return True


@pytest.fixture
def soon():
    return eventually


def in_threads(count, function):
    """Run ``function(n)`` in so many threads at once; raises what the first of them raised."""
    failures = []

    def call(n):
        try:
            function(n)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=call, args=(n,), daemon=True) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
        assert not thread.is_alive(), "a thread hangs"
    if failures:
        raise failures[0]


@pytest.fixture
def threads():
    return in_threads


@pytest.fixture
def program(missing):
    """Run a program whose imports of ``flask`` are Erlen: what it prints, read as JSON.

    :param needs: the modules that it needs
    """

    def run_it(name, *arguments, needs=(), environ=None, source=None):
        from importlib.util import find_spec

        for module in needs:
            try:
                found = find_spec(module)
            except ModuleNotFoundError:
                found = None
            if found is None:
                missing(f"{module} is not installed (make agents installs it)")
        path = [str(PROGRAMS / name)] if source is None else ["-c", source]
        done = subprocess.run(
            [sys.executable, "-m", "erlen.compat", *path, *arguments],
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, **(environ or {})},
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run_it
