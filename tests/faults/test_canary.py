"""A thousand requests at once never see each other's context, session, g or variables."""

from __future__ import annotations

import asyncio
import json
import threading
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from exchange import request

from erlen import Erlen

ANSWERS = 1000
VIEWS = ["sync", "async", "set/sync", "set/async", "stream/sync", "stream/async",
         "error/sync", "error/async"]  # fmt: skip


def check(seen, n, session, interface):
    """Assert what the ``n``-th request saw, at its beginning and at its end."""
    if interface == "wsgi":
        # A context variable that nobody resets stays on its thread, as under every WSGI server.
        for one in seen.values():
            del one["variable before"]
    n = str(n)
    one = {
        "g": n,
        "async g": n,
        "variable": n,
        "request": n,
        "session": session,
        "left": False,
        **({"variable before": ""} if interface == "asgi" else {}),
    }
    assert seen == {"first": one, "last": one}


def plan(n):
    """The view of the ``n``-th request, and whether it has a session of its own."""
    view = VIEWS[n % len(VIEWS)]
    return view, not view.startswith("set") and n % 3 == 0


# -- over sockets ----------------------------------------------------------------------------


async def ask(port, path, cookie=None):
    """The headers and the body of an answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        headers = {"Connection": "close"}
        if cookie is not None:
            headers["Cookie"] = cookie
        writer.write(request(path, headers=headers))
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    finally:
        writer.close()
    lines = head.decode().split("\r\n")
    assert " 200 " in lines[0], lines[0]
    fields = {}
    for line in lines[1:]:
        name, _, value = line.partition(": ")
        fields[name.lower()] = value
    if "chunked" in fields.get("transfer-encoding", ""):
        pieces = []
        while True:
            size, _, body = body.partition(b"\r\n")
            if not int(size, 16):
                break
            pieces.append(body[: int(size, 16)])
            body = body[int(size, 16) + 2 :]
        body = b"".join(pieces)
    return fields, json.loads(body)


async def visit(port, n, interface):
    """One client: a session, if it has one, and a request that must see it and no other."""
    view, has_session = plan(n)
    cookie = session = None
    if has_session:
        fields, _ = await ask(port, f"/canary/set/sync?id=s{n}00")
        cookie, session = fields["set-cookie"].partition(";")[0], f"s{n}00"
    fields, seen = await ask(port, f"/canary/{view}?id={n}", cookie)
    if view.startswith("set"):
        session = str(n)
        assert "session=" in fields["set-cookie"]
    check(seen, n, session, interface)
    assert fields["x-id"] == f"{n} {n} {n} {n}"


@pytest.fixture(scope="module")
def served(interface, start):
    with start(interface, "--backlog", "2048") as server:
        yield server


def test_fault_15_a_thousand_requests_at_once(served, interface):
    async def all_at_once():
        await asyncio.gather(*[visit(served.port, n, interface) for n in range(ANSWERS)])

    asyncio.run(asyncio.wait_for(all_at_once(), 60))
    counts = served.settled_counts()
    assert counts["requests"] == counts["teardowns"] >= ANSWERS
    assert "Traceback" not in served.log()


# -- in this process -------------------------------------------------------------------------


@pytest.fixture
def app():
    """The same views, in an application of this process."""
    spec = spec_from_file_location("canary", Path(__file__).with_name("canary.py"))
    views = module_from_spec(spec)
    spec.loader.exec_module(views)
    app = Erlen("canary")
    app.secret_key = "canary"
    app.register_blueprint(views.canary)
    return app


def test_in_process_on_asgi(app):
    async def visit(n):
        view, has_session = plan(n)
        client = app.async_test_client()
        session = None
        if has_session:
            session = f"{n}00"
            await client.get(f"/canary/set/async?id={session}")
        response = await client.get(f"/canary/{view}?id={n}")
        if view.startswith("set"):
            session = str(n)
        check(json.loads(response.data), n, session, "asgi")
        assert response.headers["X-Id"] == f"{n} {n} {n} {n}"

    async def all_at_once():
        await asyncio.gather(*[visit(n) for n in range(ANSWERS)])

    asyncio.run(asyncio.wait_for(all_at_once(), 60))


def test_in_process_on_wsgi(app):
    failed = []
    numbers = iter(range(ANSWERS))
    lock = threading.Lock()

    def work():
        while True:
            with lock:
                n = next(numbers, None)
            if n is None or failed:
                return
            view, has_session = plan(n)
            client = app.test_client(interface="wsgi")
            session = None
            try:
                if has_session:
                    session = f"{n}00"
                    client.get(f"/canary/set/sync?id={session}")
                with client.get(f"/canary/{view}?id={n}") as response:
                    if view.startswith("set"):
                        session = str(n)
                    check(json.loads(response.data), n, session, "wsgi")
                    assert response.headers["X-Id"] == f"{n} {n} {n} {n}"
            except BaseException as error:
                failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if failed:
        raise failed[0]
