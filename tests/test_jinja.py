from __future__ import annotations

import logging
from contextlib import suppress
from datetime import date

import pytest
from jinja2 import DictLoader, FileSystemLoader, TemplateNotFound

from erlen import Blueprint, Erlen, get_flashed_messages, render_template, render_template_string
from erlen.jinja import DispatchingJinjaLoader, Environment


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
