"""Elastic APM's integration for Flask, with a client that keeps what it would send."""

import re

sent = []


def begin():
    global elasticapm
    import elasticapm


def attach(app):
    from elasticapm.base import Client
    from elasticapm.contrib.flask import ElasticAPM

    class Memory(Client):
        def queue(self, event_type, data, flush=False):
            sent.append((event_type, data))

    client = Memory(
        service_name="watched",
        central_config=False,
        metrics_interval="0ms",
        cloud_provider="none",
        disable_send=True,
        transaction_sample_rate=1.0,
    )
    ElasticAPM(app, client=client)


def tag(n):
    elasticapm.label(n=n)


def found():
    errors = {}
    for kind, data in sent:
        if kind == "error":
            exception = data["exception"]
            errors[data.get("transaction_id")] = (exception["type"], exception["message"])
    seen = []
    for kind, data in sent:
        if kind == "transaction":
            context = data["context"]
            error, message = errors.get(data["id"], (None, ""))
            path = context["request"]["url"]["pathname"]
            tags = context.get("tags", {})
            marks = [path.rpartition("/")[2], *tags.values(), *re.findall(r"for (\d+)", message)]
            status = data["result"]
            seen.append({"name": data["name"], "status": status, "error": error, "marks": marks})
    return seen
