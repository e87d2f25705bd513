from __future__ import annotations

import io

import pytest

from erlen.http.request import Request
from erlen.http.response import Response
from erlen.testing.builder import EnvironBuilder, create_environ
from erlen.testing.client import Client, ClientRedirectError, TestResponse, run_wsgi_app


@Request.application
def echo(request):
    """Tells what it got."""
    return Response(
        f"{request.method} {request.url} {request.get_data(as_text=True)}",
        headers={"X-Cookie": request.headers.get("Cookie", "-")},
    )


def redirecting(rules):
    """An application that redirects by a table of path to ``(status, target)``."""

    @Request.application
    def application(request):
        found = rules.get(request.path)
        if found is None:
            line = f"{request.method} {request.root_path}|{request.path}"
            body = f"{request.query_string.decode()} {request.get_data(as_text=True)}"
            return Response(f"{line} {body}".strip())
        status, target = found
        response = Response("moved", status=status, headers={"Location": target})
        response.autocorrect_location_header = False
        response.set_cookie(f"c{len(request.cookies)}", "1")
        return response

    return application


@pytest.fixture
def client():
    return Client(echo)


# -- requests ----------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options", "trace"])
def test_each_method(client, method):
    response = getattr(client, method)("/a", query_string={"q": "1"})
    assert response.text == f"{method.upper()} http://localhost/a?q=1 "
    assert response.status_code == 200
    assert response.status == "200 OK"


def test_head_has_no_body(client):
    response = client.head("/")
    assert response.data == b""
    assert int(response.headers["Content-Length"]) > 0


def test_what_open_takes(client):
    builder = EnvironBuilder("/builder", method="POST", data=b"x")
    environ = create_environ("/environ", method="PUT", data=b"y")
    request = Request(create_environ("/request"))
    assert client.open(builder).text == "POST http://localhost/builder x"
    assert client.open(environ).text == "PUT http://localhost/environ y"
    assert client.open(request).text == "GET http://localhost/request "
    assert client.open("/path", method="DELETE").text == "DELETE http://localhost/path "
    assert client.open(path="/path", base_url="https://h/r").text == "GET https://h/r/path "
    builder.close()


def test_the_response_knows_its_request(client):
    response = client.post("/a?b=1", data={"x": "y"})
    assert isinstance(response, TestResponse)
    assert response.request.path == "/a"
    assert response.request.args["b"] == "1"
    assert response.request.method == "POST"
    assert response.history == ()


def test_the_kind_of_the_response():
    class Own(Response):
        def shout(self):
            return self.get_data(as_text=True).upper()

    response = Client(echo, Own).get("/x")
    assert isinstance(response, Own)
    assert isinstance(response, TestResponse)
    assert response.shout().endswith("/X ")
    with_own_test_response = type("OwnTest", (TestResponse,), {"__test__": False})
    assert type(Client(echo, with_own_test_response).get("/")) is with_own_test_response


def test_json_of_a_response():
    @Request.application
    def application(request):
        return Response('{"a": 1}', mimetype="application/json")

    assert Client(application).get("/").json == {"a": 1}
    assert Client(echo).get("/").is_json is False


def test_an_error_of_the_application_comes_through():
    def application(environ, start_response):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        Client(application).get("/")


@pytest.mark.parametrize("buffered", [True, False])
def test_the_body_is_read_and_closed(buffered):
    events = []

    class Body:
        def __iter__(self):
            for piece in (b"a", b"b"):
                events.append(piece)
                yield piece

        def close(self):
            events.append("closed")

    def application(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return Body()

    response = Client(application).get("/", buffered=buffered)
    if buffered:
        assert events == [b"a", b"b", "closed"]
    else:
        assert events == [b"a"]
        assert b"".join(response.response) == b"ab"
        assert events == [b"a", b"b"]
        response.close()
        assert events == [b"a", b"b", "closed"]


def test_what_is_written_comes_before_the_body():
    def application(environ, start_response):
        write = start_response("200 OK", [("Content-Type", "text/plain")])
        write(b"written ")
        return [b"returned"]

    assert Client(application).get("/").data == b"written returned"


def test_run_wsgi_app():
    body, status, headers = run_wsgi_app(echo, create_environ("/x"), buffered=True)
    assert b"".join(body) == b"GET http://localhost/x "
    assert status == "200 OK"
    assert headers["Content-Type"] == "text/plain; charset=utf-8"


def test_the_client_shows_its_application(client):
    assert repr(client) == f"<Client {echo!r}>"


# -- redirects ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "method", "followed_by"),
    [
        (301, "POST", "GET"), (302, "POST", "GET"), (303, "POST", "GET"), (303, "PUT", "GET"),
        (307, "POST", "POST"), (308, "POST", "POST"), (307, "PUT", "PUT"), (302, "HEAD", "HEAD"),
        (302, "GET", "GET"), (305, "GET", "GET"),
    ],
)  # fmt: skip
def test_the_method_behind_a_redirect(status, method, followed_by):
    client = Client(redirecting({"/old": (status, "/new")}))
    data = b"body" if method in ("POST", "PUT") else None
    response = client.open("/old", method=method, data=data, follow_redirects=True)
    assert response.request.method == followed_by
    assert response.request.path == "/new"
    if followed_by != "HEAD":
        kept = "body" if followed_by in ("POST", "PUT") else ""
        assert response.text == f"{followed_by} |/new  {kept}".strip()


def test_without_being_asked_a_redirect_is_the_answer():
    response = Client(redirecting({"/old": (302, "/new")})).get("/old")
    assert (response.status_code, response.location, response.history) == (302, "/new", ())


def test_the_history():
    client = Client(redirecting({"/a": (302, "/b"), "/b": (301, "/c?x=1")}))
    response = client.get("/a", follow_redirects=True)
    assert response.text == "GET |/c x=1"
    assert [r.status_code for r in response.history] == [302, 301]
    assert [r.request.path for r in response.history] == ["/a", "/b"]
    assert response.history[1].history == response.history[:1]


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("new", "/folder/new"), ("../new", "/new"), ("//localhost/new", "/new"),
        ("http://localhost/new#part", "/new"), ("/größe", "/größe"), ("/gr%C3%B6%C3%9Fe", "/größe"),
    ],
)  # fmt: skip
def test_where_a_redirect_leads(target, path):
    client = Client(redirecting({"/folder/old": (302, target)}))
    assert client.get("/folder/old", follow_redirects=True).request.path == path


def test_the_mount_point_is_kept():
    client = Client(redirecting({"/old": (302, "/root/new"), "/out": (302, "/other")}))
    inside = client.get("/old", base_url="http://localhost/root/", follow_redirects=True)
    assert inside.text == "GET /root|/new"
    outside = client.get("/out", base_url="http://localhost/root/", follow_redirects=True)
    assert outside.text == "GET |/other"


def test_a_circle_is_told():
    client = Client(redirecting({"/a": (302, "/b"), "/b": (302, "/a")}))
    with pytest.raises(ClientRedirectError, match="Loop detected"):
        client.get("/a", follow_redirects=True)


@pytest.mark.parametrize(
    ("target", "allow", "works"),
    [
        ("http://example.org/", False, False),
        ("http://example.org/", True, False),
        ("http://sub.localhost/", False, False),
        ("http://sub.localhost/", True, True),
        ("http://evillocalhost/", True, False),
    ],
)
def test_redirects_that_leave_the_host(target, allow, works):
    client = Client(redirecting({"/a": (302, target)}), allow_subdomain_redirects=allow)
    if works:
        assert client.get("/a", follow_redirects=True).request.host == "sub.localhost"
        return
    subject = "subdomain" if "sub." in target else "external"
    with pytest.raises(RuntimeError, match=f"Following {subject} redirects is not"):
        client.get("/a", follow_redirects=True)


def test_cookies_of_a_redirect_are_kept():
    client = Client(redirecting({"/a": (302, "/b"), "/b": (302, "/c")}))
    client.get("/a", follow_redirects=True)
    assert client.get_cookie("c0") is not None
    assert client.get_cookie("c1") is not None


def test_a_body_that_is_sent_again_is_whole():
    client = Client(redirecting({"/a": (307, "/b")}))
    response = client.post(
        "/a", data={"f": (io.BytesIO(b"content"), "f.txt")}, follow_redirects=True
    )
    assert "content" in response.text


# -- cookies -----------------------------------------------------------------------------


def test_cookies_are_sent(client):
    client.set_cookie("a", "1")
    client.set_cookie("b", "ä ;")
    response = client.get("/")
    assert response.headers["X-Cookie"] == 'a=1; b="\\303\\244 \\073"'
    client.delete_cookie("a")
    assert client.get_cookie("a") is None
    assert client.get("/").headers["X-Cookie"].startswith("b=")


def test_cookies_by_hand_are_for_a_client_that_keeps_none(client):
    headers = {"Cookie": "x=1"}
    without = Client(echo, use_cookies=False)
    assert without.get("/", headers=headers).headers["X-Cookie"] == "x=1"
    assert client.get("/", headers=headers).headers["X-Cookie"] == "-"


def test_a_client_without_cookies():
    client = Client(echo, use_cookies=False)
    for call in (
        lambda: client.get_cookie("a"),
        lambda: client.set_cookie("a"),
        lambda: client.delete_cookie("a"),
    ):
        with pytest.raises(TypeError, match="Cookies are disabled"):
            call()
