from __future__ import annotations

import logging
from contextlib import suppress
from datetime import date

import pytest
from jinja2 import ChainableUndefined, DictLoader, FileSystemLoader, Template, TemplateNotFound
from jinja2 import Environment as JinjaEnvironment
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment

from erlen import Blueprint, Erlen, get_flashed_messages, render_template, render_template_string
from erlen.templating.environment import DispatchingJinjaLoader, Environment, TemplateCache


@pytest.fixture
def app(tmp_path):
    return make(tmp_path, "shop", Erlen)


def make(folder, name, cls, **kwargs):
    (folder / name / "templates").mkdir(parents=True)
    return cls(name, root_path=str(folder / name), **kwargs)


def part_of(folder, name, **templates):
    """A blueprint with a folder of templates; ``a_html`` is ``a.html``."""
    (folder / name / "templates").mkdir(parents=True)
    for file, text in templates.items():
        (folder / name / "templates" / file.replace("_", ".")).write_text(text)
    return Blueprint(name, name, root_path=str(folder / name), template_folder="templates")


# -- the environment ---------------------------------------------------------------------


def test_the_environment_is_made_once_and_knows_its_application(app):
    environment = app.jinja_env
    assert type(environment) is Environment
    assert environment.app is app
    assert app.jinja_env is environment
    assert isinstance(environment.loader, DispatchingJinjaLoader)
    assert environment.globals["config"] is app.config
    assert environment.globals["get_flashed_messages"] is get_flashed_messages


def test_options_are_given_by_the_class(tmp_path):
    class App(Erlen):
        jinja_options = {"trim_blocks": True, "extensions": ["jinja2.ext.do"]}  # noqa: RUF012

    app = App(__name__, root_path=str(tmp_path))
    with app.app_context():
        text = render_template_string("{% set l = [1] %}\n{% do l.append(2) %}\n{{ l }}")
    assert text == "[1, 2]"


def test_an_own_environment_and_loader(tmp_path):
    class OwnEnvironment(Environment):
        pass

    class App(Erlen):
        jinja_environment = OwnEnvironment

        def create_global_jinja_loader(self):
            return DictLoader({"a.html": "from a dictionary"})

    app = App(__name__, root_path=str(tmp_path))
    assert type(app.jinja_env) is OwnEnvironment
    with app.app_context():
        assert render_template("a.html") == "from a dictionary"


@pytest.mark.parametrize(
    ("debug", "setting", "reloads"),
    [(False, None, False), (True, None, True), (True, False, False), (False, True, True)],
)
def test_templates_are_reloaded_in_debug_mode_or_as_configured(app, debug, setting, reloads):
    app.config["TEMPLATES_AUTO_RELOAD"] = setting
    app.debug = debug
    assert app.jinja_env.auto_reload is reloads


def test_debug_mode_that_is_switched_later_reloads_templates(app):
    assert app.jinja_env.auto_reload is False
    app.debug = True
    assert app.jinja_env.auto_reload is True


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ("a.html", True), ("a.htm", True), ("a.xml", True), ("a.xhtml", True), ("a.svg", True),
        (None, True), ("a.txt", False), ("a.html.txt", False), ("html", False), ("a.js", False),
    ],
)  # fmt: skip
def test_what_is_escaped(app, name, escaped):
    assert app.select_jinja_autoescape(name) is escaped


def test_tojson_is_safe_in_a_script(app):
    with app.app_context():
        text = render_template_string("{{ {'b': '</script>', 'a': \"'&\"}|tojson }}")
        assert text == '{"a": "\\u0027\\u0026", "b": "\\u003c/script\\u003e"}'
        assert render_template_string("{{ [1]|tojson(indent=2) }}") == "[\n  1\n]"


def test_tojson_writes_what_the_provider_writes(app):
    with app.app_context():
        text = render_template_string("{{ value|tojson }}", value={"d": date(2026, 11, 21)})
    assert text == '{"d": "Sat, 21 Nov 2026 00:00:00 GMT"}'


def test_the_policies_of_jinja_hold_for_tojson(app):
    source = "{{ {'b': 1, 'a': 2}|tojson }}"
    app.json.sort_keys = False
    with app.app_context():
        assert render_template_string(source) == '{"a": 2, "b": 1}'
        app.jinja_env.policies["json.dumps_kwargs"] = {"sort_keys": False}
        assert render_template_string(source) == '{"b": 1, "a": 2}'
        app.jinja_env.policies["json.dumps_function"] = lambda value, **kwargs: "own"
        assert render_template_string(source) == "own"


def test_a_provider_that_is_set_later_is_used(app):
    app.jinja_env  # noqa: B018

    class Upper(type(app.json)):
        def dumps(self, obj, **kwargs):
            return super().dumps(obj, **kwargs).upper()

    app.json = Upper(app)
    with app.app_context():
        assert render_template_string("{{ 'a'|tojson }}") == '"A"'


# -- the loader --------------------------------------------------------------------------


def test_the_application_wins_over_its_blueprints_and_they_over_each_other(app, tmp_path):
    app.register_blueprint(part_of(tmp_path, "one", a_html="one", b_html="one"))
    app.register_blueprint(part_of(tmp_path, "two", a_html="two", b_html="two", c_html="two"))
    (tmp_path / "shop" / "templates" / "a.html").write_text("shop")
    with app.app_context():
        assert [render_template(f"{name}.html") for name in "abc"] == ["shop", "one", "two"]
    assert sorted(app.jinja_env.list_templates()) == ["a.html", "b.html", "c.html"]


def test_a_blueprint_that_is_registered_after_the_environment_was_made(app, tmp_path):
    app.jinja_env  # noqa: B018
    app.register_blueprint(part_of(tmp_path, "late", late_html="here"))
    with app.app_context():
        assert render_template("late.html") == "here"


def test_an_application_without_a_template_folder(tmp_path):
    app = Erlen("bare", root_path=str(tmp_path), template_folder=None)
    assert app.jinja_loader is None
    with app.app_context(), pytest.raises(TemplateNotFound):
        render_template("a.html")


def test_the_folder_is_beside_the_module(app, tmp_path):
    loader = app.jinja_loader
    assert isinstance(loader, FileSystemLoader)
    assert loader.searchpath == [str(tmp_path / "shop" / "templates")]


@pytest.mark.parametrize("name", ["../secret.txt", "/etc/passwd", "a/../../secret.txt"])
def test_a_name_never_leaves_the_folder(app, tmp_path, name):
    (tmp_path / "shop" / "secret.txt").write_text("secret")
    with app.app_context(), pytest.raises(TemplateNotFound):
        render_template(name)


def test_a_missing_template_that_is_included_is_named(app, tmp_path):
    (tmp_path / "shop" / "templates" / "page.html").write_text("{% include 'none.html' %}")
    with app.app_context(), pytest.raises(TemplateNotFound) as caught:
        render_template("page.html")
    assert caught.value.name == "none.html"


# -- EXPLAIN_TEMPLATE_LOADING ------------------------------------------------------------


@pytest.fixture
def explained(app, tmp_path, caplog):
    """Renders a template in a view of the blueprint ``one``, and returns what was logged."""
    one = part_of(tmp_path, "one", both_html="one", one_html="one")
    one.add_url_rule("/<name>", "show", lambda name: render_template(name))
    app.register_blueprint(one)
    (tmp_path / "shop" / "templates" / "both.html").write_text("shop")
    app.config.update(EXPLAIN_TEMPLATE_LOADING=True, PROPAGATE_EXCEPTIONS=True)

    def explain(name):
        with caplog.at_level(logging.INFO, app.name), suppress(TemplateNotFound):
            app.test_client().get(f"/{name}")
        return caplog.text

    return explain


def test_the_log_tells_where_a_template_was_found(explained, tmp_path):
    text = explained("one.html")
    assert "Locating template 'one.html':" in text
    assert "1: trying loader of application 'shop'" in text
    assert "2: trying loader of blueprint 'one' (one)" in text
    assert "class: jinja2.loaders.FileSystemLoader" in text
    assert "encoding: 'utf-8'" in text
    assert f"- {tmp_path}/one/templates" in text
    assert "-> no match" in text
    assert f"-> found ('{tmp_path}/one/templates/one.html')" in text
    assert "Error" not in text
    assert "Warning" not in text


def test_the_log_tells_of_several(explained):
    text = explained("both.html")
    assert "Warning: multiple loaders returned a match for the template." in text
    assert "endpoint that belongs to the blueprint 'one'" in text


def test_the_log_tells_of_none(explained):
    text = explained("none.html")
    assert "Error: the template could not be found." in text
    assert "endpoint that belongs to the blueprint 'one'" in text
    assert "Maybe you did not place a template in the right folder?" in text


# -- the cache ---------------------------------------------------------------------------


def test_of_many_templates_those_that_are_used_are_kept(app):
    app.jinja_options = {"cache_size": 3}
    environment = app.jinja_env
    environment.loader = DictLoader({name: name for name in "abcd"})
    kept = {name: environment.get_template(name) for name in "abc"}
    assert all(environment.get_template(name) is kept[name] for name in "cba")
    environment.get_template("d")
    # All were used behind "c".
    assert environment.get_template("a") is kept["a"]
    assert environment.get_template("c") is not kept["c"]
    environment.cache.clear()
    assert environment.get_template("a") is not kept["a"]


@pytest.mark.parametrize(("size", "kind"), [(0, type(None)), (-1, dict), (5, TemplateCache)])
def test_the_size_of_the_cache_is_an_option(app, size, kind):
    app.jinja_options = {"cache_size": size}
    assert type(app.jinja_env.cache) is kind


# -- globals -----------------------------------------------------------------------------


@pytest.mark.parametrize("given", [None, {"own": 1}, {"own": 2, "later": 3, "range": 4}])
@pytest.mark.parametrize(
    "source",
    [
        "{{ own }} {{ later }} {{ range }} {{ config.X }} {{ v }}",
        "{% include 'part' %} {{ v }}",
        "{% include 'part' without context %}",
        "{% from 'part' import m %}{{ m() }}",
        "{% from 'part' import m with context %}{{ m() }}",
        "{% extends 'base' %}{% block b %}{{ own }}{{ later }}{{ super() }}{% endblock %}",
        "{% set own = 5 %}{% macro m() %}{{ own }}{{ later }}{% endmacro %}{{ m() }}",
    ],
)
def test_globals_are_those_of_a_template_of_jinjas_own_class(tmp_path, source, given):
    shown = []
    for number, kind in enumerate((Environment.template_class, Template)):
        app = make(tmp_path, f"app{number}", Erlen)
        app.config["X"] = "x"
        environment = app.jinja_env
        environment.template_class = kind
        environment.loader = DictLoader(
            {
                "page": source,
                "part": "{{ own }}|{{ later }}|{{ v }}{% macro m() %}{{ own }}{{ later }}{{ v }}"
                "{% endmacro %}",
                "base": "{{ own }}{% block b %}{{ later }}{{ v }}{% endblock %}",
            }
        )
        environment.globals["own"] = "o"
        template = environment.get_template("page", globals=given and dict(given))
        assert type(template) is kind
        texts = [template.render(v="v")]
        # What is set later is seen too, and what a template adds stays its own.
        environment.globals["later"] = "l"
        template.globals["own"] = "t"
        texts += [template.render({"v": "w"}), template.render(own="given")]
        texts.append(environment.from_string("{{ own }}{{ later }}").render())
        texts.append("".join(template.generate(v="g")))
        shown.append(texts)
    assert shown[0] == shown[1]


# -- attributes --------------------------------------------------------------------------


class Sub(dict):
    x = "of the class"

    def __missing__(self, key):
        return f"no {key}"


class Thing:
    x = "attribute"

    def __getitem__(self, key):
        return f"item {key}"

    @property
    def fails(self):
        raise AttributeError("fails")


@pytest.mark.parametrize(
    "obj",
    [
        {},
        {"x": 1, "items": 2, "__class__": 3, "fails": None},
        Sub(x=1, y=2),
        Thing(),
        [1],
        None,
        "s",
    ],
)
@pytest.mark.parametrize("name", ["x", "y", "items", "__class__", "fails", "get"])
def test_attributes_are_those_that_jinja_finds(app, obj, name):
    def show(environment):
        environment.undefined = ChainableUndefined
        source = f"{{{{ obj.{name} }}}}|{{{{ obj.{name} is defined }}}}|{{{{ obj.{name}.z }}}}"
        return environment.from_string(source).render(obj=obj)

    # A bound method tells where its object is.
    ours, jinjas = show(app.jinja_env), show(JinjaEnvironment(autoescape=True))
    assert ours == jinjas


class SandboxBehind(Environment, SandboxedEnvironment):
    pass


class SandboxInFront(SandboxedEnvironment, Environment):
    pass


class Own(Environment):
    pass


class SandboxBehindOwn(Own, SandboxedEnvironment):
    pass


@pytest.mark.parametrize("kind", [SandboxBehind, SandboxInFront, SandboxBehindOwn])
def test_a_sandbox_looks_at_each_attribute(app, kind):
    environment = kind(app)
    assert environment.from_string("{{ d.x }} {{ d.items()|list }}").render(d={"x": 1})[0] == "1"
    for source in (
        "{{ d.__class__.__mro__ }}",
        "{{ f.__code__.co_consts }}",
        "{{ s.__class__.mro() }}",
    ):
        with pytest.raises(SecurityError):
            environment.from_string(source).render(d={"x": 1}, f=make, s="")
    assert Own.getattr is Environment.getattr
