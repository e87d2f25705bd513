"""Bugsnag's integration for Flask, with a delivery that keeps what it is to send."""

import json
import re

sent = []


def begin():
    global bugsnag
    import bugsnag


def attach(app):
    from bugsnag.flask import handle_exceptions

    class Memory:
        def deliver(self, config, payload, options=None):
            sent.extend(json.loads(payload)["events"])

        def deliver_sessions(self, config, payload, options=None):
            pass

    bugsnag.configure(api_key="0" * 32, delivery=Memory(), asynchronous=False)
    handle_exceptions(app)


def tag(n):
    bugsnag.add_metadata_tab("own", {"n": n})


def found():
    seen = []
    for event in sent:
        [error] = event["exceptions"]
        path = event["metaData"]["request"]["url"].rpartition("/")
        marks = [path[2], *re.findall(r"for (\d+)", error["message"])]
        marks.append(event["metaData"]["own"]["n"])
        name = path[0].rpartition("/")[2]
        seen.append({"name": name, "status": None, "error": error["errorClass"], "marks": marks})
    return seen
