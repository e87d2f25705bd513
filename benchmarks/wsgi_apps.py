"""The WSGI applications that are served: one function for each framework.

All of them answer ``/`` alike.  The source is the same for Flask and for Erlen: only the import
differs.
"""

from __future__ import annotations

from typing import Any


def flask_like(f: Any) -> Any:
    """The application of Flask and Erlen.

    :param f: the module that has the names of ``flask``
    """
    app = (getattr(f, "Flask", None) or f.Erlen)(__name__)

    @app.route("/")
    def hello() -> Any:
        return "Hello, World!"

    return app


def erlen() -> Any:
    """Erlen."""
    import erlen

    return flask_like(erlen)


def flask() -> Any:
    """Flask."""
    import flask

    return flask_like(flask)


def falcon() -> Any:
    """Falcon."""
    import falcon

    class Hello:
        def on_get(self, req: Any, resp: Any) -> None:
            resp.content_type = falcon.MEDIA_HTML
            resp.text = "Hello, World!"

    app = falcon.App()
    app.add_route("/", Hello())
    return app


def bottle() -> Any:
    """Bottle."""
    import bottle

    app = bottle.Bottle()
    app.route("/", callback=lambda: "Hello, World!")
    return app


def raw() -> Any:
    """A WSGI application without a framework: what the server and the protocol cost."""

    def app(environ: Any, start_response: Any) -> Any:
        body = b"Hello, World!"
        headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(body))),
        ]
        start_response("200 OK", headers)
        # Granian sends a list faster than another iterable.
        return [body]

    return app
