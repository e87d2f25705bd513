"""Where a server has no live connections, pages are told so and ask again by themselves."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _on_wsgi(interface):
    if interface != "wsgi":
        pytest.skip("test_live has what ASGI answers")


def test_an_open_page_would_keep_a_thread_of_the_server(visitor):
    response = visitor.get("/live/events?stream=everyone")
    assert response.status_code == 501
    assert "ask again" in response.text


def test_there_are_no_web_sockets(visitor):
    headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    assert visitor.get("/live?stream=everyone", headers=headers).status_code == 426


def test_a_page_says_where_and_how_often_to_ask(app, visitor):
    app.config["CHIRP_POLL_SECONDS"] = 7
    page = visitor.get("/everyone").text
    assert 'data-poll-seconds="7"' in page
    assert "data-live" not in page and "data-events" not in page
    assert 'data-fresh="/fresh?stream=everyone&amp;back=/everyone"' in page
