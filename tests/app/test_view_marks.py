"""Values that extensions keep for views."""

from __future__ import annotations

import functools

import pytest

from erlen import Blueprint, Erlen
from erlen.app.view_marks import ViewMarks
from erlen.views import View


@pytest.fixture
def marks():
    return ViewMarks("_mark")


def wrapped(function):
    @functools.wraps(function)
    def wrapper():
        return function()

    return wrapper


def test_a_function_is_found_through_its_decorators(marks):
    app = Erlen("x")

    def view():
        return ""

    marks.mark(view, 1)
    app.add_url_rule("/plain", "plain", view)
    app.add_url_rule("/wrapped", "wrapped", wrapped(view))
    app.add_url_rule("/other", "other", lambda: "")
    assert marks.find(app, "plain") == ("plain", 1)
    assert marks.find(app, "wrapped") == ("wrapped", 1)
    assert marks.find(app, "other") is None
    assert marks.find(app, "missing") is None
    assert marks.find(app, None) is None


def test_methods_and_classes(marks):
    app = Erlen("x")

    class Marked(View):
        pass

    class Sub(Marked):
        pass

    class Holder:
        def view(self):
            return ""

    marks.mark(Marked, "class")
    marks.mark(Holder().view, "method")
    app.add_url_rule("/a", view_func=Marked.as_view("marked"))
    app.add_url_rule("/b", view_func=Sub.as_view("sub"))
    app.add_url_rule("/c", "method", Holder().view)
    assert marks.find(app, "marked") == ("marked", "class")
    assert marks.find(app, "sub") is None
    assert marks.find(app, "method") == ("method", "method")


def test_the_innermost_wins(marks):
    app = Erlen("x")
    outer, inner = Blueprint("outer", "x"), Blueprint("inner", "x")

    def view():
        return ""

    def own():
        return ""

    inner.add_url_rule("/x", "x", view)
    inner.add_url_rule("/own", "own", own)
    outer.add_url_rule("/x", "x", view)
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    app.register_blueprint(outer, name="again", url_prefix="/again")
    app.register_blueprint(Blueprint("alone", "x"), url_prefix="/alone")
    marks.mark(outer, "outer")
    assert marks.find(app, "outer.x") == ("outer", "outer")
    assert marks.find(app, "outer.inner.x") == ("outer", "outer")
    assert marks.find(app, "again.inner.x") == ("again", "outer")
    assert marks.find(app, "alone.x") is None
    marks.mark(inner, "inner")
    assert marks.find(app, "outer.inner.x") == ("outer.inner", "inner")
    marks.mark(own, "view")
    assert marks.find(app, "outer.inner.own") == ("outer.inner.own", "view")
    marks.mark("outer.inner.own", "endpoint")
    assert marks.find(app, "outer.inner.own") == ("outer.inner.own", "endpoint")
    marks.mark(outer, "later")
    assert marks.find(app, "outer.x") == ("outer", "later")


def test_what_a_target_itself_was_given(marks):
    blueprint, other = Blueprint("a", "x"), Blueprint("b", "x")

    def view():
        return ""

    for target in (blueprint, view, "endpoint"):
        assert marks.of(target) is None
        marks.mark(target, 1)
        marks.mark(target, 2)
        assert marks.of(target) == 2
    assert marks.of(other) is None
    assert marks.of("other") is None


def test_anything_else_is_an_error(marks):
    with pytest.raises(TypeError, match="takes a view function, a blueprint or an endpoint, not 3"):
        marks.mark(3, 1)
