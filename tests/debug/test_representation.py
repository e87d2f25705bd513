from __future__ import annotations

import re
from collections import OrderedDict, defaultdict, deque
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

import pytest
from markupsafe import Markup

from erlen.debug.console import HTMLStringO
from erlen.debug.representation import DebugReprGenerator, debug_repr, dump, helper


class Text(str):
    pass


class OwnWords(list):
    def __repr__(self) -> str:
        return "<words>"


def number(value: object) -> str:
    return f'<span class="number">{value}</span>'


def string(text: str) -> str:
    return f'<span class="string">{text}</span>'


@pytest.mark.parametrize(
    ("value", "html"),
    [
        (1, number(1)),
        (True, number(True)),
        (1.5, number(1.5)),
        (2j, number("2j")),
        (None, '<span class="object">None</span>'),
        ("a<b", string("&#39;a&lt;b&#39;")),
        (b"a", string("b&#39;a&#39;")),
        (Text("a"), f'<span class="module">{__name__}.</span>Text({string("&#39;a&#39;")})'),
        ([], "[]"),
        ((), "()"),
        ((1,), f"({number(1)},)"),
        ({1}, f"set([{number(1)}])"),
        (frozenset([1]), f"frozenset([{number(1)}])"),
        (deque([1]), f'<span class="module">collections.</span>deque([{number(1)}])'),
        (OwnWords([1]), '<span class="object">&lt;words&gt;</span>'),
        (re.compile("a<b"), "re.compile(<span class=\"string regex\">r'a&lt;b'</span>)"),
        (re.compile(b"a"), "re.compile(<span class=\"string regex\">rb'a'</span>)"),
        (
            {"k": 1},
            f'{{<span class="pair"><span class="key">{string("&#39;k&#39;")}</span>:'
            f' <span class="value">{number(1)}</span></span>}}',
        ),
    ],
)
def test_values(value: object, html: str) -> None:
    assert debug_repr(value) == html


@pytest.mark.parametrize("cls", [defaultdict, OrderedDict])
def test_classes_with_words_of_their_own(cls: Any) -> None:
    assert Markup(debug_repr(cls())).striptags() == repr(cls())


def test_long_values_are_folded() -> None:
    assert debug_repr(list(range(9))).count('<span class="extended">') == 1
    assert debug_repr(list(range(8))).count("extended") == 0
    assert debug_repr("x" * 80) == string(
        f'&#39;{"x" * 69}<span class="extended">{"x" * 11}&#39;</span>'
    )


def test_very_long_values_are_cut() -> None:
    for value in (list(range(100_000)), "<" * 1_000_000, {i: i for i in range(100_000)}):
        assert len(debug_repr(value)) < 300_000

    class Long:
        def __repr__(self) -> str:
            return "x" * 1_000_000

    assert len(debug_repr(Long())) < 100_000


def test_values_within_themselves() -> None:
    values: list[Any] = [1]
    values.append(values)
    assert debug_repr(values) == f"[{number(1)}, [...]]"
    pairs: dict[str, Any] = {}
    pairs["p"] = (pairs,)
    assert "{...}" in debug_repr(pairs)
    deep: list[Any] = []
    for _ in range(10_000):
        deep = [deep]
    assert "[...]" in debug_repr(deep)


def test_a_failing_repr() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise ValueError("<b>")

    class Worse(Exception):
        def __str__(self) -> str:
            raise self

    class Worst:
        def __repr__(self) -> str:
            raise Worse

    assert debug_repr([Broken()]) == (
        '[<span class="brokenrepr">&lt;broken repr (ValueError: &lt;b&gt;)&gt;</span>]'
    )
    assert "(Worse: ?)" in debug_repr(Worst())


def printed_by(function: Any, *arguments: object) -> str:
    output: Any = HTMLStringO()
    with redirect_stdout(output):
        function(*arguments)
    return output.reset()


def test_dump_of_an_object() -> None:
    class Thing:
        shown = 1

        @property
        def absent(self) -> int:
            raise AttributeError

    html = printed_by(dump, Thing())
    assert "Details for" in html
    assert "Thing object at 0x" in html
    assert f'<th>shown</th><td><pre class="repr">{number(1)}</pre>' in html
    assert "absent" not in html


def test_dump_of_a_dictionary() -> None:
    html = printed_by(dump, {"<k>": 1})
    assert "Contents of dict object at" in html
    assert "<th>&lt;k&gt;</th>" in html
    assert "Details for dict object at" in printed_by(dump, {1: 1})
    assert "Nothing" in printed_by(dump, {})


def test_dump_of_the_variables() -> None:
    def run() -> None:
        variable = 23  # noqa: F841
        dump()

    html = printed_by(run)
    assert "Local variables in frame" in html
    assert f'<th>variable</th><td><pre class="repr">{number(23)}</pre>' in html


def test_help() -> None:
    assert "Type help(object)" in printed_by(helper)
    html = printed_by(helper, [])
    assert "<h3>Help on list object</h3>" in html
    assert "append" in html
    assert debug_repr(helper) == f'<span class="help">{helper!r}</span>'


def test_dump_outside_of_a_console() -> None:
    output = StringIO()
    with redirect_stdout(output):
        dump({"a": "<b>"})
    assert "'<b>'" in output.getvalue()
    assert "<span" not in output.getvalue()


def test_the_generator_has_the_documented_methods() -> None:
    generator = DebugReprGenerator()
    assert generator.repr([1]) == debug_repr([1])
    assert "Local variables" in generator.dump_locals({"a": 1})
