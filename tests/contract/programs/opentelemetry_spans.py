"""Requests with a marker each, watched by OpenTelemetry."""

import asyncio
import json
import logging
import sys
from urllib.parse import urlsplit

from calling import many
from opentelemetry import context, trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

interface, colour, count, how = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
exporter = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
tracer = trace.get_tracer("test")
said = []


class Handler(logging.Handler):
    def emit(self, record):
        said.append(record.getMessage())


logging.getLogger().addHandler(Handler(logging.WARNING))

from opentelemetry.instrumentation.flask import FlaskInstrumentor  # noqa: E402

if how == "class":
    FlaskInstrumentor().instrument()

import flask  # noqa: E402

app = flask.Flask("watched")
if how == "app":
    FlaskInstrumentor().instrument_app(app)


@app.before_request
def before():
    trace.get_current_span().set_attribute("hook", flask.request.view_args["n"])


def answer(n):
    with tracer.start_as_current_span("child") as child:
        child.set_attribute("n", n)
    trace.get_current_span().set_attribute("view", n)
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


@app.after_request
def after(response):
    trace.get_current_span().set_attribute("after", flask.request.view_args["n"])
    return response


wanted = [str(n) for n in range(count)]
texts = many(app, interface, [f"/{n}" for n in wanted])
spans = exporter.get_finished_spans()
servers = {span.context.span_id: span for span in spans if span.name != "child"}
children = [span for span in spans if span.name == "child"]


def marks(span):
    attributes = dict(span.attributes)
    path = attributes.get("http.target") or attributes.get("url.path")
    if path is None:
        path = urlsplit(attributes["http.url"]).path
    return {path, *(f"/{attributes.get(name)}" for name in ("hook", "view", "after"))}


def is_orphan(child):
    parent = child.parent and servers.get(child.parent.span_id)
    return parent is None or f"/{child.attributes['n']}" not in marks(parent)


print(
    json.dumps(
        {
            "answers": sum(text == n for text, n in zip(texts, wanted, strict=True)),
            "spans": len(servers),
            "names": sorted({span.name for span in servers.values()}),
            "mixed": [sorted(map(str, marks(s))) for s in servers.values() if len(marks(s)) > 1][
                :5
            ],
            "children": len(children),
            "orphans": [child.attributes["n"] for child in children if is_orphan(child)][:5],
            "log": said[:3],
            "left": trace.get_current_span(context.get_current()).get_span_context().is_valid,
        }
    )
)
