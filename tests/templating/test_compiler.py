"""What templates are compiled to, beside what Jinja2 compiles them to: they write the same."""

from __future__ import annotations

import jinja2
import pytest
from jinja2 import BytecodeCache, DictLoader, StrictUndefined, pass_context, pass_environment
from jinja2.compiler import CodeGenerator
from jinja2.nativetypes import NativeCodeGenerator, NativeEnvironment
from jinja2.runtime import Context as BaseContext
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from erlen import Erlen
from erlen.context.local import LocalProxy
from erlen.templating.compiler import Context, Generator, escaped
from erlen.templating.environment import Environment


class Html:
    def __html__(self):
        return "<i>html</i>"

    def __str__(self):
        return "<html>"


class Text(str):
    """A subclass, which is no Markup."""

    def __str__(self):
        return "<own>"


class Shown:
    x = "<x>"

    def __str__(self):
        return "<shown>"

    def method(self, a=1):
        return f"<{a}>"

    def __getitem__(self, key):
        return f"<item {key}>"


class Called:
    def __call__(self, *args):
        return f"called {args}"


class CalledWithContext:
    @pass_context
    def __call__(self, context, *args):
        return f"called {context.name} {args}"


@pass_context
def with_context(context, **kwargs):
    return f"{context.name} {sorted(kwargs)} {context.get('n')}"


@pass_environment
def with_environment(environment):
    return environment.autoescape


def stops():
    raise StopIteration


def values():
    return {
        "text": "<b>&'\"",
        "safe": Markup("<b>&amp;</b>"),
        "number": 5,
        "half": 1.5,
        "yes": True,
        "none": None,
        "html": Html(),
        "sub": Text("<b>"),
        "shown": Shown(),
        "proxy": LocalProxy(lambda: "<p>"),
        "mapping": LocalProxy(lambda: {"x": "<in the proxy>"}),
        "d": {"x": "<1>", "items": 2, "html": Markup("<3>"), "d": {"x": "<4>"}},
        "l": ["<a>", 1, Markup("<b>")],
        "called": Called(),
        "called_with_context": CalledWithContext(),
        "with_context": with_context,
        "with_environment": with_environment,
        "stops": stops,
        "kind": str,
        "f": lambda *args, **kwargs: f"<{args} {sorted(kwargs)}>",
    }


NAMES = [name for name in values() if "with" not in name and name not in {"stops", "f", "kind"}]
SOURCES = [
    *(f"a{{{{ {name} }}}}b" for name in NAMES if name not in {"called", "d", "mapping"}),
    *(f"{{{{ {name}.x }}}}|{{{{ {name}.x is defined }}}}" for name in NAMES),
    *(f"{{{{ {name}.x.x }}}}" for name in NAMES),
    "{{ text }}{{ safe }}<&>{{ none }}{{ number }}<&>",
    "{{ d.x }}{{ d.d.x }}{{ d.html }}{{ d.items()|list|length }}{{ d.nothing }}{{ d['x'] }}",
    "{{ d.get('x') }}{{ mapping.x }}{{ mapping.nothing }}",
    "{{ missing }}{{ missing is defined }}",
    "{% for x in l %}{{ loop.index }}<{{ x }}>{{ f(x) }}{% else %}-{% endfor %}",
    "{% for x in l recursive %}{{ x }}{% endfor %}{% for a, b in d|dictsort %}{{ a }}{% endfor %}",
    "{% set y = text %}{{ y }}{% set z %}<{{ y }}>{{ safe }}{% endset %}{{ z }}<{{ z|upper }}>",
    "{% macro m(a, b=d.x) %}<{{ a }}>{{ b }}{{ caller() if caller else '' }}{% endmacro %}"
    "{{ m(text) }}{{ m(safe, 1) }}{% call m(1) %}<{{ text }}>{% endcall %}",
    "{% filter upper %}<{{ text }}>{{ safe }}{% endfilter %}",
    "{% autoescape false %}{{ text }}<{{ safe }}>{% endautoescape %}{{ text }}",
    "{% autoescape number == 5 %}{{ text }}<{{ d.x }}>{% endautoescape %}",
    "{% autoescape number == 6 %}{{ text }}<{{ d.x }}>{% endautoescape %}",
    "{{ text ~ safe }}{{ text|safe }}{{ safe|e }}{{ '%.2f'|format(half) }}{{ text|forceescape }}",
    "{{ '<' }}{{ 1 }}{{ 'a' if none }}{{ 'abc'.upper() }}{{ 'abc'.nothing }}",
    "{% include 'part' %}{% import 'part' as p %}{{ p.m(text) }}{% from 'part' import m %}"
    "{{ m(safe) }}{% include 'none' ignore missing %}",
    "{% extends 'base' %}{% block a %}{{ text }}<{{ super() }}>{{ self.b() }}{% endblock %}",
    "{% with n = d.d %}{{ n.x }}{{ with_context(a=n) }}{% endwith %}",
    "{% for n in l %}{{ with_context(a=n) }}{{ called(n) }}{{ called_with_context(n) }}"
    "{% endfor %}",
    "{{ with_environment() is callable }}{{ stops() }}|{{ kind(5) }}{{ shown.method() }}"
    "{{ shown.method(a=text) }}",
    "{% trans a=text %}<hi> {{ a }}{% endtrans %}{{ _('<x>') }}",
    "{% for x in l %}{{ x }}{% if loop.first %}{% continue %}{% endif %}!{% endfor %}",
    "{% do l.append(text) %}{{ l[-1] }}",
]
TEMPLATES = {
    "part": "<{{ text }}>{{ d.x }}{% macro m(a) %}<{{ a }}>{% endmacro %}",
    "base": "<{{ text }}>{% block a %}{{ number }}!{% endblock %}"
    "{% block b %}{{ safe }}{% endblock %}",
}
EXTENSIONS = ["jinja2.ext.i18n", "jinja2.ext.loopcontrols", "jinja2.ext.do"]


class ByJinja(Environment):
    """Compiles and calls as Jinja2 does."""

    code_generator_class = CodeGenerator
    context_class = BaseContext


def make(kind, source=None, **options):
    options = {"autoescape": True, "extensions": EXTENSIONS, **options}
    app = Erlen("compiled", static_folder=None)
    environment = kind(app, loader=DictLoader({**TEMPLATES, "page": source or ""}), **options)
    environment.install_null_translations(newstyle=True)
    environment.keeps = app
    return environment


def outcome(render):
    try:
        return render()
    except Exception as error:
        return type(error), str(error)


OPTIONS = {
    "plain": {},
    "not escaped": {"autoescape": False},
    "strict": {"undefined": StrictUndefined},
    "chained": {"undefined": jinja2.ChainableUndefined},
    "finalized": {"finalize": lambda value: "-" if value is None else value},
    "finalized with context": {"finalize": pass_context(lambda context, value: value or "nothing")},
    "not optimized": {"optimized": False},
}


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("source", SOURCES)
def test_a_template_writes_what_jinja_makes_it_write(source, options):
    seen = []
    for kind in (Environment, ByJinja):
        template = make(kind, source, **OPTIONS[options])
        render = template.get_template
        seen.append(
            [
                outcome(lambda render=render: render("page").render(values())),
                outcome(lambda render=render: "".join(render("page").generate(values()))),
                outcome(lambda render=render: render("page").render(mapping={"x": 1}, **SHORT)),
            ]
        )
    assert seen[0] == seen[1]


SHORT = {"text": "t", "l": [], "d": {}, "number": 6}


@pytest.mark.parametrize("source", SOURCES[:30])
def test_without_the_function_of_markupsafe(source, monkeypatch):
    def render():
        return make(Environment, source).get_template("page").render(values())

    seen = outcome(render)
    # As it is where MarkupSafe has no function from text to text.
    monkeypatch.setattr(Environment, "escape_text", staticmethod(escaped))
    assert outcome(render) == seen


def test_an_environment_that_compiles_asynchronously():
    source = "{{ text }}<{{ d.x }}>{{ f(1) }}{% for x in l %}{{ x }}{% endfor %}"
    seen = [
        make(kind, source, enable_async=True).get_template("page").render(values())
        for kind in (Environment, ByJinja)
    ]
    assert seen[0] == seen[1]


# -- the pieces of a stream --------------------------------------------------------------


def test_no_piece_waits_for_an_expression_behind_it():
    asked = []
    source = "head{{ ask('a') }}, {{ ask('b') }}<br>{% for x in 'cd' %}{{ ask(x) }};{% endfor %}"
    environment = make(Environment, source)
    seen = []
    for piece in environment.get_template("page").generate(ask=lambda x: asked.append(x) or x):
        seen.append((piece, "".join(asked)))
    assert seen == [
        ("head", ""), ("a, ", "a"), ("b<br>", "ab"), ("c;", "abc"), ("d;", "abcd"),
    ]  # fmt: skip


def test_a_safe_piece_does_not_escape_the_text_behind_it():
    text = make(Environment, "{{ safe }}<br>{{ html }}<hr>").get_template("page").render(values())
    assert text == "<b>&amp;</b><br><i>html</i><hr>"


# -- who hooks in ------------------------------------------------------------------------


def test_who_follows_in_the_order_of_the_bases_compiles_and_calls():
    class Native(Environment, NativeEnvironment):
        pass

    class OwnGenerator(CodeGenerator):
        pass

    class OwnContext(BaseContext):
        def resolve_or_missing(self, key):
            return f"own {key}"

    class WithGenerator(jinja2.Environment):
        code_generator_class = OwnGenerator
        context_class = OwnContext

    class Both(Environment, WithGenerator):
        pass

    class Own(Environment):
        context_class = OwnContext

    assert Native.code_generator_class is NativeCodeGenerator
    assert make(Native, "{{ [1, number] }}").get_template("page").render(number=2) == [1, 2]
    assert (Both.code_generator_class, Both.context_class) == (OwnGenerator, OwnContext)
    assert (Environment.code_generator_class, Environment.context_class) == (Generator, Context)
    assert make(Own, "{{ x }}").get_template("page").render(x=1) == "own x"


LINKS = """
{%- for page in ("index", "other") %}{{ url_for(page, q=page, class_=1) }} {% endfor -%}
{{ url_for(*["index"], **{"q": 2}) }} {{ url_for("index", q=url_for("other")) }}
"""


def links(cls=Environment, **values):
    app = Erlen("links")
    app.jinja_environment = cls
    app.add_url_rule("/", "index", lambda: "")
    app.add_url_rule("/other", "other", lambda: "")
    with app.test_request_context():
        return app.jinja_env.from_string(LINKS).render(**values).strip()


WithJinjas = type("WithJinjas", (Environment,), {"code_generator_class": CodeGenerator})


def test_url_for_writes_what_it_writes_for_jinja():
    assert links() == links(WithJinjas)
    assert links().startswith("/?q=index&amp;class_=1 /other?q=other&amp;class_=1 /?q=2 ")


def test_a_url_for_of_somebody_elses_is_called_as_jinja_calls_it():
    @pass_context
    def own(context, page, **kwargs):
        return f"{context.name} {page} {kwargs}"

    assert links(url_for=own) == links(WithJinjas, url_for=own)
    assert links(url_for=lambda page, **kwargs: page) == "index other index index"
    with pytest.raises(TypeError):
        links(url_for=None)


def test_contexts_of_another_class_are_asked_for_url_for():
    called = []

    class OwnContext(Context):
        def call(self, function, *args, **kwargs):
            called.append(args)
            return super().call(function, *args, **kwargs)

    links(type("Own", (Environment,), {"context_class": OwnContext}))
    assert called == [("index",), ("other",), ("index",), ("other",), ("index",)]


def test_a_getattr_of_somebody_elses_is_asked_for_dictionaries():
    class Own(Environment):
        def getattr(self, obj, attribute):
            return f"own {attribute}"

    later = make(Environment, "{{ d.x }}")
    later.getattr = lambda obj, attribute: f"later {attribute}"
    assert make(Own, "{{ d.x }}").get_template("page").render(values()) == "own x"
    assert later.get_template("page").render(values()) == "later x"


def test_a_context_calls_by_the_sandbox():
    class Sandbox(Environment, SandboxedEnvironment):
        def is_safe_callable(self, obj):
            return obj is not stops

    environment = make(Sandbox, "{{ f(1) }}{{ stops() }}")
    with pytest.raises(jinja2.exceptions.SecurityError):
        environment.get_template("page").render(values())


class Kept(BytecodeCache):
    """Keeps compiled templates, for any environment."""

    def __init__(self):
        self.kept = {}

    def load_bytecode(self, bucket):
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket):
        self.kept[bucket.key] = bucket.bytecode_to_string()


@pytest.mark.parametrize("source", SOURCES[::3])
def test_compiled_templates_are_shared_with_jinjas_environments(source):
    seen = []
    for kinds in ((Environment, ByJinja), (ByJinja, Environment)):
        cache = Kept()
        for kind in kinds:
            environment = make(kind, source, bytecode_cache=cache)
            seen.append(outcome(lambda e=environment: e.get_template("page").render(values())))
        plain = jinja2.Environment(
            loader=environment.loader, autoescape=True, extensions=EXTENSIONS, bytecode_cache=cache
        )
        plain.install_null_translations(newstyle=True)
        seen.append(outcome(lambda e=plain: e.get_template("page").render(values())))
    assert all(one == seen[0] for one in seen)


def test_a_compiled_template_asks_the_environment_that_runs_it():
    class Own(Environment):
        def getattr(self, obj, attribute):
            return f"own {attribute}"

    cache = Kept()
    make(Environment, "{{ d.x }}", bytecode_cache=cache).get_template("page")
    own = make(Own, "{{ d.x }}", bytecode_cache=cache)
    assert own.get_template("page").render(values()) == "own x"


def test_templates_that_are_compiled_ahead(tmp_path):
    source = "{{ text }}<{{ d.x }}>{{ f(1) }}{% include 'part' %}"
    environment = make(Environment, source)
    environment.compile_templates(str(tmp_path), zip=None)
    expected = environment.get_template("page").render(values())
    loaders = jinja2.ModuleLoader(str(tmp_path))
    for kind in (Environment, ByJinja):
        ahead = make(kind)
        ahead.loader = loaders
        assert ahead.get_template("page").render(values()) == expected
