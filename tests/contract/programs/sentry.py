"""Requests with a marker each, watched by Sentry."""

import asyncio
import json
import sys

import sentry_sdk
from calling import many
from sentry_sdk.integrations.flask import FlaskIntegration
from sentry_sdk.transport import Transport

interface, colour, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
events = []


class Memory(Transport):
    def capture_envelope(self, envelope):
        for item in envelope.items:
            found = item.payload.json
            if found is not None and item.type in ("event", "transaction"):
                events.append(found)


sentry_sdk.init(
    dsn="http://key@localhost/1",
    transport=Memory,
    traces_sample_rate=1.0,
    integrations=[FlaskIntegration()],
    default_integrations=False,
)
calls = []

from flask import Flask, request  # noqa: E402

# Sentry's patch is in place; one more in front of it counts.
patched = Flask.__call__


def counted(self, environ, start_response):
    calls.append(environ["PATH_INFO"])
    return patched(self, environ, start_response)


Flask.__call__ = counted
app = Flask("watched")


@app.before_request
def before():
    sentry_sdk.set_tag("hook", request.view_args["n"])


def answer(n):
    sentry_sdk.set_tag("view", n)
    try:
        raise KeyError(n)
    except KeyError:
        sentry_sdk.capture_exception()
    return n


if colour == "async":

    @app.route("/<n>", endpoint="index")
    async def index(n):
        await asyncio.sleep(0.001)
        return answer(n)
else:

    @app.route("/<n>", endpoint="index")
    def index(n):
        return answer(n)


wanted = [str(n) for n in range(count)]
texts = many(app, interface, [f"/{n}" for n in wanted])
sentry_sdk.flush()


def is_mixed(event):
    path = event["request"]["url"].rpartition("/")[2]
    tags = dict(event.get("tags") or {})
    return tags.get("hook") != path or tags.get("view") != path


errors = [event for event in events if event.get("type") != "transaction"]
transactions = [event for event in events if event.get("type") == "transaction"]


def error_is_mixed(event):
    [value] = event["exception"]["values"]
    path = event["request"]["url"].rpartition("/")[2]
    return is_mixed(event) or value["value"] != repr(path)


print(
    json.dumps(
        {
            "answers": sum(text == n for text, n in zip(texts, wanted, strict=True)),
            "patched calls": len(set(calls)),
            "errors": len({event["exception"]["values"][0]["value"] for event in errors}),
            "mixed errors": [e["request"]["url"] for e in errors if error_is_mixed(e)][:5],
            "transactions": len({event["request"]["url"] for event in transactions}),
            "mixed transactions": [e["request"]["url"] for e in transactions if is_mixed(e)][:5],
            "names": sorted({event["transaction"] for event in transactions}),
        }
    )
)
