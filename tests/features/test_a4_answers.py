"""FEATURES A4: answers, in detail."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from erlen import Blueprint, Erlen, Response, abort, json, make_response, redirect, send_file
from erlen.http.exceptions import (
    BadRequest,
    Forbidden,
    HTTPException,
    InternalServerError,
    NotFound,
    default_exceptions,
)


@pytest.fixture
def app():
    return Erlen(__name__)


def answer(app, view, **kwargs):
    app.add_url_rule("/", "index", view, methods=["GET", "POST"])
    return app.test_client().get("/", **kwargs)


# -- the response object ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "content_type"),
    [
        ({}, "text/html; charset=utf-8"),
        ({"mimetype": "text/plain"}, "text/plain; charset=utf-8"),
        ({"mimetype": "application/json"}, "application/json"),
        ({"mimetype": "application/xml"}, "application/xml; charset=utf-8"),
        ({"mimetype": "image/svg+xml"}, "image/svg+xml; charset=utf-8"),
        ({"content_type": "text/csv"}, "text/csv"),
        (
            {"content_type": "text/csv; charset=latin-1", "mimetype": "a/b"},
            "text/csv; charset=latin-1",
        ),
        ({"headers": {"Content-Type": "own/type"}}, "own/type"),
    ],
)
def test_the_content_type(app, arguments, content_type):
    response = answer(app, lambda: Response("x", **arguments))
    assert response.headers["Content-Type"] == content_type


@pytest.mark.parametrize(
    ("status", "line", "code"),
    [
        (201, "201 CREATED", 201),
        ("404 NOT FOUND", "404 NOT FOUND", 404),
        ("299 Own Words", "299 Own Words", 299),
        (299, "299 UNKNOWN", 299),
    ],
)
def test_the_status(status, line, code):
    response = Response("x", status)
    assert (response.status, response.status_code) == (line, code)


def test_a_body_in_pieces_and_as_a_whole(app):
    response = answer(app, lambda: Response(iter(["a", b"b", "ä"])))
    assert response.data == b"ab\xc3\xa4"
    assert "Content-Length" not in response.headers
    whole = Response(["a", "b"])
    assert whole.is_sequence
    assert whole.get_data() == b"ab"
    assert whole.calculate_content_length() == 2


def test_a_body_passed_through(app):
    file = io.BytesIO(b"content")
    response = answer(app, lambda: Response(file, direct_passthrough=True))
    assert response.data == b"content"
    with pytest.raises(RuntimeError, match="passthrough"):
        Response(io.BytesIO(b"x"), direct_passthrough=True).get_data()


def test_what_is_called_when_it_is_closed(app):
    closed = []

    def view():
        response = make_response("x")
        response.call_on_close(lambda: closed.append("first"))

        @response.call_on_close
        def second():
            closed.append("second")

        return response

    answer(app, view).close()
    assert closed == ["first", "second"]


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        ({"value": "v"}, ["k=v", "Path=/"]),
        ({"value": "a b;ä"}, ['k="a b\\073\\303\\244"', "Path=/"]),
        ({"max_age": 60}, ["Max-Age=60"]),
        ({"expires": datetime(2030, 1, 2, tzinfo=UTC)}, ["Expires=Wed, 02 Jan 2030 00:00:00 GMT"]),
        ({"expires": 0}, ["Expires=Thu, 01 Jan 1970 00:00:00 GMT"]),
        ({"path": "/p"}, ["Path=/p"]),
        ({"domain": ".example.org"}, ["Domain=example.org"]),
        ({"secure": True, "httponly": True}, ["Secure", "HttpOnly"]),
        ({"samesite": "strict"}, ["SameSite=Strict"]),
        ({"partitioned": True}, ["Partitioned", "Secure"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_each_attribute_of_a_cookie(arguments, parts):
    response = Response("x")
    response.set_cookie("k", **arguments)
    assert set(parts) <= set(response.headers["Set-Cookie"].split("; "))


def test_a_cookie_is_deleted_where_it_was_set():
    response = Response("x")
    response.delete_cookie("k", path="/p", domain="example.org", secure=True)
    parts = response.headers["Set-Cookie"].split("; ")
    assert parts[0] == "k="
    assert {"Max-Age=0", "Path=/p", "Domain=example.org", "Secure"} <= set(parts)


def test_make_response_in_all_its_forms(app):
    with app.test_request_context():
        assert make_response().get_data() == b""
        assert make_response("x").get_data() == b"x"
        assert make_response("x", 201).status_code == 201
        assert make_response("x", {"X-A": "1"}).headers["X-A"] == "1"
        assert make_response(("x", 201, {"X-A": "1"})).status_code == 201
        assert make_response({"a": 1}).get_json() == {"a": 1}
        response = Response("same")
        assert make_response(response) is response
        assert make_response(response, 404).status_code == 404


# -- redirects -------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [301, 302, 303, 305, 307, 308])
def test_each_redirect(app, code):
    response = answer(app, lambda: redirect("/größe?a=<b>", code))
    assert response.status_code == code
    assert response.location == "/gr%C3%B6%C3%9Fe?a=%3Cb%3E"
    assert "<b>" not in response.text


def test_post_redirect_get(app):
    saved = []

    @app.post("/save")
    def save():
        saved.append(1)
        return redirect("/done", 303)

    app.add_url_rule("/done", "done", lambda: f"saved {len(saved)}")
    response = app.test_client().post("/save", data={"a": "1"}, follow_redirects=True)
    assert response.text == "saved 1"
    assert response.request.method == "GET"


# -- errors ----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(default_exceptions))
def test_each_error_has_its_page(app, code):
    app.add_url_rule("/", "index", lambda: abort(code))
    response = app.test_client().get("/")
    assert response.status_code == code
    assert response.mimetype == "text/html"
    assert f"<title>{code} " in response.text


@pytest.mark.parametrize("code", [400, 404, 418, 500])
def test_own_pages_by_code_and_by_class(app, code):
    app.register_error_handler(code, lambda error: (f"by code {error.code}", error.code))
    app.add_url_rule("/", "index", lambda: abort(code))
    response = app.test_client().get("/")
    assert (response.status_code, response.text) == (code, f"by code {code}")


def test_the_nearest_handler_wins(app):
    class Shop(Exception):
        pass

    class Sold(Shop):
        pass

    part = Blueprint("part", __name__, url_prefix="/part")
    app.register_error_handler(Shop, lambda e: "app shop")
    app.register_error_handler(HTTPException, lambda e: f"app http {e.code}")
    app.register_error_handler(403, lambda e: "app 403")
    part.register_error_handler(Sold, lambda e: "part sold")
    part.app_errorhandler(NotFound)(lambda e: "part for all")

    def raiser(error):
        def view():
            raise error

        return view

    for target in (app, part):
        for name, error in {
            "shop": Shop(),
            "sold": Sold(),
            "no": Forbidden(),
            "bad": BadRequest(),
        }.items():
            target.add_url_rule(f"/{name}", name, raiser(error))
    app.register_blueprint(part)
    client = app.test_client()
    got = {path: client.get(path).text for path in (
        "/shop", "/sold", "/no", "/bad", "/nowhere", "/part/shop", "/part/sold", "/part/no",
    )}  # fmt: skip
    assert got == {
        "/shop": "app shop",
        "/sold": "app shop",
        "/no": "app 403",
        "/bad": "app http 400",
        "/nowhere": "part for all",
        "/part/shop": "app shop",
        "/part/sold": "part sold",
        "/part/no": "app 403",
    }


def test_a_handler_of_500_gets_the_original(app):
    seen = []

    @app.errorhandler(InternalServerError)
    def failed(error):
        seen.append(type(error.original_exception))
        return "sorry", 500

    @app.errorhandler(Exception)
    def unused_for_http(error):
        if isinstance(error, HTTPException):
            return error
        raise error

    app.add_url_rule("/", "index", lambda: 1 / 0)
    app.add_url_rule("/no", "no", lambda: abort(403))
    client = app.test_client()
    assert client.get("/").text == "sorry"
    assert seen == [ZeroDivisionError]
    assert client.get("/no").status_code == 403


def test_errors_as_json(app):
    @app.errorhandler(HTTPException)
    def as_json(error):
        response = error.get_response()
        response.data = json.dumps({"code": error.code, "name": error.name})
        response.content_type = "application/json"
        return response

    response = app.test_client().get("/nowhere")
    assert response.status_code == 404
    assert response.json == {"code": 404, "name": "Not Found"}


def test_an_error_raised_with_its_words_and_headers(app):
    def view():
        error = Forbidden("not <you>")
        error.response = None
        raise error

    response = answer(app, view)
    assert response.status_code == 403
    assert "not &lt;you&gt;" in response.text


def test_an_error_returned_is_an_answer(app):
    response = answer(app, lambda: NotFound("returned"))
    assert response.status_code == 404
    assert "returned" in response.text


def test_traps_let_errors_through(app):
    app.add_url_rule("/", "index", lambda: abort(404))
    app.config.update(TRAP_HTTP_EXCEPTIONS=True, PROPAGATE_EXCEPTIONS=True)
    with pytest.raises(NotFound):
        app.test_client().get("/")


# -- files -----------------------------------------------------------------------------------


def test_files_by_path_and_by_object(app, tmp_path):
    app.root_path = str(tmp_path)
    (tmp_path / "report.csv").write_text("a,b")
    views = {
        "shown": lambda: send_file("report.csv"),
        "offered": lambda: send_file("report.csv", as_attachment=True, max_age=60),
        "named": lambda: send_file(io.BytesIO(b"x"), mimetype="text/plain", download_name="n.txt"),
        "tagged": lambda: send_file("report.csv", etag="own", last_modified=0),
    }
    for name, view in views.items():
        app.add_url_rule(f"/{name}", name, view)
    client = app.test_client()
    shown = client.get("/shown")
    assert (shown.data, shown.mimetype) == (b"a,b", "text/csv")
    assert shown.headers["Content-Disposition"] == "inline; filename=report.csv"
    offered = client.get("/offered")
    assert offered.headers["Content-Disposition"] == "attachment; filename=report.csv"
    assert offered.cache_control.max_age == 60
    assert client.get("/named").headers["Content-Disposition"] == "inline; filename=n.txt"
    tagged = client.get("/tagged")
    assert tagged.get_etag() == ("own", False)
    assert tagged.last_modified == datetime(1970, 1, 1, tzinfo=UTC)
    assert client.get("/tagged", headers={"If-None-Match": '"own"'}).status_code == 304


def test_no_content_has_no_type(app):
    app.add_url_rule("/", view_func=lambda: ("", 204))
    answer = app.test_client().get("/")
    assert answer.status == "204 NO CONTENT"
    assert "Content-Type" not in answer.headers
    assert "Content-Length" not in answer.headers
