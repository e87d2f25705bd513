"""Many requests at once, watched by the agent that is named: what it has seen, as JSON.

Each agent is a module of ``watchers``: ``begin()`` is called before Flask is imported,
``attach(app)`` behind the views, ``tag(n)`` in each view; ``found()`` is what it has seen, a
dictionary with ``name``, ``status``, ``error`` and ``marks`` for each request, where the marks are
the numbers that it has of it.
"""

import asyncio
import importlib
import json
import sys

from calling import many

interface, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
agent = importlib.import_module(f"watchers.{name}")
agent.begin()

import flask  # noqa: E402

app = flask.Flask("watched")
app.logger.disabled = True


@app.before_request
def before():
    if flask.request.view_args:
        agent.tag(flask.request.view_args["n"])


@app.route("/sync/<n>")
def sync(n):
    agent.tag(n)
    return n


@app.route("/async/<n>", endpoint="coroutine")
async def async_(n):
    await asyncio.sleep(0.001)
    agent.tag(n)
    return n


@app.route("/sync-fail/<n>")
def sync_fail(n):
    agent.tag(n)
    raise ZeroDivisionError(f"for {n}")


@app.route("/async-fail/<n>")
async def async_fail(n):
    await asyncio.sleep(0.001)
    agent.tag(n)
    raise ZeroDivisionError(f"for {n}")


@app.route("/stream/<n>")
def stream(n):
    agent.tag(n)
    return flask.Response(iter([n]), mimetype="text/plain")


agent.attach(app)
KINDS = ["sync", "async", "sync-fail", "async-fail", "stream", "nowhere/"]
paths = [f"/{kind}/{n}" for n in range(count) for kind in KINDS]
answers = many(app, interface, paths)
right = sum(text == path.rpartition("/")[2] for path, text in zip(paths, answers, strict=True))
seen = agent.found()
kinds = {}
for one in seen:
    key = json.dumps([one["name"], one["status"], one["error"]])
    kinds[key] = kinds.get(key, 0) + 1
print(
    json.dumps(
        {
            "right": right,
            "kinds": sorted([*json.loads(key), times] for key, times in kinds.items()),
            "mixed": [one for one in seen if len(set(one["marks"])) > 1][:5],
        },
        default=str,
    )
)
