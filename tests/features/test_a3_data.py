"""FEATURES A3: what a request carries, in detail."""

from __future__ import annotations

import io
import json

import pytest

from erlen import Blueprint, Erlen, Request, request
from erlen.http.files import FileStorage
from erlen.http.multidict import CombinedMultiDict, ImmutableMultiDict, MultiDict


@pytest.fixture
def app():
    app = Erlen(__name__)
    app.testing = True
    return app


def seen_by(app, read, path="/", **kwargs):
    """What a view reads of a request."""
    app.add_url_rule("/", "read", lambda: [read()], methods=["GET", "POST", "PUT"])
    return app.test_client().open(path, **kwargs).json[0]


# -- the environment -------------------------------------------------------------------------


def test_every_key_of_the_environment(app):
    def read():
        environ = request.environ
        assert hasattr(environ["wsgi.input"], "read")
        assert hasattr(environ["wsgi.errors"], "write")
        assert isinstance(environ["wsgi.multithread"], bool)
        assert isinstance(environ["wsgi.multiprocess"], bool)
        assert environ["wsgi.run_once"] is False
        assert tuple(environ["wsgi.version"]) == (1, 0)
        return {key: value for key, value in environ.items() if isinstance(value, str)}

    environ = seen_by(
        app,
        read,
        "/?q=1",
        base_url="https://shop.example:444/root",
        method="POST",
        data=b"abc",
        content_type="text/plain",
        headers={"X-Own": "1"},
    )
    expected = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "/root",
        "PATH_INFO": "/",
        "QUERY_STRING": "q=1",
        "CONTENT_TYPE": "text/plain",
        "CONTENT_LENGTH": "3",
        "SERVER_NAME": "shop.example",
        "SERVER_PORT": "444",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "shop.example:444",
        "HTTP_X_OWN": "1",
        "wsgi.url_scheme": "https",
    }
    assert {key: environ.get(key) for key in expected} == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("method", "PUT"),
        ("path", "/"),
        ("full_path", "/?q=1"),
        ("root_path", "/root"),
        ("script_root", "/root"),
        ("url", "https://shop.example:444/root/?q=1"),
        ("base_url", "https://shop.example:444/root/"),
        ("url_root", "https://shop.example:444/root/"),
        ("root_url", "https://shop.example:444/root/"),
        ("host_url", "https://shop.example:444/"),
        ("host", "shop.example:444"),
        ("scheme", "https"),
        ("is_secure", True),
        ("remote_addr", "127.0.0.1"),
        ("access_route", ["127.0.0.1"]),
        ("endpoint", "read"),
        ("blueprint", None),
        ("blueprints", []),
        ("view_args", {}),
        ("mimetype", "text/plain"),
        ("mimetype_params", {"charset": "latin-1"}),
        ("content_length", 3),
        ("content_type", "text/plain; charset=latin-1"),
        ("is_json", False),
        ("referrer", "http://from.example/"),
    ],
)
def test_each_attribute(app, name, value):
    got = seen_by(
        app,
        lambda: getattr(request, name),
        "/?q=1",
        base_url="https://shop.example:444/root/",
        method="PUT",
        data=b"abc",
        content_type="text/plain; charset=latin-1",
        headers={"Referer": "http://from.example/"},
    )
    assert got == value


def test_blueprints_of_a_request(app):
    outer, inner = Blueprint("outer", __name__), Blueprint("inner", __name__)
    inner.add_url_rule("/", "show", lambda: [request.blueprint, *request.blueprints])
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    assert app.test_client().get("/").json == ["outer.inner", "outer.inner", "outer"]


# -- query and form --------------------------------------------------------------------------


def test_values_of_a_get_have_no_form(app):
    got = seen_by(app, lambda: request.values.to_dict(), "/?a=1", data={"a": "2", "b": "3"})
    assert got == {"a": "1"}


def test_fields_come_in_the_order_of_the_page(app):
    body = "b=1&a=2&b=3&c="
    got = seen_by(
        app,
        lambda: list(request.form.items(multi=True)),
        method="POST",
        data=body,
        content_type="application/x-www-form-urlencoded",
    )
    assert sorted(got) == sorted([["b", "1"], ["a", "2"], ["b", "3"], ["c", ""]])


def test_a_request_of_another_kind_of_dictionary(app):
    class Ordered(Request):
        parameter_storage_class = dict

    app.request_class = Ordered
    assert seen_by(app, lambda: type(request.args).__name__, "/?a=1") == "dict"


@pytest.mark.parametrize(
    ("text", "default", "kind", "value"),
    [
        ("7", None, int, 7),
        ("x", None, int, None),
        ("x", 5, int, 5),
        ("1.5", None, float, 1.5),
        ("true", None, lambda t: t == "true", True),
        ("a,b", None, lambda t: t.split(","), ["a", "b"]),
        ("", 5, int, 5),
    ],
)
def test_get_with_a_type(app, text, default, kind, value):
    with app.test_request_context("/", query_string={"x": text}):
        assert request.args.get("x", default, type=kind) == value
        assert request.args.get("none", default, type=kind) == default


def test_an_error_that_is_no_value_error_is_not_hidden(app):
    def fail(text):
        raise KeyError(text)

    with app.test_request_context("/?x=1"), pytest.raises(KeyError):
        request.args.get("x", type=fail)


# -- the body --------------------------------------------------------------------------------


def test_the_body_can_be_read_twice_and_parsed_afterwards(app):
    def read():
        first = request.get_data(as_text=True)
        return [
            first,
            request.get_data(as_text=True),
            request.form.to_dict(),
            request.data.decode(),
        ]

    got = seen_by(app, read, method="POST", data={"a": "1"})
    assert got[:2] == ["a=1", "a=1"]
    assert got[3] == "a=1"


def test_a_form_that_was_parsed_has_left_no_data(app):
    got = seen_by(
        app,
        lambda: [request.form["a"], request.get_data(as_text=True)],
        method="POST",
        data={"a": "1"},
    )
    assert got == ["1", ""]


@pytest.mark.parametrize(
    ("data", "content_type", "arguments", "value"),
    [
        ('{"a": 1}', "application/json", {}, {"a": 1}),
        ('{"a": 1}', "application/vnd.api+json", {}, {"a": 1}),
        ('{"a": 1}', "text/plain", {"force": True}, {"a": 1}),
        ('{"a": 1}', "text/plain", {"silent": True}, None),
        ("{", "application/json", {"silent": True}, None),
        ('"größe"', "application/json; charset=utf-8", {}, "größe"),
    ],
)
def test_json_in_all_its_forms(app, data, content_type, arguments, value):
    got = seen_by(
        app,
        lambda: request.get_json(**arguments),
        method="POST",
        data=data,
        content_type=content_type,
    )
    assert got == value


def test_what_is_wrong_with_json_is_told_in_debug_mode_alone(app):
    app.testing = False
    app.add_url_rule("/", "index", lambda: request.json, methods=["POST"])
    client = app.test_client()
    wrong = {"data": '{"a": }', "content_type": "application/json"}
    assert "Expecting value" not in client.post("/", **wrong).text
    app.debug = True
    assert "Expecting value" in client.post("/", **wrong).text


def test_an_own_answer_to_wrong_json(app):
    class Own(Request):
        def on_json_loading_failed(self, e):
            return {"error": type(e).__name__ if e else "no json"}

    app.request_class = Own
    got = seen_by(
        app, lambda: request.json, method="POST", data="{", content_type="application/json"
    )
    assert got == {"error": "JSONDecodeError"}


# -- files -----------------------------------------------------------------------------------


def test_what_is_known_of_a_file(app, tmp_path):
    def read():
        file = request.files["photo"]
        assert isinstance(file, FileStorage)
        first = file.read(2)
        file.seek(0)
        file.save(tmp_path / "saved")
        return [file.filename, file.name, file.mimetype, first.decode(), file.headers["X-Part"]]

    storage = FileStorage(
        io.BytesIO(b"content"), "größe.txt", content_type="text/x-own", headers=None
    )
    storage.headers["X-Part"] = "1"
    got = seen_by(app, read, method="POST", data={"photo": storage, "text": "t"})
    assert got == ["größe.txt", "photo", "text/x-own", "co", "1"]
    assert (tmp_path / "saved").read_bytes() == b"content"


def test_a_file_field_that_was_left_empty(app):
    got = seen_by(
        app,
        lambda: [request.files["photo"].filename, bool(request.files["photo"])],
        method="POST",
        data={"photo": (io.BytesIO(b""), "")},
    )
    assert got == ["", False]


def test_a_limit_for_one_view(app):
    app.config["MAX_CONTENT_LENGTH"] = 10

    @app.post("/large")
    def large():
        request.max_content_length = 1_000
        return str(len(request.get_data()))

    app.add_url_rule("/small", "small", lambda: str(len(request.get_data())), methods=["POST"])
    client = app.test_client()
    assert client.post("/large", data=b"x" * 500).text == "500"
    assert client.post("/small", data=b"x" * 500).status_code == 413
    assert client.post("/large", data=b"x" * 2_000).status_code == 413


# -- dictionaries ----------------------------------------------------------------------------


def test_an_immutable_one_refuses_every_change():
    fixed = ImmutableMultiDict([("a", 1), ("a", 2)])
    changes = [
        lambda: fixed.__setitem__("a", 1),
        lambda: fixed.__delitem__("a"),
        lambda: fixed.add("a", 1),
        lambda: fixed.setlist("a", []),
        lambda: fixed.setdefault("b"),
        lambda: fixed.setlistdefault("b"),
        lambda: fixed.update(b=1),
        lambda: fixed.pop("a"),
        lambda: fixed.poplist("a"),
        lambda: fixed.popitem(),
        lambda: fixed.popitemlist(),
        lambda: fixed.clear(),
    ]
    for change in changes:
        with pytest.raises(TypeError, match="immutable"):
            change()
    assert fixed.getlist("a") == [1, 2]
    assert hash(fixed) == hash(ImmutableMultiDict([("a", 1), ("a", 2)]))
    changed = fixed.copy()
    changed.add("a", 3)
    assert type(changed) is MultiDict
    assert fixed.getlist("a") == [1, 2]


def test_a_combined_one_reads_through():
    first, second = MultiDict([("a", 1)]), MultiDict([("a", 2), ("b", 3)])
    both = CombinedMultiDict([first, second])
    assert both["a"] == 1
    assert both.getlist("a") == [1, 2]
    assert sorted(both.keys()) == ["a", "b"]
    assert "b" in both and len(both) == 2
    assert both.get("b", type=str) == "3"
    assert both.to_dict(flat=False) == {"a": [1, 2], "b": [3]}
    assert sorted(both.items(multi=True)) == [("a", 1), ("a", 2), ("b", 3)]
    second.add("c", 4)
    assert both["c"] == 4
    with pytest.raises(TypeError, match="immutable"):
        both["a"] = 5


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_ordered_one_keeps_the_order_of_all_values():
    from erlen.compat.werkzeug.datastructures import OrderedMultiDict

    ordered = OrderedMultiDict([("a", 1), ("b", 2), ("a", 3)])
    assert list(ordered.items(multi=True)) == [("a", 1), ("b", 2), ("a", 3)]
    assert ordered.getlist("a") == [1, 3]
    assert ordered["a"] == 1


def test_dictionaries_are_shown_and_written(app):
    with app.test_request_context("/?a=1&a=2"):
        assert repr(request.args) == "ImmutableMultiDict([('a', '1'), ('a', '2')])"
        assert json.loads(json.dumps(request.args)) == {"a": "1"}
        assert json.loads(json.dumps(request.args.to_dict(flat=False))) == {"a": ["1", "2"]}


# -- negotiation -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "choices", "best"),
    [
        ("text/html, application/json;q=0.9", ["application/json", "text/html"], "text/html"),
        (
            "application/*;q=0.8, text/html;q=0.5",
            ["text/html", "application/json"],
            "application/json",
        ),
        ("*/*", ["text/html", "application/json"], "text/html"),
        ("image/png", ["text/html"], None),
        ("text/html;q=0", ["text/html"], None),
        ("", ["text/html"], None),
    ],
)
def test_the_best_media_type(app, header, choices, best):
    with app.test_request_context(headers={"Accept": header}):
        assert request.accept_mimetypes.best_match(choices) == best


@pytest.mark.parametrize(
    ("header", "choices", "best"),
    [
        ("de-AT, fr;q=0.5", ["en", "de"], "de"),
        ("de, fr;q=0.5", ["de-AT", "en"], "de-AT"),
        ("da, en-gb;q=0.8, en;q=0.7", ["en", "fr"], "en"),
        ("*", ["fr"], "fr"),
    ],
)
def test_the_best_language(app, header, choices, best):
    with app.test_request_context(headers={"Accept-Language": header}):
        assert request.accept_languages.best_match(choices) == best
