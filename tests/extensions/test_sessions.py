"""Flask-Session: a basket in Redis, in PostgreSQL and in files."""

from __future__ import annotations

import os
import secrets
import socket
from urllib.parse import urlsplit

import pytest

STORES = {
    "redis": os.environ.get("EXTENSIONS_REDIS", "redis://127.0.0.1:6379/8"),
    "sqlalchemy": os.environ.get(
        "EXTENSIONS_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
    ),
    "cachelib": None,
}


@pytest.fixture(params=STORES)
def store(request, missing, tmp_path):
    """The variables that name the store."""
    kind, address = request.param, STORES[request.param]
    if address is not None:
        url = urlsplit(address)
        try:
            socket.create_connection((url.hostname, url.port), 2).close()
        except OSError:
            missing(f"nothing listens on port {url.port} of {url.hostname}")
    return {
        "BASKET_SESSIONS": kind,
        "BASKET_STORE": address or str(tmp_path / "store"),
        # What is left there is found, and is nobody else's.
        "BASKET_NAME": f"erlen_test_{secrets.token_hex(6)}",
    }


def add(person, item):
    person.type("#add input", item)
    person.click("#add button")


def test_a_basket_is_kept_on_the_server(serve, people, store, command):
    ada, bob = people(), people()
    with serve("basket", **store) as url:
        ada.open(url)
        add(ada, "an engine")
        ada.wait("#count", "1 items")
        add(ada, "<b>café</b>")
        ada.wait("#count", "2 items")
        assert ada.texts("li") == ["an engine", "<b>café</b>"]
        before = ada.cookies()["session"]
        assert "engine" not in before and len(before) < 60

        # Another person has another basket.
        bob.open(url)
        assert bob.text("#count") == "0 items"

        # The asynchronous view: a new id, the same basket.
        ada.type("#enter input", "Ada")
        ada.click("#enter button")
        ada.wait("h1", "Ada's basket")
        after = ada.cookies()["session"]
        assert after != before
        assert ada.text("#count") == "2 items"

        # The old id leads nowhere.
        bob.send("/cookie", cookie={"name": "session", "value": before, "path": "/"})
        bob.open(url)
        assert bob.text("#count") == "0 items"

    # What is on the server outlives the process.
    with serve("basket", **store) as url:
        ada.open(url)
        ada.send("/cookie", cookie={"name": "session", "value": after, "path": "/"})
        ada.open(url)
        assert ada.text("h1") == "Ada's basket"
        ada.click("#clear button")
        ada.wait("h1", "Your basket")
        assert ada.text("#count") == "0 items"
        assert "session" not in ada.cookies()

    if store["BASKET_SESSIONS"] == "sqlalchemy":
        # The command of the extension, which drops what has expired.
        status, printed = command("session_cleanup", "basket", **store)
        assert status == 0, printed
