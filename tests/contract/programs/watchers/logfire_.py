"""Logfire's instrumentation for Flask, which sends nothing and has a processor in memory."""

import re


def begin():
    global exporter, trace, logfire
    import logfire
    from opentelemetry import trace
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    logfire.configure(
        send_to_logfire=False,
        console=False,
        inspect_arguments=False,
        additional_span_processors=[SimpleSpanProcessor(exporter)],
    )


def attach(app):
    logfire.instrument_flask(app)


def tag(n):
    trace.get_current_span().set_attribute("n", n)


def found():
    seen = []
    for span in exporter.get_finished_spans():
        if span.kind is not trace.SpanKind.SERVER:
            continue
        has = dict(span.attributes)
        path = has.get("http.target") or has["url.path"]
        events = [event.attributes for event in span.events if event.name == "exception"]
        marks = [path.rpartition("/")[2], *([has["n"]] if "n" in has else [])]
        for event in events:
            marks += re.findall(r"for (\d+)", event["exception.message"])
        seen.append(
            {
                "name": span.name,
                "status": has.get("http.status_code") or has.get("http.response.status_code"),
                "error": events[0]["exception.type"] if events else None,
                "marks": marks,
            }
        )
    return seen
