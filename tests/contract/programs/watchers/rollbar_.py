"""Rollbar's report of exceptions in Flask, as its documentation connects it."""

import re

payloads = []


def begin():
    global rollbar
    import rollbar


def attach(app):
    import rollbar.contrib.flask
    from flask import got_request_exception

    rollbar.init("0" * 32, "test", handler="blocking")
    rollbar.send_payload = lambda payload, token: payloads.append(payload["data"])
    got_request_exception.connect(rollbar.contrib.flask.report_exception, app, weak=False)


def tag(n):
    pass


def found():
    seen = []
    for data in payloads:
        error = data["body"]["trace"]["exception"]
        path = data["request"]["url"].rpartition("/")
        marks = [path[2], *re.findall(r"for (\d+)", error["message"])]
        name = path[0].rpartition("/")[2]
        seen.append({"name": name, "status": None, "error": error["class"], "marks": marks})
    return seen
