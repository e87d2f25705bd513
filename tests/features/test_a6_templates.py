"""FEATURES A6: templates."""

from __future__ import annotations

import pytest
from jinja2 import TemplateNotFound

from erlen import (
    Blueprint,
    Erlen,
    flash,
    g,
    get_template_attribute,
    render_template,
    render_template_string,
    session,
    stream_template,
)


@pytest.fixture
def app(tmp_path):
    app = Erlen(__name__, root_path=str(tmp_path))
    app.secret_key = "test"
    (tmp_path / "templates" / "sub").mkdir(parents=True)
    return app


def write(app, name, text):
    with open(f"{app.root_path}/templates/{name}", "w") as file:
        file.write(text)


def render(app, source, **context):
    with app.test_request_context("/path?q=1"):
        return render_template_string(source, **context)


def test_sub_folders_inheritance_super_and_named_endblock(app):
    write(app, "base.html", "<t>{% block t %}base{% endblock t %}</t>{% block b %}{% endblock %}")
    write(
        app,
        "sub/page.html",
        '{% extends "base.html" %}{% block t %}{{ super() }}+page{% endblock t %}'
        "{% block b %}{{ x }}{% endblock b %}",
    )
    app.add_url_rule("/", "index", lambda: render_template("sub/page.html", x="<&>"))
    assert app.test_client().get("/").text == "<t>base+page</t>&lt;&amp;&gt;"


def test_autoescape_is_for_html(app):
    write(app, "a.txt", "{{ x }}")
    write(app, "a.html", "{{ x }}|{{ x|safe }}")
    with app.app_context():
        assert render_template("a.txt", x="<b>") == "<b>"
        assert render_template("a.html", x="<b>") == "&lt;b&gt;|<b>"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a {%- if true -%} b {%- endif -%} c", "abc"),
        ("{{ '{{' }} {{ '}}' }}", "{{ }}"),
        ("{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
        ("{# not shown #}x", "x"),
        ("{% macro m(a, b=2) %}{{ a }}{{ b }}{{ varargs }}{{ kwargs }}{% endmacro %}"
         "{{ m(1) }} {{ m(1, 3, 4, k=5) }}", "12(){} 13(4,){&#39;k&#39;: 5}"),
        ("{% macro m(a, b=2) %}{{ varargs }}{{ kwargs }}{% endmacro %}"
         "{{ m.name }} {{ m.arguments|join }} {{ m.catch_kwargs }} {{ m.catch_varargs }}"
         " {{ m.caller }}", "m ab True True False"),
        ("{% macro box(t) %}[{{ t }}:{{ caller() }}]{% endmacro %}"
         "{% call box('x') %}inside{% endcall %}", "[x:inside]"),
        ("{% macro each(l) %}{% for i in l %}{{ caller(i) }}{% endfor %}{% endmacro %}"
         "{% call(n) each([1, 2]) %}<{{ n }}>{% endcall %}", "<1><2>"),
    ],
)  # fmt: skip
def test_the_language(app, source, text):
    assert render(app, source) == text


def test_macros_of_other_templates(app):
    write(app, "macros.html", "{% macro input(n, type='text') %}<{{ type }} {{ n }}>{% endmacro %}")
    assert render(app, '{% from "macros.html" import input %}{{ input("a") }}') == "<text a>"
    assert render(app, '{% import "macros.html" as m %}{{ m.input("p", "pw") }}') == "<pw p>"
    with app.app_context():
        assert get_template_attribute("macros.html", "input")("x") == "<text x>"


def test_changed_delimiters(tmp_path):
    class Delimited(Erlen):
        jinja_options = {"variable_start_string": "[[", "variable_end_string": "]]"}  # noqa: RUF012

    with Delimited("d", root_path=str(tmp_path)).app_context():
        assert render_template_string("[[ 1 + 1 ]] {{ 2 }}") == "2 {{ 2 }}"


def test_what_every_template_sees(app):
    app.config["NAME"] = "shop"

    @app.route("/")
    def index():
        g.user = "ada"
        session["cart"] = 3
        flash("saved", "info")
        return render_template_string(
            "{{ config.NAME }} {{ request.path }} {{ session.cart }} {{ g.user }}"
            " {{ url_for('index', q=1) }} {{ get_flashed_messages(with_categories=true) }}"
        )

    text = app.test_client().get("/").text
    assert text.startswith("shop / 3 ada /?q=1 ")
    assert "saved" in text


def test_processors_filters_tests_and_globals(app):
    app.context_processor(lambda: {"site": "Erlen", "x": "processor"})
    app.template_filter("double")(lambda v: v * 2)
    app.template_test("one")(lambda v: v == 1)

    @app.template_global()
    def now():
        return "now"

    source = "{{ site }} {{ x }} {{ 2|double }} {{ 1 is one }} {{ now() }}"
    assert render(app, source, x="view") == "Erlen view 4 True now"


def test_blueprint_templates(app, tmp_path):
    folder = tmp_path / "part" / "templates"
    folder.mkdir(parents=True)
    (folder / "part.html").write_text("part {{ only }}")
    (folder / "both.html").write_text("of the part")
    write(app, "both.html", "of the application")
    part = Blueprint(
        "part", __name__, root_path=str(tmp_path / "part"), template_folder="templates"
    )
    part.context_processor(lambda: {"only": "here"})
    part.add_url_rule("/part", "index", lambda: render_template("part.html"))
    app.register_blueprint(part)
    assert app.test_client().get("/part").text == "part here"
    with app.app_context():
        assert render_template("both.html") == "of the application"


def test_a_missing_template_names_the_folders(app):
    with app.app_context(), pytest.raises(TemplateNotFound) as caught:
        render_template("nowhere.html")
    assert caught.value.name == "nowhere.html"
    # Not in its text, which clients may be shown.
    assert f"{app.root_path}/templates" in "".join(caught.value.__notes__)


def test_streamed_templates(app):
    write(app, "list.html", "{% for n in numbers %}{{ n }},{% endfor %}{{ request.path }}")
    app.add_url_rule("/s", "s", lambda: stream_template("list.html", numbers=range(3)))
    assert app.test_client().get("/s").text == "0,1,2,/s"
