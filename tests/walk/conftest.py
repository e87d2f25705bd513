from __future__ import annotations

import pytest


@pytest.fixture(params=["wsgi", "asgi"], autouse=True)
def interface(request, monkeypatch):
    """Every feature works on both interfaces: test clients call the one named here."""
    monkeypatch.setenv("ERLEN_TEST_INTERFACE", request.param)
    return request.param
