"""Applications under the server that ``erlen serve`` starts."""

from __future__ import annotations

import pytest
import results
from faulty import Faulty
from servers import BUNDLED


def pytest_configure(config):
    results.register(config)


@pytest.fixture(scope="session")
def start():
    """Start a server of one's own: ``with start("asgi", *options) as server``."""
    return Faulty


@pytest.fixture(scope="module", params=BUNDLED)
def interface(request):
    return request.param


@pytest.fixture(scope="module")
def server(interface):
    """The bundled server, on each interface in turn."""
    with Faulty(interface) as server:
        yield server


@pytest.fixture(autouse=True)
def _note_server(request, record_property):
    """Whose result it is, for the table in the documentation."""
    if "interface" in request.fixturenames:
        record_property("interface", request.getfixturevalue("interface"))
    elif "start" in request.fixturenames:
        # What cannot be on WSGI, or is the same there.
        record_property("interface", "asgi")
