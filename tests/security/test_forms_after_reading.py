"""Case 121: a form whose body somebody has read already is empty, and no error."""

from __future__ import annotations

from io import BytesIO

import pytest

from erlen import Erlen, request, stream_request_body

FORMS = {
    "urlencoded": lambda: {"a": "1", "b": "2" * 2000},
    "multipart": lambda: {"a": "1", "f": (BytesIO(b"x" * 2000), "f.txt")},
}


def read_all():
    return len(request.stream.read())


def read_some():
    return len(request.stream.read(30))


def read_line():
    return len(request.stream.readline())


def read_data():
    return len(request.get_data(cache=False))


def told():
    return {
        "form": request.form.to_dict(),
        "files": len(request.files),
        "values": request.values.to_dict(),
    }


EMPTY = {"form": {}, "files": 0, "values": {}}


@pytest.mark.parametrize("limit", [None, 10_000], ids=["no-limit", "limit"])
@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize("where", ["view", "after"])
@pytest.mark.parametrize("read", [read_all, read_some, read_line, read_data])
@pytest.mark.parametrize("kind", [pytest.param(kind, id=f"case-121-{kind}") for kind in FORMS])
def test_it_is_empty(interface, kind, read, where, colour, limit):
    app = Erlen("x")
    app.config.update(MAX_CONTENT_LENGTH=limit, PROPAGATE_EXCEPTIONS=False)
    seen = []

    def view():
        assert read() > 0
        if where == "view":
            seen.append(told())
        return "text"

    async def async_view():
        return view()

    @app.after_request
    def after(response):
        if where == "after":
            seen.append(told())
        return response

    app.add_url_rule("/", "x", view if colour == "sync" else async_view, methods=["POST"])
    response = app.test_client().post("/", data=FORMS[kind]())
    assert (response.status_code, seen) == (200, [EMPTY])


@pytest.mark.parametrize("streams", [False, True], ids=["received", "streamed"])
@pytest.mark.parametrize("kind", [pytest.param(kind, id=f"case-121-{kind}") for kind in FORMS])
def test_after_it_came_piece_by_piece(interface, kind, streams):
    app = Erlen("x")

    async def view():
        assert sum([len(piece) async for piece in request.stream]) > 2000
        return told()

    view = stream_request_body(view) if streams else view
    app.add_url_rule("/", "x", view, methods=["POST"])
    assert app.test_client().post("/", data=FORMS[kind]()).json == EMPTY


def test_data_that_was_kept_is_still_a_form(interface):
    app = Erlen("x")

    @app.post("/")
    def view():
        return {"size": len(request.get_data()), **told()}

    assert app.test_client().post("/", data={"a": "1"}).json["form"] == {"a": "1"}
