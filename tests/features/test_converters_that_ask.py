"""Converters of the application's may ask for the context, and raise what views raise."""

from __future__ import annotations

import pytest

from erlen import Erlen, abort, current_app, g, request
from erlen.routing import BaseConverter


class User(BaseConverter):
    def to_python(self, value):
        g.asked = request.path
        if value == "gone":
            abort(410)
        if value == "broken":
            raise KeyError(value)
        return current_app.config["USERS"].get(value) or abort(404)


@pytest.fixture
def app():
    app = Erlen(__name__)
    app.config["USERS"] = {"ada": "Ada"}
    app.url_map.converters["user"] = User
    app.extensions["ends"] = ends = []
    app.teardown_request(lambda error: ends.append(request.path))

    @app.route("/user/<user:name>")
    def user(name):
        return f"{name} {g.asked}"

    @app.route("/async/<user:name>")
    async def later(name):
        return f"{name} {g.asked}"

    @app.errorhandler(410)
    def gone(error):
        return "was here", 410

    return app


@pytest.mark.parametrize("base", ["/user", "/async"])
def test_each_request_is_answered_inside_of_its_context(app, base):
    client = app.test_client()
    for _ in range(3):
        for name, status, text in [
            ("ada", 200, f"Ada {base}/ada"),
            ("nobody", 404, None),
            ("gone", 410, "was here"),
            ("broken", 500, None),
        ]:
            response = client.get(f"{base}/{name}")
            assert response.status_code == status
            assert text in (None, response.text)
            assert app.extensions["ends"].pop() == f"{base}/{name}"
    assert app.extensions["ends"] == []
