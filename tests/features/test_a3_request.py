"""FEATURES A3: the request."""

from __future__ import annotations

import io
from datetime import datetime

import pytest

from erlen import Erlen, request
from erlen.http.files import secure_filename
from erlen.http.multidict import CombinedMultiDict, ImmutableMultiDict, MultiDict


@pytest.fixture
def app():
    return Erlen(__name__)


def test_where_the_request_went(app):
    with app.test_request_context(
        "/a/b?x=1&y=%C3%A4", base_url="https://example.org:8443/root", method="PUT"
    ):
        assert request.method == "PUT"
        assert request.path == "/a/b"
        assert request.full_path == "/a/b?x=1&y=%C3%A4"
        assert request.url == "https://example.org:8443/root/a/b?x=1&y=ä"
        assert request.base_url == "https://example.org:8443/root/a/b"
        assert request.url_root == "https://example.org:8443/root/"
        assert request.host_url == "https://example.org:8443/"
        assert request.host == "example.org:8443"
        assert request.scheme == "https"
        assert request.is_secure
        assert request.query_string == b"x=1&y=%C3%A4"


def test_the_wsgi_environment(app):
    with app.test_request_context("/p?q=1", environ_overrides={"REMOTE_ADDR": "192.0.2.7"}):
        environ = request.environ
        assert environ["REQUEST_METHOD"] == "GET"
        assert environ["SCRIPT_NAME"] == ""
        assert environ["PATH_INFO"] == "/p"
        assert environ["QUERY_STRING"] == "q=1"
        assert environ["SERVER_NAME"] == "localhost"
        assert environ["SERVER_PORT"] == "80"
        assert environ["SERVER_PROTOCOL"] == "HTTP/1.1"
        assert environ["wsgi.version"] == (1, 0)
        assert environ["wsgi.url_scheme"] == "http"
        assert request.remote_addr == "192.0.2.7"


def test_what_matched(app):
    @app.route("/user/<int:id>")
    def user(id):
        assert request.view_args == {"id": 7}
        assert request.url_rule.rule == "/user/<int:id>"
        assert request.blueprint is None and request.blueprints == []
        return request.endpoint

    assert app.test_client().get("/user/7").text == "user"


def test_query_form_and_values(app):
    @app.route("/", methods=["GET", "POST"])
    def index():
        return {
            "args": request.args.get("a"),
            "form": request.form.get("a"),
            "values": request.values.get("a"),
            "all": request.values.getlist("a"),
        }

    client = app.test_client()
    got = client.post("/?a=query", data={"a": "form"}).json
    assert got == {"args": "query", "form": "form", "values": "query", "all": ["query", "form"]}
    assert client.get("/?a=query").json["all"] == ["query"]


def test_conversion_by_any_callable(app):
    class Date:
        """As the seeds write it: an object whose __call__ converts."""

        def __init__(self, format):
            self.format = format

        def __call__(self, text):
            return datetime.strptime(text, self.format)

    with app.test_request_context("/?n=7&bad=x&day=2026-11-21&t=1&t=x&t=3"):
        args = request.args
        assert args.get("n", 100, type=int) == 7
        assert args.get("bad", 100, type=int) == 100
        assert args.get("none", 100, type=int) == 100
        assert args.get("day", type=Date("%Y-%m-%d")) == datetime(2026, 11, 21)
        assert args.getlist("t") == ["1", "x", "3"]
        assert args.getlist("t", type=int) == [1, 3]


@pytest.mark.parametrize("debug", [True, False])
def test_a_missing_key_is_400_and_named_in_debug_mode_alone(app, debug):
    app.config.update(DEBUG=debug, TRAP_BAD_REQUEST_ERRORS=False)
    app.add_url_rule("/", "index", lambda: request.args["needed"])
    response = app.test_client().get("/")
    assert response.status_code == 400
    assert ("needed" in response.text) == debug


def test_body_and_json(app):
    @app.post("/raw")
    def raw():
        assert request.get_data(as_text=True) == request.data.decode()
        return request.data

    @app.post("/stream")
    def stream():
        return request.stream.read(3) + b"|" + request.stream.read()

    @app.post("/json")
    def as_json():
        return {"got": request.json, "again": request.get_json()}

    client = app.test_client()
    assert client.post("/raw", data="ä".encode(), content_type="text/plain").data == "ä".encode()
    assert client.post("/stream", data=b"abcdef", content_type="a/b").data == b"abc|def"
    assert client.post("/json", json=[1]).json == {"got": [1], "again": [1]}
    assert client.post("/json", data="[1]", content_type="text/plain").status_code == 415
    assert client.post("/json", data="[1", content_type="application/json").status_code == 400


def test_cookies_and_headers(app):
    @app.route("/")
    def index():
        assert request.headers["x-own"] == "1"
        assert request.headers.get("X-OWN") == "1"
        assert "X-None" not in request.headers
        return request.cookies["name"]

    client = app.test_client()
    client.set_cookie("name", "größe; mit=allem")
    assert client.get("/", headers={"X-Own": "1"}).text == "größe; mit=allem"


def test_multidict():
    d = MultiDict([("a", 1), ("b", 2), ("a", 3)])
    assert d["a"] == 1 and d.get("c") is None and d.getlist("a") == [1, 3]
    d.add("a", 4)
    assert d.getlist("a") == [1, 3, 4]
    d.setlist("c", [5, 6])
    assert d.setdefault("c", 7) == 5 and d.setdefault("d", 7) == 7
    assert d.setlistdefault("e", [8]) == [8]
    copied, deep = d.copy(), d.deepcopy()
    assert copied == d == deep
    assert d.pop("c") == 5 and "c" not in d
    assert d.poplist("a") == [1, 3, 4] and d.poplist("a") == []
    d.update({"b": [9, 10]})
    assert d.getlist("b") == [2, 9, 10]
    assert list(d.items(multi=True))[:3] == [("b", 2), ("b", 9), ("b", 10)]
    assert dict(d.lists())["b"] == [2, 9, 10]
    assert next(iter(d.listvalues())) == [2, 9, 10]
    assert d.to_dict() == {"b": 2, "d": 7, "e": 8}
    assert d.to_dict(flat=False)["b"] == [2, 9, 10]
    assert d.popitem() == ("e", 8)
    d.clear()
    assert not d
    assert copied.getlist("a") == [1, 3, 4]


def test_immutable_and_combined_dictionaries():
    fixed = ImmutableMultiDict([("a", 1)])
    with pytest.raises(TypeError, match="immutable"):
        fixed.add("a", 2)
    assert fixed.copy().getlist("a") == [1]
    both = CombinedMultiDict([MultiDict([("a", 1)]), MultiDict([("a", 2), ("b", 3)])])
    assert both["a"] == 1 and both["b"] == 3 and both.getlist("a") == [1, 2]


def test_content_negotiation(app):
    with app.test_request_context(
        headers={
            "Accept": "text/html;q=0.8, application/json",
            "Accept-Language": "de-AT, fr;q=0.5",
            "Accept-Encoding": "gzip;q=0.5, br",
            "Accept-Charset": "utf-8",
        }
    ):
        assert request.accept_mimetypes.best_match(["text/html", "application/json"]) == (
            "application/json"
        )
        assert request.accept_languages.best_match(["en", "de"]) == "de"
        assert request.accept_encodings.best == "br"
        assert "utf-8" in request.accept_charsets


def test_uploads(app, tmp_path):
    @app.post("/")
    def upload():
        names = []
        for file in request.files.getlist("files"):
            name = secure_filename(file.filename)
            file.save(tmp_path / name)
            names.append(name)
        return names

    response = app.test_client().post(
        "/",
        data={
            "files": [
                (io.BytesIO(b"one"), "../../etc/one.txt"),
                (io.BytesIO(b"x" * 700_000), "two.bin"),
            ]
        },
    )
    assert response.json == ["etc_one.txt", "two.bin"]
    assert (tmp_path / "etc_one.txt").read_bytes() == b"one"
    assert (tmp_path / "two.bin").stat().st_size == 700_000


def test_limits(app):
    app.config.update(MAX_CONTENT_LENGTH=1000, MAX_FORM_MEMORY_SIZE=100, MAX_FORM_PARTS=3)
    app.add_url_rule("/", "index", lambda: str(len(request.form)), methods=["POST"])
    client = app.test_client()
    assert client.post("/", data={"a": "x" * 50}).text == "1"
    assert client.post("/", data={"a": "x" * 200}).status_code == 413
    assert client.post("/", data={f"f{n}": "1" for n in range(4)}).status_code == 413
    assert client.post("/", data={"a": (io.BytesIO(b"x" * 2000), "f")}).status_code == 413
