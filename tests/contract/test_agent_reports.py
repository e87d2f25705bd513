"""Agents as they are installed, each with its own collector in memory: one transaction for each
request, named by its route, with the right status and the exception, and nothing of another
request. What they say of a page is what they say of it on Flask."""

from __future__ import annotations

import pytest

COUNT = 20
ROUTES = ["/async-fail/<n>", "/async/<n>", "/stream/<n>", "/sync-fail/<n>", "/sync/<n>"]
CLASS = "ZeroDivisionError"


def of_routes(name="{}", error=CLASS, status=int, nowhere=("", 404)):
    """What an agent says that names requests by their routes."""
    said = {route: (status(500), error) for route in ROUTES if "fail" in route}
    said.update({route: (status(200), None) for route in ROUTES if "fail" not in route})
    found = [[name.format(route), *said[route], COUNT] for route in ROUTES]
    return sorted([*found, [nowhere[0], status(nowhere[1]), None, COUNT]])


def of_errors():
    """What an agent says that reports exceptions alone."""
    return [["async-fail", None, CLASS, COUNT], ["sync-fail", None, CLASS, COUNT]]


# By the module of watchers: the modules that it needs, and what it says.
AGENTS = {
    "datadog": (
        ["ddtrace"],
        of_routes("GET {}", error="builtins.ZeroDivisionError", nowhere=("GET 404", 404)),
    ),
    "elastic": (
        ["elasticapm"],
        of_routes("GET {}", status=lambda code: f"HTTP {code // 100}xx"),
    ),
    "logfire_": (
        ["logfire", "opentelemetry.instrumentation.flask"],
        of_routes("GET {}", nowhere=("GET", 404)),
    ),
    # The middleware for the interfaces knows no routes, and Flask's error handling is inside of it.
    "otel": (
        ["opentelemetry.instrumentation.asgi", "opentelemetry.instrumentation.wsgi"],
        [["GET", 200, None, 3 * COUNT], ["GET", 404, None, COUNT], ["GET", 500, None, 2 * COUNT]],
    ),
    "prometheus": (
        ["prometheus_flask_exporter"],
        of_routes(error=None, nowhere=("None", 404)),
    ),
    "rollbar_": (["rollbar"], of_errors()),
    "bugsnag_": (["bugsnag"], of_errors()),
}


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize("interface", ["wsgi", "asgi"])
def test_each_request_is_reported_once_and_as_it_was(program, agent, interface):
    needs, kinds = AGENTS[agent]
    found = program("watched.py", interface, agent, str(COUNT), needs=needs)
    # All but the two errors and the page that is not there.
    assert found["right"] == 3 * COUNT
    assert found["mixed"] == []
    assert found["kinds"] == kinds


def test_new_relic_on_wsgi(program):
    """Its transactions belong to a thread: on ASGI a stream is made on another one."""
    found = program("watched.py", "wsgi", "newrelic_", str(COUNT), needs=["newrelic"])
    assert found["right"] == 3 * COUNT
    assert found["mixed"] == []
    views = {"async_": 200, "async_fail": 500, "stream": 200, "sync": 200, "sync_fail": 500}
    said = {name.rpartition(":")[2]: rest for name, *rest in found["kinds"]}
    error = "builtins:ZeroDivisionError"
    for view, status in views.items():
        assert said.pop(view) == [status, error if status == 500 else None, COUNT]
    [[status, _, count]] = said.values()
    assert (status, count) == (404, COUNT)


def test_pyinstrument_on_wsgi(program):
    """Its profiler belongs to a thread: on ASGI the hooks of an async view run on others."""
    found = program("watched.py", "wsgi", "pyinstrument_", str(COUNT), needs=["pyinstrument"])
    assert (found["right"], found["mixed"]) == (3 * COUNT, [])
    assert found["kinds"] == of_routes(error=None)
