from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from erlen.http.request import Request
from erlen.http.response import Response
from erlen.testing.client import Client


@pytest.fixture
def client():
    """Its application sets the cookie that the test says, and tells what it got."""

    @Request.application
    def application(request):
        response = Response(request.headers.get("Cookie", ""))
        for arguments in client.wanted:
            response.set_cookie(**arguments)
        client.wanted = []
        return response

    client = Client(application)
    client.wanted = []
    return client


def answer_with(client, url="http://localhost/", **arguments):
    client.wanted = [arguments]
    client.get(url)


def test_what_is_known_of_a_cookie(client):
    answer_with(
        client,
        key="k",
        value="größe; x",
        max_age=60,
        path="/p",
        secure=True,
        httponly=True,
        samesite="Lax",
    )
    cookie = client.get_cookie("k", path="/p")
    assert cookie.value == '"gr\\303\\266\\303\\237e\\073 x"'
    assert cookie.decoded_value == "größe; x"
    assert cookie.decoded_key == cookie.key == "k"
    assert cookie.max_age == 60
    assert (cookie.domain, cookie.path, cookie.origin_only) == ("localhost", "/p", True)
    assert (cookie.secure, cookie.http_only, cookie.same_site) == (True, True, "Lax")
    assert cookie.expires > datetime.now(UTC)


def test_a_cookie_by_a_client(client):
    client.set_cookie("k", "v", domain="example.org", origin_only=False, path="/a", httponly=True)
    cookie = client.get_cookie("k", "example.org", "/a")
    assert (cookie.value, cookie.origin_only, cookie.http_only) == ("v", False, True)
    assert client.get_cookie("k") is None


@pytest.mark.parametrize(
    ("path", "url", "sent"),
    [
        ("/", "/", True), ("/", "/a/b", True), ("/a", "/a", True), ("/a", "/a/", True),
        ("/a", "/a/b", True), ("/a", "/ab", False), ("/a", "/", False), ("/a/", "/a/b", True),
        ("/a/", "/a", False), ("/a/b", "/a", False),
    ],
)  # fmt: skip
def test_to_which_paths_it_goes(client, path, url, sent):
    client.set_cookie("k", "v", path=path)
    assert client.get(url).text == ("k=v" if sent else "")


@pytest.mark.parametrize(
    ("domain", "origin_only", "host", "sent"),
    [
        ("example.org", True, "example.org", True),
        ("example.org", True, "www.example.org", False),
        ("example.org", False, "www.example.org", True),
        ("example.org", False, "a.b.example.org", True),
        ("example.org", False, "example.org", True),
        ("example.org", False, "myexample.org", False),
        ("www.example.org", False, "example.org", False),
        ("example.org", True, "example.org:8080", True),
    ],
)
def test_to_which_hosts_it_goes(client, domain, origin_only, host, sent):
    client.set_cookie("k", "v", domain=domain, origin_only=origin_only)
    assert client.get("/", base_url=f"http://{host}").text == ("k=v" if sent else "")


def test_the_mount_point_belongs_to_the_path(client):
    client.set_cookie("k", "v", path="/root")
    assert client.get("/a", base_url="http://localhost/root").text == "k=v"
    assert client.get("/root").text == "k=v"
    assert client.get("/a").text == ""


def test_the_longest_path_comes_first(client):
    for path in ("/", "/a/b", "/a"):
        client.set_cookie("k", path.replace("/", "-"), path=path)
    assert client.get("/a/b").text == "k=-a-b; k=-a; k=-"


def test_a_cookie_without_a_path_gets_the_folder_of_the_request(client):
    answer_with(client, "http://localhost/a/b", key="k", value="v", path=None)
    assert client.get_cookie("k", path="/a").value == "v"


def test_a_new_value_replaces_the_old_one(client):
    client.set_cookie("k", "old")
    answer_with(client, key="k", value="new")
    assert client.get("/").text == "k=new"


def test_a_domain_cookie_of_an_answer(client):
    answer_with(client, "http://example.org/", key="k", value="v", domain="example.org")
    assert client.get("/", base_url="http://www.example.org").text == "k=v"


@pytest.mark.parametrize(
    "arguments",
    [
        {"max_age": 0},
        {"max_age": timedelta(seconds=-1)},
        {"expires": 0},
        {"expires": datetime(2000, 1, 1, tzinfo=UTC)},
    ],
    ids=["max age", "negative", "epoch", "past"],
)
def test_a_cookie_that_has_ended_is_forgotten(client, arguments):
    client.set_cookie("k", "v")
    answer_with(client, key="k", value="v", **arguments)
    assert client.get_cookie("k") is None


@pytest.mark.parametrize(
    "arguments", [{"max_age": 60}, {"expires": datetime(9000, 1, 1, tzinfo=UTC)}]
)
def test_a_cookie_that_lasts(client, arguments):
    answer_with(client, key="k", value="v", **arguments)
    assert client.get("/").text == "k=v"
