"""OpenTelemetry's instrumentation for Flask, as it is, with an exporter in memory: a span for each
request, and no request's data is another one's."""

from __future__ import annotations

import pytest

REQUESTS = 200
NEEDS = ["opentelemetry.sdk", "opentelemetry.instrumentation.flask"]


@pytest.mark.parametrize("how", ["app", "class"])
@pytest.mark.parametrize("interface", ["wsgi", "asgi"])
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_two_hundred_requests_at_once_are_not_mixed(program, interface, colour, how):
    found = program("opentelemetry_spans.py", interface, colour, str(REQUESTS), how, needs=NEEDS)
    assert found["answers"] == REQUESTS
    assert found["spans"] == REQUESTS
    assert found["names"] == ["GET /<n>"]
    # Each span has the path and the marker of one request, and each view saw its own span.
    assert found["mixed"] == []
    # The span that a view starts is a child of its request's.
    assert found["children"] == REQUESTS
    assert found["orphans"] == []
    # Nothing was said of a token that could not be reset, nor of a span that is missing.
    assert found["log"] == []
    assert found["left"] is False
