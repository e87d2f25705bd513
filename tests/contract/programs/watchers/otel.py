"""OpenTelemetry's middleware for both interfaces, with an exporter in memory."""

from urllib.parse import urlsplit


def begin():
    global exporter, trace
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)


def attach(app):
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware as OfAsgi
    from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware as OfWsgi

    app.wsgi_app = OfWsgi(app.wsgi_app)
    app.wsgi_app.takes_asgi = True
    app.asgi_app = OfAsgi(app.asgi_app, exclude_spans=["receive", "send"])


def tag(n):
    trace.get_current_span().set_attribute("n", n)


def found():
    seen = []
    for span in exporter.get_finished_spans():
        if span.kind is not trace.SpanKind.SERVER:
            continue
        has = dict(span.attributes)
        path = has.get("http.target") or has.get("url.path") or urlsplit(has["http.url"]).path
        events = [event for event in span.events if event.name == "exception"]
        error = events[0].attributes["exception.type"] if events else None
        marks = [path.rpartition("/")[2], *([has["n"]] if "n" in has else [])]
        status = has.get("http.status_code") or has.get("http.response.status_code")
        # These know no routes.
        name = span.name.partition(" ")[0]
        seen.append({"name": name, "status": status, "error": error, "marks": marks})
    return seen
