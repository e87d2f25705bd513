"""Live connections: what an open page hears."""

from __future__ import annotations

import asyncio

import pytest

from erlen.testing.websocket import WebsocketRefused


@pytest.fixture(autouse=True)
def _on_asgi(interface):
    if interface != "asgi":
        pytest.skip("WSGI has no live connections: test_live_on_wsgi has what it answers")


def test_a_page_of_everyone_hears_of_each_chirp(person, visitor):
    ada = person("Ada")
    with visitor.client.websocket("/live?stream=everyone") as socket:
        chirp = ada.chirp("Hello")
        assert socket.receive_json() == {"type": "chirp", "id": chirp}
        ada.post(f"/chirps/{chirp}/delete")
        assert socket.receive_json() == {"type": "gone", "id": chirp}


def test_a_home_page_hears_of_whom_its_person_follows_from_that_moment_on(person):
    ada, bob, eve = person("Ada"), person("Bob"), person("Eve")
    with ada.client.websocket("/live?stream=home") as socket:
        eve.chirp("not followed")
        bob.chirp("not yet followed")
        ada.post("/@Bob/follow")
        heard = bob.chirp("followed")
        assert socket.receive_json() == {"type": "chirp", "id": heard}
        ada.post("/@Bob/unfollow")
        bob.chirp("not followed any more")
        own = ada.chirp("one's own")
        assert socket.receive_json() == {"type": "chirp", "id": own}
    with ada.client.websocket("/live?stream=home") as socket:
        ada.post("/@Eve/follow")
        heard = eve.chirp("followed before the page was opened, or since")
        assert socket.receive_json() == {"type": "chirp", "id": heard}


def test_a_persons_page_and_a_chirps_page_hear_their_own(person, visitor, stored):
    ada, bob = person("Ada"), person("Bob")
    chirp = ada.chirp("A question?")
    page = f"/chirps/{chirp}"
    with (
        visitor.client.websocket(f"/live?stream=person:{stored('Bob').id}") as of_bob,
        visitor.client.websocket(f"/live?stream=replies:{chirp}") as of_replies,
    ):
        ada.chirp("Something else")
        bob.send(page, f"{page}/replies", text="An answer")
        told = of_bob.receive_json()
        assert told["type"] == "chirp" and told == of_replies.receive_json()


@pytest.mark.parametrize(
    ("stream", "status"), [("home", 403), ("person:x", 404), ("secrets", 404), ("", 404)]
)
def test_what_a_stranger_does_not_hear(visitor, stream, status):
    socket = visitor.client.websocket(f"/live?stream={stream}")
    with pytest.raises(WebsocketRefused) as refused, socket:
        pass
    assert refused.value.status_code == status
    assert visitor.get(f"/live/events?stream={stream}").status_code == status


def test_a_page_of_another_site_cannot_listen(person):
    ada = person("Ada")
    socket = ada.client.websocket("/live?stream=home", headers={"Origin": "https://evil.test"})
    with pytest.raises(WebsocketRefused) as refused, socket:
        pass
    assert refused.value.status_code == 403


def test_a_connection_holds_no_connection_to_the_database(app, person, visitor):
    ada = person("Ada")
    pool = app.extensions["chirp.database"].engine.pool
    with (
        ada.client.websocket("/live?stream=home"),
        visitor.client.websocket("/live?stream=everyone"),
    ):
        ada.get("/")
        assert pool.checkedout() == 0


def test_who_leaves_is_forgotten(app, visitor):
    broadcaster = app.extensions["chirp.broadcaster"]
    for _ in range(3):
        with visitor.client.websocket("/live?stream=everyone"):
            assert len(broadcaster._subscriptions) == 1
    assert len(broadcaster._subscriptions) == 0


def test_server_sent_events(app, person):
    """The answer goes on for ever: it is read as a server would, message by message."""
    ada = person("Ada")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/live/events",
        "raw_path": b"/live/events",
        "query_string": b"stream=everyone",
        "root_path": "",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
    }

    async def listen():
        sent: asyncio.Queue = asyncio.Queue()
        received: asyncio.Queue = asyncio.Queue()
        received.put_nowait({"type": "http.request", "body": b"", "more_body": False})
        answer = asyncio.create_task(app.asgi(scope, received.get, sent.put))
        start = await asyncio.wait_for(sent.get(), 10)
        headers = dict(start["headers"])
        assert start["status"] == 200
        assert headers[b"content-type"].startswith(b"text/event-stream")
        assert headers[b"cache-control"] == b"no-store"
        assert (await asyncio.wait_for(sent.get(), 10))["body"] == b": connected\n\n"
        chirp = await asyncio.to_thread(ada.chirp, "Hello")
        told = await asyncio.wait_for(sent.get(), 10)
        assert told["body"] == b'data: {"type": "chirp", "id": %d}\n\n' % chirp
        received.put_nowait({"type": "http.disconnect"})
        await asyncio.wait_for(answer, 10)

    asyncio.run(listen())
    assert len(app.extensions["chirp.broadcaster"]._subscriptions) == 0
