"""Case 74: templates."""

from __future__ import annotations

import importlib.metadata
import re

import pytest

from erlen import Erlen, render_template_string, request


def case(name, *values):
    return pytest.param(*values, id=f"case-{name}")


@pytest.mark.parametrize("fixed", [case("74-xmlattr", (3, 1, 4)), case("74-sandbox", (3, 1, 6))])
def test_the_jinja_release_has_the_fixes(fixed):
    installed = tuple(map(int, importlib.metadata.version("jinja2").split(".")[:3]))
    assert installed >= fixed
    [needed] = [
        line for line in importlib.metadata.requires("erlen") if re.match("jinja2\\b", line, re.I)
    ]
    assert tuple(map(int, re.search(r">=\s*([\d.]+)", needed)[1].split("."))) >= fixed


@pytest.mark.parametrize(
    "key",
    [
        case("74-key-space", "a onclick"),
        case("74-key-slash", "a/onclick"),
        case("74-key-greater", "a>b"),
        case("74-key-equals", "a=b"),
        case("74-key-tab", "a\tb"),
        case("74-key-line-end", "a\nb"),
        case("74-key-form-feed", "a\fb"),
    ],
)
def test_xmlattr_refuses_keys_that_are_more_than_one_attribute(key):
    app = Erlen(__name__)
    app.add_url_rule(
        "/",
        "index",
        lambda: render_template_string("<p{{ d|xmlattr }}>", d={request.args["key"]: "alert(1)"}),
    )
    assert app.test_client().get("/", query_string={"key": key}).status_code == 500
    assert app.test_client().get("/?key=title").text == '<p title="alert(1)">'


@pytest.mark.parametrize(
    "template",
    [
        case("74-attr-filter", "{{ ('{0.__class__}'|attr('format'))(x) }}"),
        case("74-format", "{{ '{0.__class__}'.format(x) }}"),
        case("74-format-map", "{{ '{x.__class__}'.format_map({'x': x}) }}"),
        case("74-stored-format", "{% set f = '{0.__class__}'.format %}{{ f(x) }}"),
        case("74-format-of-a-filter", "{{ ['{0.__class__}'.format]|map('first') }}"),
        case("74-class", "{{ x.__class__.__mro__[1].__subclasses__() }}"),
        case("74-globals", "{{ x.method.__globals__ }}"),
        case("74-init", "{{ x.__init__.__globals__['os'] }}"),
        case("74-config", "{{ config.from_object('os') }}"),
    ],
)
def test_a_sandboxed_environment_holds(template):
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    from erlen.templating.environment import Environment

    class Sandboxed(ImmutableSandboxedEnvironment, Environment):
        pass

    class Thing:
        def method(self):
            return ""

    class App(Erlen):
        jinja_environment = Sandboxed

    app = App(__name__)
    app.add_url_rule(
        "/",
        "index",
        lambda: render_template_string(request.args["template"], x=Thing()),
    )
    response = app.test_client().get("/", query_string={"template": template})
    assert response.status_code in (200, 500)
    for leak in ("Thing", "class", "module", "subclass"):
        assert leak not in response.text.replace("DOCTYPE", "")


@pytest.mark.parametrize(
    "text",
    [
        case("74-expression", "{{ 7 * 7 }}"),
        case("74-statement", "{% for x in [1] %}49{% endfor %}"),
        case("74-config-value", "{{ config.SECRET_KEY }}"),
        case("74-script", "<script>49</script>"),
        case("74-attribute", '" onmouseover="49'),
    ],
)
def test_values_are_never_templates_and_are_escaped(text):
    app = Erlen(__name__)
    app.secret_key = "the key"
    app.add_url_rule(
        "/",
        "index",
        lambda: render_template_string('<p title="{{ t }}">{{ t }}</p>', t=request.args["t"]),
    )
    page = app.test_client().get("/", query_string={"t": text}).text
    assert "the key" not in page
    assert "<script>" not in page and '" onmouseover' not in page
    if "{" in text:
        assert text.replace("'", "&#39;") in page
