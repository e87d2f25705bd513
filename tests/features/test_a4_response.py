"""FEATURES A4: the response."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest

from erlen import (
    Blueprint,
    Erlen,
    Response,
    abort,
    jsonify,
    make_response,
    redirect,
    request,
    send_file,
    send_from_directory,
    stream_with_context,
)
from erlen.http.exceptions import HTTPException, ImATeapot


@pytest.fixture
def app():
    return Erlen(__name__)


def answer(app, value):
    app.view_functions["index"] = lambda: value() if callable(value) else value
    if not app.got_first_request:
        app.add_url_rule("/", "index")
    return app.test_client().get("/")


def wsgi(environ, start_response):
    start_response("202 ACCEPTED", [("Content-Type", "text/plain"), ("X-W", "1")])
    return [b"wsgi"]


@pytest.mark.parametrize(
    ("value", "status", "body"),
    [
        ("text ä", 200, "text ä".encode()),
        (b"bytes", 200, b"bytes"),
        ({"a": 1}, 200, b'{"a":1}\n'),
        ([1, 2], 200, b"[1,2]\n"),
        (lambda: (piece for piece in ("a", "b")), 200, b"ab"),
        (lambda: Response("own", 203), 203, b"own"),
        (lambda: wsgi, 202, b"wsgi"),
        (("made", 201), 201, b"made"),
        (("line", "418 I'm a teapot"), 418, b"line"),
        (("with", {"X-A": "1"}), 200, b"with"),
        (({"json": 1}, 201, [("X-A", "1")]), 201, b'{"json":1}\n'),
        (lambda: jsonify(1, 2), 200, b"[1,2]\n"),
    ],
)
def test_what_a_view_returns(app, value, status, body):
    response = answer(app, value)
    assert (response.status_code, response.data) == (status, body)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (None, "returned None"),
        (True, "was a bool"),
        (("a", 1, {}, 4), "response tuple"),
        (lambda: (None, 204), "returned None"),
    ],
)
def test_what_a_view_must_not_return(app, value, says):
    app.testing = True
    with pytest.raises(TypeError, match=says):
        answer(app, value)


def test_the_response_object():
    response = Response("body", 201, {"X-A": "1"}, mimetype="text/plain")
    assert response.status == "201 CREATED"
    assert response.content_type == "text/plain; charset=utf-8"
    assert response.mimetype == "text/plain"
    response.status_code = 404
    assert response.status == "404 NOT FOUND"
    response.status = "299 OWN"
    assert response.status_code == 299
    response.set_data("new")
    assert response.get_data(as_text=True) == response.data.decode() == "new"
    assert response.headers["Content-Length"] == "3"
    assert Response(content_type="text/csv").content_type == "text/csv"


def test_cookies(app):
    def view():
        response = make_response("x")
        response.set_cookie(
            "a", "b", max_age=60, path="/p", domain="example.org", secure=True,
            httponly=True, samesite="Lax", partitioned=True,
        )  # fmt: skip
        response.delete_cookie("old")
        return response

    first, second = answer(app, view).headers.getlist("Set-Cookie")
    for part in (
        "a=b", "Max-Age=60", "Path=/p", "Domain=example.org", "Secure", "HttpOnly",
        "SameSite=Lax", "Partitioned",
    ):  # fmt: skip
        assert part in first.split("; ")
    assert "Max-Age=0" in second


@pytest.mark.parametrize("bad", ["a\r\nX-Evil: 1", "a\nb", "a\0b"])
def test_a_header_that_would_split_the_answer_is_refused(app, bad):
    app.testing = True
    with pytest.raises(ValueError, match="must not contain"):
        answer(app, lambda: ("x", {"X-A": bad}))
    with pytest.raises(ValueError, match="must not contain"):
        Response("x").headers["X-A"] = bad
    with pytest.raises(ValueError):
        Response("x").set_cookie("a", path=bad)


def test_redirect_and_abort(app):
    assert answer(app, lambda: redirect("/next")).location == "/next"
    response = answer(app, lambda: abort(403, "<not> you"))
    assert response.status_code == 403
    assert "&lt;not&gt; you" in response.text
    assert answer(app, lambda: abort(Response("own", 409))).data == b"own"
    with pytest.raises(LookupError):
        abort(999)


def test_error_handlers(app):
    part = Blueprint("part", __name__, url_prefix="/part")

    class Payment(Exception):
        pass

    app.register_error_handler(404, lambda e: ("app 404", 404))

    @app.errorhandler(Payment)
    def payment(error):
        return "pay first", 402

    @app.errorhandler(HTTPException)
    def any_http(error):
        return f"http {error.code}", error.code

    @part.errorhandler(ImATeapot)
    def teapot(error):
        return "part tea", 418

    @app.route("/pay")
    def pay():
        raise Payment

    app.add_url_rule("/tea", "tea", lambda: abort(418))
    part.add_url_rule("/tea", "tea", lambda: abort(418))
    app.register_blueprint(part)
    client = app.test_client()
    assert client.get("/nowhere").text == "app 404"
    assert client.get("/pay").status_code == 402
    assert client.get("/tea").text == "http 418"
    assert client.get("/part/tea").text == "part tea"


def test_an_unhandled_error_is_500_and_logged(app, caplog):
    @app.route("/")
    def index():
        raise ZeroDivisionError("secret detail")

    response = app.test_client().get("/")
    assert response.status_code == 500
    assert "secret detail" not in response.text
    assert "Exception on / [GET]" in caplog.text


def test_etag_and_conditional_answers(app):
    def view():
        response = make_response("content")
        response.add_etag()
        response.last_modified = datetime(2026, 1, 1, tzinfo=UTC)
        response.cache_control.max_age = 60
        return response.make_conditional(request)

    first = answer(app, view)
    assert first.headers["Cache-Control"] == "max-age=60"
    client = app.test_client()
    tag = first.headers["ETag"]
    second = client.get("/", headers={"If-None-Match": tag})
    assert (second.status_code, second.data) == (304, b"")
    later = first.last_modified + timedelta(days=1)
    third = client.get("/", headers={"If-Modified-Since": later.strftime("%a, %d %b %Y %T GMT")})
    assert third.status_code == 304
    assert client.get("/", headers={"If-None-Match": '"other"'}).status_code == 200


def test_files_and_ranges(app, tmp_path):
    (tmp_path / "data.bin").write_bytes(bytes(range(100)))
    app.add_url_rule("/f/<path:name>", "file", lambda name: send_from_directory(tmp_path, name))
    app.add_url_rule(
        "/memory",
        "memory",
        lambda: send_file(io.BytesIO(b"memory"), download_name="größe.txt", as_attachment=True),
    )
    client = app.test_client()
    whole = client.get("/f/data.bin")
    assert (whole.status_code, whole.data) == (200, bytes(range(100)))
    assert whole.content_type == "application/octet-stream"
    part = client.get("/f/data.bin", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, bytes(range(10, 20)))
    assert part.headers["Content-Range"] == "bytes 10-19/100"
    outside = client.get("/f/data.bin", headers={"Range": "bytes=500-"})
    assert outside.status_code == 416
    assert (
        client.get("/f/data.bin", headers={"If-None-Match": whole.headers["ETag"]}).status_code
        == 304
    )
    memory = client.get("/memory")
    assert memory.data == b"memory"
    assert "filename*=UTF-8''gr%C3%B6%C3%9Fe.txt" in memory.headers["Content-Disposition"]


@pytest.mark.parametrize("path", ["../secret", "..%2fsecret", "%2e%2e/secret", "a%00b", "missing"])
def test_a_path_never_leaves_its_folder(app, tmp_path, path):
    folder = tmp_path / "public"
    folder.mkdir()
    (tmp_path / "secret").write_text("secret")
    app.add_url_rule("/f/<path:name>", "file", lambda name: send_from_directory(folder, name))
    assert app.test_client().get(f"/f/{path}").status_code == 404


def test_streaming_keeps_the_request(app):
    closed = []

    def view():
        @stream_with_context
        def generate():
            try:
                yield "Hello "
                yield request.args["name"]
            finally:
                closed.append(True)

        return generate()

    app.add_url_rule("/s", "s", view)
    assert app.test_client().get("/s?name=Ada").data == b"Hello Ada"
    assert closed == [True]
