"""pyinstrument, as its documentation profiles the requests of Flask: a profiler for each."""

profiles = []


def begin():
    pass


def attach(app):
    import time

    from flask import g, request
    from pyinstrument import Profiler

    @app.before_request
    def start():
        g.profiler = Profiler(interval=0.0001)
        g.profiler.start()

    @app.after_request
    def stop(response):
        time.sleep(0.001)
        session = g.profiler.stop()
        n = (request.view_args or {}).get("n", request.path.rpartition("/")[2])
        rule = request.url_rule.rule if request.url_rule else ""
        profiles.append((rule, response.status_code, n, g.profiler, session))
        return response


def tag(n):
    pass


def found():
    return [
        {"name": rule, "status": status, "error": None, "marks": [n]}
        for rule, status, n, profiler, session in profiles
        if session is not None
    ]
