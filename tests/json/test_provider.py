from __future__ import annotations

import gc
import io
import json as library
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from markupsafe import Markup

from erlen import Erlen, json, jsonify
from erlen.json.provider import DefaultJSONProvider, JSONProvider

ID = UUID("6e3a5f0c-2b0b-4f4c-9d39-0a3a8a1e7c11")


@pytest.fixture
def app():
    return Erlen(__name__)


@dataclass
class Point:
    x: int
    label: str = "p"


class Html:
    def __html__(self):
        return "<b>html</b>"


class Money(Decimal):
    """A subclass counts as its base."""


# -- what is encoded ---------------------------------------------------------------------

VALUES = [
    pytest.param(datetime(2026, 11, 21, 8, 9, 10), "Sat, 21 Nov 2026 08:09:10 GMT", id="naive"),
    pytest.param(datetime(2026, 11, 21, 8, tzinfo=UTC), "Sat, 21 Nov 2026 08:00:00 GMT", id="utc"),
    pytest.param(
        datetime(2026, 11, 21, 8, tzinfo=timezone(timedelta(hours=2))),
        "Sat, 21 Nov 2026 06:00:00 GMT",
        id="zone",
    ),
    pytest.param(date(2026, 11, 21), "Sat, 21 Nov 2026 00:00:00 GMT", id="date"),
    pytest.param(Decimal("1.20"), "1.20", id="decimal"),
    pytest.param(Money("3.00"), "3.00", id="subclass of decimal"),
    pytest.param(ID, str(ID), id="uuid"),
    pytest.param(Point(1), {"x": 1, "label": "p"}, id="dataclass"),
    pytest.param(Html(), "<b>html</b>", id="html"),
    pytest.param(Markup("<i>"), "<i>", id="markup"),
    pytest.param((1, [2, {"a": None}]), [1, [2, {"a": None}]], id="nested"),
    pytest.param("größe \U0001f600", "größe \U0001f600", id="text"),
]


@pytest.mark.parametrize(("value", "decoded"), VALUES)
def test_values_that_json_does_not_know(app, value, decoded):
    assert library.loads(app.json.dumps(value)) == decoded
    with app.app_context():
        assert library.loads(json.dumps(value)) == decoded
        assert jsonify(value).get_json() == decoded


@pytest.mark.parametrize(("value", "decoded"), VALUES)
def test_outside_of_a_context_the_same_values_are_known(value, decoded):
    assert library.loads(json.dumps(value)) == decoded


@pytest.mark.parametrize(
    "value", [object(), {1, 2}, b"bytes", 1j], ids=["object", "set", "bytes", "complex"]
)
def test_what_cannot_be_encoded_is_named(app, value):
    with pytest.raises(TypeError, match="not JSON serializable"):
        app.json.dumps(value)


def test_text_is_ascii_and_keys_are_sorted(app):
    assert app.json.dumps({"b": "ä", "a": 1}) == '{"a": 1, "b": "\\u00e4"}'
    app.json.ensure_ascii = False
    app.json.sort_keys = False
    assert app.json.dumps({"b": "ä", "a": 1}) == '{"b": "ä", "a": 1}'


def test_arguments_win_over_the_attributes(app):
    value = {"b": "ä", "a": 1}
    assert app.json.dumps(value, sort_keys=False, ensure_ascii=False) == '{"b": "ä", "a": 1}'
    assert app.json.dumps(value, sort_keys=False, separators=(",", ":")) == '{"b":"\\u00e4","a":1}'
    assert app.json.dumps(value, separators=[",", ":"]) == '{"a":1,"b":"\\u00e4"}'
    with pytest.raises(TypeError):
        app.json.dumps(value, separators=5)
    assert app.json.dumps(value, indent=1) == '{\n "a": 1,\n "b": "\\u00e4"\n}'
    assert app.json.dumps(object(), default=lambda o: "own") == '"own"'


def test_files(app):
    file = io.StringIO()
    app.json.dump({"a": Decimal("1.5")}, file)
    assert file.getvalue() == '{"a": "1.5"}'
    assert app.json.load(io.StringIO('{"a": 1}')) == {"a": 1}
    assert app.json.load(io.BytesIO('{"a": "ä"}'.encode())) == {"a": "ä"}


@pytest.mark.parametrize("text", ['{"a": 1.10}', b'{"a": 1.10}'], ids=["text", "bytes"])
def test_decoding(app, text):
    assert app.json.loads(text) == {"a": 1.1}
    assert app.json.loads(text, parse_float=Decimal) == {"a": Decimal("1.10")}


def test_a_class_level_change_is_seen(app):
    class Provider(DefaultJSONProvider):
        sort_keys = False

        @staticmethod
        def default(o):
            return f"<{type(o).__name__}>"

    app.json = Provider(app)
    assert app.json.dumps({"b": {1}, "a": 1}) == '{"b": "<set>", "a": 1}'


# -- responses ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "kwargs", "decoded"),
    [
        ((), {}, None),
        ((1,), {}, 1),
        ((None,), {}, None),
        (([1, 2],), {}, [1, 2]),
        ((1, 2), {}, [1, 2]),
        ((), {"a": 1}, {"a": 1}),
    ],
)
def test_what_jsonify_takes(app, args, kwargs, decoded):
    with app.app_context():
        response = jsonify(*args, **kwargs)
    assert response.get_json() == decoded
    assert response.mimetype == "application/json"
    assert response.headers["Content-Type"] == "application/json"


def test_both_kinds_of_arguments_are_refused(app):
    with app.app_context(), pytest.raises(TypeError, match="args or kwargs, not both"):
        jsonify(1, a=2)


def test_responses_are_compact_except_in_debug_mode(app):
    with app.app_context():
        assert jsonify({"a": [1, 2]}).get_data(as_text=True) == '{"a":[1,2]}\n'
        app.debug = True
        assert jsonify({"a": [1]}).get_data(as_text=True) == '{\n  "a": [\n    1\n  ]\n}\n'
        app.json.compact = True
        assert jsonify({"a": [1]}).get_data(as_text=True) == '{"a":[1]}\n'
        app.debug = False
        app.json.compact = False
        assert jsonify([1]).get_data(as_text=True) == "[\n  1\n]\n"


def test_the_media_type_of_responses(app):
    app.json.mimetype = "application/vnd.own+json"
    app.add_url_rule("/", "index", lambda: {"a": 1})
    response = app.test_client().get("/")
    assert response.mimetype == "application/vnd.own+json"
    assert response.json == {"a": 1}


class Spaced(DefaultJSONProvider):
    def dumps(self, obj, **kwargs):
        return f" {super().dumps(obj, **kwargs)}"


def test_an_overridden_dumps_writes_responses_too(app):
    app.json = Spaced(app)
    with app.app_context():
        assert jsonify([1]).get_data() == b" [1]\n"
        app.debug = True
        assert jsonify([1]).get_data() == b" [\n  1\n]\n"


def test_a_dumps_of_the_instance_writes_responses_too(app):
    app.json.dumps = lambda obj, **kwargs: "own"
    app.add_url_rule("/", "index", lambda: {"a": 1})
    assert app.test_client().get("/").data == b"own\n"


def test_a_provider_outlives_no_application(app):
    provider = DefaultJSONProvider(Erlen("dropped"))
    gc.collect()
    with pytest.raises(RuntimeError, match="application of this JSON provider is gone"):
        provider.response(1)


# -- other providers ---------------------------------------------------------------------


class Shouting(JSONProvider):
    def dumps(self, obj, **kwargs):
        return library.dumps(obj, **kwargs).upper()

    def loads(self, s, **kwargs):
        return library.loads(s, **kwargs)


@pytest.fixture
def shouting(app):
    app.json = Shouting(app)

    @app.route("/", methods=["GET", "POST"])
    def index():
        return {"a": "b"}

    return app


def test_a_provider_needs_two_methods_alone(shouting):
    response = shouting.test_client().get("/")
    assert response.data == b'{"A": "B"}'
    assert response.mimetype == "application/json"
    file = io.StringIO()
    shouting.json.dump(["x"], file)
    assert file.getvalue() == '["X"]'
    assert shouting.json.load(io.StringIO("[1]")) == [1]


def test_the_provider_is_used_everywhere(shouting):
    from erlen import request

    with shouting.test_request_context("/", method="POST", json={"sent": "x"}):
        assert request.get_data() == b'{"SENT": "X"}'
        assert request.json == {"SENT": "X"}
        assert json.dumps("a") == '"A"'
        assert jsonify("a").get_json() == "A"
        file = io.StringIO()
        json.dump("a", file)
        assert file.getvalue() == '"A"'


def test_the_class_of_the_application_makes_it():
    class App(Erlen):
        json_provider_class = Shouting

    assert type(App(__name__).json) is Shouting


def test_the_base_class_says_that_its_methods_are_missing(app):
    provider = JSONProvider(app)
    with pytest.raises(NotImplementedError):
        provider.dumps({})
    with pytest.raises(NotImplementedError):
        provider.loads("{}")


# -- the functions of the module ---------------------------------------------------------


def test_the_functions_read_and_write_files():
    file = io.StringIO()
    json.dump({"a": ID}, file)
    assert json.load(io.StringIO(file.getvalue())) == {"a": str(ID)}
    assert json.loads(b"[1]") == [1]


def test_in_a_context_they_use_its_provider(app):
    app.json.sort_keys = True
    with app.app_context():
        assert json.dumps({"b": 1, "a": 2}) == '{"a": 2, "b": 1}'
        assert json.loads("[1.5]", parse_float=Decimal) == [Decimal("1.5")]
    assert json.dumps({"b": 1, "a": 2}) == '{"b": 1, "a": 2}'


def test_jsonify_needs_an_application():
    with pytest.raises(RuntimeError, match="outside of application context"):
        jsonify(1)


@pytest.mark.parametrize("text", ["", "{", "[1,]", "'a'", "\ufeff{}"])
def test_malformed_text_is_a_value_error(app, text):
    with pytest.raises(ValueError):
        json.loads(text)
    with app.app_context(), pytest.raises(ValueError):
        json.loads(text)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"]
)
@pytest.mark.parametrize("text", ["1", "[]", '"ä"', '{"a": "\u2603"}', "", "nul", '"\\ud800"'])
def test_what_was_received_is_decoded_as_the_library_decodes_it(encoding, text):
    provider = Erlen("json").json
    for data in (text.encode(encoding), text.encode(encoding)[:-1], b"\0" + text.encode(encoding)):
        seen = []
        for loads in (provider.loads_received, library.loads):
            try:
                seen.append(loads(data))
            except ValueError as error:
                seen.append(type(error))
        assert seen[0] == seen[1]


@pytest.mark.parametrize(
    "kwargs",
    [
        {},
        {"indent": 2},
        {"separators": (",", ":")},
        {"separators": [",", ":"]},
        {"sort_keys": False},
        {"sort_keys": None},
        {"sort_keys": False, "indent": 1, "separators": (" ,", " :")},
        {"ensure_ascii": False},
        {"default": repr, "indent": 1},
        {"skipkeys": True, "sort_keys": False},
        {"cls": library.JSONEncoder},
        {"indent": [1]},
    ],
)
def test_options_are_those_of_the_library(kwargs):
    app = Erlen("json")
    value = {"b": 1, "a": ["ä", None, 1.5]}
    seen = []
    for dumps in (app.json.dumps, lambda v, **kw: library.dumps(v, **{"sort_keys": True, **kw})):
        try:
            seen.append(dumps(value, **kwargs))
        except TypeError as error:
            seen.append(str(error))
    assert seen[0] == seen[1]
