"""What clients send wrongly gets a 4xx that says what was wrong; nothing is half-done."""

from __future__ import annotations

import pytest

from erlen import Erlen, request

MULTIPART = "multipart/form-data; boundary=b"
HEAD = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n'


@pytest.fixture
def client():
    app = Erlen(__name__)

    @app.route("/", methods=["GET", "POST"])
    def index():
        return {
            "args": request.args.to_dict(flat=False),
            "form": request.form.to_dict(flat=False),
            "cookies": request.cookies.to_dict(),
            "files": sorted(request.files),
        }

    app.add_url_rule("/json", "json", lambda: {"got": request.get_json()}, methods=["POST"])
    app.add_url_rule("/int/<int:n>", "int", lambda n: str(n))
    return app.test_client()


@pytest.mark.parametrize(
    "body",
    [
        b"garbage",
        HEAD + b"cut",
        b"--b\r\n\r\nno name\r\n--b--\r\n",
        b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n",
        b"--b\r\n" + b"X: y\r\n" * 10_000 + b"\r\nx\r\n--b--\r\n",
        b"--b\r\nContent-Disposition: form-data; name=a"
        + b"x" * 100_000
        + b"\r\n\r\nx\r\n--b--\r\n",
    ],
    ids=["garbage", "cut", "no headers", "no name", "many headers", "long header"],
)
def test_malformed_multipart(client, body):
    response = client.post("/", data=body, content_type=MULTIPART)
    assert response.status_code == 400
    assert "multipart form" in response.text


def test_multipart_without_a_boundary(client):
    response = client.post("/", data=b"x", content_type="multipart/form-data")
    assert response.status_code == 400
    assert "boundary" in response.text


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ((HEAD + b"x\r\n") * 2_000 + b"--b--\r\n", MULTIPART),
        (HEAD + b"x" * 600_000 + b"\r\n--b--\r\n", MULTIPART),
        (b"a=1&" * 2_000, "application/x-www-form-urlencoded"),
        (b"a=" + b"x" * 600_000, "application/x-www-form-urlencoded"),
    ],
    ids=["many parts", "huge field", "many fields", "huge value"],
)
def test_forms_beyond_the_limits(client, body, content_type):
    assert client.post("/", data=body, content_type=content_type).status_code == 413


def test_only_ampersands_separate(client):
    assert client.get("/?a=1;b=2").json["args"] == {"a": ["1;b=2"]}


@pytest.mark.parametrize("query", ["%", "%zz=%", "a=%ff", "&&&", "=", "\xff", "a=%00"])
def test_malformed_queries_are_read_as_far_as_they_go(client, query):
    assert client.get("/?" + query).status_code == 200


@pytest.mark.parametrize(
    "cookie", ["=__Host-x=bad", ";;;", "a", 'a="', "a=" + "\\" * 10_000, "\xff=\xff", "a=b; =; c"]
)
def test_malformed_cookies_are_dropped(client, cookie):
    response = client.get("/", headers={"Cookie": cookie})
    assert response.status_code == 200
    assert "__Host-x" not in response.json["cookies"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe{", b"[" * 100_000 + b"]" * 100_000, b'{"a":}', b"9" * 100_000, b"'a'"],
    ids=["empty", "cut", "encoding", "deep", "no value", "digits", "quotes"],
)
def test_malformed_json(client, body):
    assert client.post("/json", data=body, content_type="application/json").status_code == 400


@pytest.mark.parametrize(
    "host", ["a/?x", "u@h", "a b", "a\\b", "a#b", "a\tb", "a:b", "<x>", "[::1"]
)
def test_malformed_hosts(client, host):
    response = client.get("/", environ_overrides={"HTTP_HOST": host})
    assert response.status_code == 400


@pytest.mark.parametrize("host", ["a", "a.example:80", "[::1]:8000", "a_b", "xn--n3h.net", ""])
def test_well_formed_hosts(client, host):
    assert client.get("/", environ_overrides={"HTTP_HOST": host}).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [("/int/" + "9" * 100_000, 404), ("/int/1%0a", 404), ("/%ff", 404), ("/%00", 404)],
)
def test_odd_paths(client, path, status):
    assert client.get(path).status_code == status


@pytest.mark.parametrize("method", ["_HELPER", "get", "PROPFIND"])
def test_other_methods(client, method, monkeypatch):
    # The checker knows the usual methods alone.
    monkeypatch.setenv("ERLEN_VALIDATE_WSGI", "0")
    assert client.open("/", method=method).status_code == 405


def test_odd_content_lengths(client, monkeypatch):
    # The checker refuses such an environment before the application sees it.
    monkeypatch.setenv("ERLEN_VALIDATE_WSGI", "0")
    for value in ("-1", "x", "1e3", "", "9" * 40):
        response = client.post(
            "/", environ_overrides={"CONTENT_LENGTH": value, "CONTENT_TYPE": MULTIPART}
        )
        assert 200 <= response.status_code < 500
