"""Datadog's patch of Flask, with a filter that keeps the traces."""

import re

traces = []


def begin():
    import os

    os.environ.update(
        DD_TRACE_STARTUP_LOGS="false",
        DD_INSTRUMENTATION_TELEMETRY_ENABLED="false",
        DD_REMOTE_CONFIGURATION_ENABLED="false",
        DD_TRACE_API_VERSION="v0.4",
    )
    global tracer
    from ddtrace import patch
    from ddtrace.trace import TraceFilter, tracer

    class Keep(TraceFilter):
        def process_trace(self, trace):
            traces.append(trace)

    tracer.configure(trace_processors=[Keep()])
    patch(flask=True)


def attach(app):
    pass


def tag(n):
    tracer.current_root_span().set_tag("n", n)
    tracer.current_span().set_tag("n", n)


def found():
    seen = []
    for trace in traces:
        [root] = [span for span in trace if span.parent_id in (None, 0)]
        errors = {span.get_tag("error.type") for span in trace} - {None}
        messages = " ".join(span.get_tag("error.message") or "" for span in trace)
        marks = [root.get_tag("http.url").rpartition("/")[2], *re.findall(r"for (\d+)", messages)]
        marks += [span.get_tag("n") for span in trace if span.get_tag("n")]
        seen.append(
            {
                "name": root.resource,
                "status": int(root.get_tag("http.status_code")),
                "error": min(errors, default=None),
                "marks": marks,
            }
        )
    return seen
