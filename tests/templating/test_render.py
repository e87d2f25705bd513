from __future__ import annotations

import os
import types

import pytest
from jinja2 import TemplateNotFound, UndefinedError

from erlen import (
    Blueprint,
    Erlen,
    before_render_template,
    g,
    get_template_attribute,
    render_template,
    render_template_string,
    request,
    session,
    stream_template,
    stream_template_string,
    template_rendered,
)


@pytest.fixture
def app(tmp_path):
    app = Erlen("templating", root_path=str(tmp_path))
    app.secret_key = "test"
    (tmp_path / "templates").mkdir()
    return app


def write(app, name, text):
    with open(f"{app.root_path}/templates/{name}", "w") as file:
        file.write(text)


@pytest.fixture
def signals(app):
    """The signals of this application in the order of their sending."""
    seen = []

    def before(sender, template, context, **extra):
        seen.append(("before", template.name, context["x"]))

    def after(sender, template, context, **extra):
        seen.append(("after", template.name, context["x"]))

    rendering = before_render_template.connected_to(before, app)
    with rendering, template_rendered.connected_to(after, app):
        yield seen


# -- what is rendered --------------------------------------------------------------------


def test_the_first_of_a_list_that_exists(app):
    write(app, "b.html", "b {{ x }}")
    write(app, "c.html", "c")
    with app.app_context():
        assert render_template(["a.html", "b.html", "c.html"], x=1) == "b 1"
        with pytest.raises(TemplateNotFound) as caught:
            render_template(["a.html", "d.html"])
    assert "a.html" in str(caught.value) and "d.html" in str(caught.value)


def test_a_template_object(app):
    template = app.jinja_env.from_string("own {{ x }}")
    with app.app_context():
        assert render_template(template, x=1) == "own 1"
        assert render_template(["none.html", template], x=2) == "own 2"


def test_strings_are_escaped(app):
    with app.app_context():
        assert render_template_string("{{ x }}", x="<b>&") == "&lt;b&gt;&amp;"
        assert (
            render_template_string("{% autoescape false %}{{ x }}{% endautoescape %}", x="<") == "<"
        )


def test_a_template_that_changed_is_seen_in_debug_mode(app):
    app.debug = True
    write(app, "a.html", "old")
    with app.app_context():
        assert render_template("a.html") == "old"
        write(app, "a.html", "a new text")
        os.utime(f"{app.root_path}/templates/a.html", (1, 1))
        assert render_template("a.html") == "a new text"


def test_an_attribute_of_a_template(app):
    write(app, "m.html", "{% macro hello(n) %}Hello {{ n }}!{% endmacro %}{% set title = 'T' %}")
    with app.app_context():
        assert get_template_attribute("m.html", "hello")("World") == "Hello World!"
        assert get_template_attribute("m.html", "title") == "T"
        with pytest.raises(AttributeError):
            get_template_attribute("m.html", "none")


def test_an_error_in_a_template_shows_its_line(app):
    write(app, "bad.html", "line 1\n{{ missing.attribute }}\n")
    with app.app_context(), pytest.raises(UndefinedError) as caught:
        render_template("bad.html")
    assert ("bad.html", 2) in [(e.path.name, e.lineno + 1) for e in caught.traceback]


@pytest.mark.parametrize(
    "function",
    [
        render_template,
        render_template_string,
        stream_template,
        stream_template_string,
        lambda name: get_template_attribute(name, "x"),
    ],
    ids=["render", "render string", "stream", "stream string", "attribute"],
)
def test_rendering_needs_an_application(function):
    with pytest.raises(RuntimeError, match="outside of application context"):
        function("a.html")


# -- what it sees ------------------------------------------------------------------------


def test_outside_of_a_request_there_is_only_g(app):
    with app.app_context():
        g.user = "ada"
        text = render_template_string(
            "{{ g.user }} {{ request is defined }} {{ 'yes' if request else 'no' }}"
        )
    assert text == "ada True no"


def test_the_view_wins_over_processors_and_the_blueprint_over_the_application(app):
    app.context_processor(lambda: {"a": "app", "b": "app", "c": "app"})
    part = Blueprint("part", __name__)
    part.context_processor(lambda: {"b": "part", "c": "part"})
    part.app_context_processor(lambda: {"d": "of all"})
    source = "{{ a }} {{ b }} {{ c }} {{ d }}"
    part.add_url_rule("/part", "part", lambda: render_template_string(source, c="view"))
    app.add_url_rule("/app", "app", lambda: render_template_string(source, c="view"))
    app.register_blueprint(part)
    client = app.test_client()
    assert client.get("/part").text == "app part view of all"
    assert client.get("/app").text == "app app view of all"


def test_nested_blueprints_add_from_the_outside_in(app):
    outer, inner = Blueprint("outer", __name__), Blueprint("inner", __name__)
    outer.context_processor(lambda: {"a": "outer", "b": "outer"})
    inner.context_processor(lambda: {"b": "inner"})
    inner.add_url_rule("/", "index", lambda: render_template_string("{{ a }} {{ b }}"))
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    assert app.test_client().get("/").text == "outer inner"


def test_imported_templates_see_the_globals_and_no_context(app):
    write(
        app,
        "m.html",
        "{% macro m() %}{{ request.path }} {{ g.x }} {{ session.s }} {{ own }} {{ config.N }}"
        "{% endmacro %}",
    )
    app.context_processor(lambda: {"own": "processor"})
    app.config["N"] = "name"
    with app.test_request_context("/p"):
        g.x = 1
        session["s"] = 2
        assert render_template_string("{% from 'm.html' import m %}{{ m() }}") == "/p 1 2  name"
        assert (
            render_template_string("{% from 'm.html' import m with context %}{{ m() }}")
            == "/p 1 2 processor name"
        )


def test_a_template_that_does_not_read_the_session_does_not_vary_by_cookie(app):
    app.add_url_rule("/plain", "plain", lambda: render_template_string("{{ request.path }}"))
    app.add_url_rule("/reads", "reads", lambda: render_template_string("{{ session.get('a') }}"))
    client = app.test_client()
    assert "Vary" not in client.get("/plain").headers
    assert client.get("/reads").headers["Vary"] == "Cookie"


def test_the_context_can_be_asked_for(app):
    context = {"x": 1, "g": "mine"}
    with app.test_request_context("/p"):
        app.update_template_context(context)
    assert context["x"] == 1
    assert context["g"] == "mine"
    assert context.keys() == {"x", "g", "request"}


@pytest.mark.parametrize("by_name", [False, True])
def test_filters_tests_and_globals_in_each_form(app, by_name):
    names = ("own_filter", "own_test", "own_global") if by_name else (None, None, None)

    def doubled(value):
        return value * 2

    def is_one(value):
        return value == 1

    def now():
        return "now"

    app.template_filter(names[0])(doubled)
    app.template_test(names[1])(is_one)
    app.template_global(names[2])(now)
    used = names if by_name else ("doubled", "is_one", "now")
    with app.app_context():
        source = "{{ 2|%s }} {{ 1 is %s }} {{ %s() }}" % used  # noqa: UP031
        assert render_template_string(source) == "4 True now"
    app.add_template_filter(doubled, "twice")
    app.add_template_test(is_one, "single")
    app.add_template_global(now, "today")
    with app.app_context():
        assert (
            render_template_string("{{ 2|twice }} {{ 1 is single }} {{ today() }}") == "4 True now"
        )


def test_a_blueprint_adds_filters_tests_and_globals_for_all(app):
    part = Blueprint("part", __name__)
    part.app_template_filter("f")(lambda value: value + 1)
    part.app_template_test("t")(lambda value: value == 2)
    part.app_template_global("n")(lambda: 3)
    app.register_blueprint(part)
    with app.app_context():
        assert render_template_string("{{ 1|f }} {{ 2 is t }} {{ n() }}") == "2 True 3"


# -- streaming ---------------------------------------------------------------------------


def test_a_streamed_template_comes_in_pieces(app):
    write(app, "list.html", "{% for n in numbers %}{{ n }},{% endfor %}")
    with app.app_context():
        pieces = stream_template("list.html", numbers=range(3))
        assert isinstance(pieces, types.GeneratorType)
        assert "".join(pieces) == "0,1,2,"
        assert "".join(stream_template_string("{{ x }}", x="<")) == "&lt;"


def test_a_streamed_template_reads_the_request_while_it_is_sent(app):
    asked = []

    def numbers():
        for n in range(2):
            asked.append(request.path)
            yield n

    source = "{% for n in numbers %}{{ n }}{% endfor %}{{ request.args.q }}{{ session.get('a') }}"
    app.add_url_rule("/s", "s", lambda: stream_template_string(source, numbers=numbers()))
    assert app.test_client().get("/s?q=x").text == "01xNone"
    assert asked == ["/s", "/s"]


# -- signals -----------------------------------------------------------------------------


def test_signals_around_rendering(app, signals):
    write(app, "a.html", "{{ x }}")
    with app.app_context():
        assert render_template("a.html", x=1) == "1"
        assert render_template_string("{{ x }}", x=2) == "2"
    assert signals == [("before", "a.html", 1), ("after", "a.html", 1),
                       ("before", None, 2), ("after", None, 2)]  # fmt: skip


def test_signals_around_streaming(app, signals):
    with app.app_context():
        pieces = stream_template_string("{{ x }}", x=1)
        assert signals == [("before", None, 1)]
        assert "".join(pieces) == "1"
    assert signals == [("before", None, 1), ("after", None, 1)]


def test_a_listener_may_change_the_context(app):
    def add(sender, template, context, **extra):
        context["x"] = "changed"

    with before_render_template.connected_to(add, app), app.app_context():
        assert render_template_string("{{ x }}", x="given") == "changed"
