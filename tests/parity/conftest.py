"""One application under every server."""

from __future__ import annotations

from pathlib import Path

import pytest
import results
from servers import KINDS, Server

HERE = Path(__file__).resolve().parent
REFERENCE = "granian-asgi"


def pytest_configure(config):
    results.register(config)


@pytest.fixture(scope="session")
def reference():
    """What the answers of the others are compared with."""
    with Server(REFERENCE, HERE) as server:
        yield server


@pytest.fixture(scope="session", params=KINDS)
def server(request, missing, reference):
    """Each server in turn."""
    name = request.param
    if name == REFERENCE:
        yield reference
        return
    if not KINDS[name].is_installed:
        missing(f"the server {name} is not installed (make parity installs it)")
    with Server(name, HERE) as server:
        yield server


@pytest.fixture(autouse=True)
def _note_server(request, record_property):
    """Whose result it is, for the table in the documentation."""
    if "server" in request.fixturenames:
        record_property("server", request.getfixturevalue("server").name)
