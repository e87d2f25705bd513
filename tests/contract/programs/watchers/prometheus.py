"""The exporter of Prometheus for Flask: counts by route and status."""


def begin():
    pass


def attach(app):
    global registry
    from prometheus_client import CollectorRegistry
    from prometheus_flask_exporter import PrometheusMetrics

    registry = CollectorRegistry()
    PrometheusMetrics(app, registry=registry, group_by="url_rule", path=None)


def tag(n):
    pass


def found():
    # Each request was timed by its route, and counted by its status.
    [timed] = [f for f in registry.collect() if f.name == "flask_http_request_duration_seconds"]
    seen = []
    for sample in timed.samples:
        if sample.name.endswith("_count"):
            labels = sample.labels
            one = {"name": labels["url_rule"], "status": int(labels["status"])}
            seen += [{**one, "error": None, "marks": []}] * int(sample.value)
    return seen
