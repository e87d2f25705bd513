from __future__ import annotations

import linecache
import sys
from typing import Any

import pytest

from erlen.debug import DebugTraceback


def caught(function: Any) -> BaseException:
    try:
        function()
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def inner() -> None:
    raise ValueError("<inner>")


def test_text_is_that_of_python() -> None:
    error = caught(inner)
    import traceback

    wanted = "".join(traceback.format_exception(error))
    assert DebugTraceback(error).render_traceback_text() == wanted


def test_frames() -> None:
    frames = DebugTraceback(caught(inner)).all_frames
    assert [frame.name for frame in frames] == ["caught", "inner"]
    assert frames[0].local_ns["function"] is inner
    assert frames[0].global_ns is globals()
    assert not frames[0].is_library
    assert [f.name for f in DebugTraceback(caught(inner), skip=1).all_frames] == ["inner"]


def test_code_of_libraries() -> None:
    import json

    frames = DebugTraceback(caught(lambda: json.loads("{"))).all_frames
    assert [frame.is_library for frame in frames] == [False, False, True, True, True]
    html = DebugTraceback(caught(lambda: json.loads("{"))).render_traceback_html()
    assert html.count('class="source library"') == 3


def test_html_has_the_code_around() -> None:
    html = DebugTraceback(caught(inner)).render_traceback_html()
    assert "<h3>Traceback (most recent call last):</h3>" in html
    assert '<pre class="line current">    raise ValueError(&#34;&lt;inner&gt;&#34;)</pre>' in html
    assert '<pre class="line before">def inner() -&gt; None:</pre>' in html
    assert "<blockquote>ValueError: &lt;inner&gt;</blockquote>" in html
    assert "<h3>" not in DebugTraceback(caught(inner)).render_traceback_html(False)


def test_the_expression_is_marked() -> None:
    def run() -> None:
        _ = 1 + (2 / 0)

    html = DebugTraceback(caught(run)).render_traceback_html()
    assert "_ = 1 + (<mark>2 / 0</mark>)" in html


@pytest.mark.parametrize(
    ("how", "divider"),
    [
        ("cause", "The above exception was the direct cause of the following exception:"),
        ("context", "During handling of the above exception, another exception occurred:"),
        ("none", None),
    ],
)
def test_chains(how: str, divider: str | None) -> None:
    def outer() -> None:
        try:
            inner()
        except ValueError as error:
            if how == "cause":
                raise KeyError("outer") from error
            if how == "none":
                raise KeyError("outer") from None
            raise KeyError("outer")  # noqa: B904

    traceback = DebugTraceback(caught(outer))
    dividers = [found for found, _ in traceback.all_tracebacks]
    assert dividers == ([None] if divider is None else [None, divider])
    html = traceback.render_traceback_html()
    assert html.count("exc-divider") == (divider is not None)
    assert ("ValueError: &lt;inner&gt;" in html) is (divider is not None)


def test_a_chain_that_comes_back_to_itself() -> None:
    error = caught(lambda: inner())
    other = caught(lambda: inner())
    error.__context__, other.__context__ = other, error
    assert len(DebugTraceback(error).all_tracebacks) == 2


def test_exceptions_without_frames() -> None:
    traceback = DebugTraceback(ValueError("bare"))
    assert traceback.all_frames == []
    assert "ValueError: bare" in traceback.render_traceback_html()
    error = caught(inner)
    error.__context__ = KeyError("bare")
    assert len(DebugTraceback(error).all_tracebacks) == 2


def test_groups() -> None:
    def run() -> None:
        raise ExceptionGroup("several", [caught(inner), KeyError("second")])  # type: ignore[list-item]

    traceback = DebugTraceback(caught(run))
    assert [divider for divider, _ in traceback.all_tracebacks] == [
        None,
        "Exception 1 of 2 in the group:",
        "Exception 2 of 2 in the group:",
    ]
    html = traceback.render_traceback_html()
    assert "ValueError: &lt;inner&gt;" in html
    assert "several" in traceback.render_traceback_text()


@pytest.mark.parametrize(
    ("hide", "shown"),
    [
        (True, ["caught", "one", "three"]),
        ("before", ["three"]),
        ("after", ["caught", "one"]),
        (False, ["caught", "one", "two", "three"]),
    ],
)
def test_hidden_frames(hide: object, shown: list[str]) -> None:
    def three() -> None:
        raise ValueError

    def two() -> None:
        __traceback_hide__ = hide  # noqa: F841
        three()

    def one() -> None:
        two()

    error = caught(one)
    assert [frame.name for frame in DebugTraceback(error).all_frames] == shown
    assert len(DebugTraceback(error, hide=False).all_frames) == 4


def test_a_traceback_is_never_hidden_wholly() -> None:
    namespace: dict[str, Any] = {}
    exec("def run():\n __traceback_hide__ = True\n raise ValueError", namespace)
    assert DebugTraceback(caught(namespace["run"]), skip=1).all_frames


def test_code_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linecache, "getlines", lambda *args: ["one line"])
    html = DebugTraceback(caught(inner)).render_traceback_html()
    assert "one line" not in html
    assert sys.modules[__name__].__file__ in html


def test_what_a_frame_says_of_itself() -> None:
    def run() -> None:
        __traceback_info__ = "<row 3>"
        raise ValueError

    traceback = DebugTraceback(caught(run))
    assert traceback.all_frames[-1].info == "<row 3>"
    assert "&lt;row 3&gt;" in traceback.render_traceback_html()


def test_syntax_errors() -> None:
    error = caught(lambda: compile("a b", "<text>", "exec"))
    token = "x" * 20
    page = DebugTraceback(error).render_debugger_html(False, token, False)
    assert "SyntaxError: invalid syntax" in page
    assert token not in page


def test_the_page() -> None:
    traceback = DebugTraceback(caught(inner))
    page = traceback.render_debugger_html(True, 'se"cret', False)
    assert 'data-secret="se&#34;cret" data-trusted="no" data-console="no"' in page
    assert "<title>ValueError: &lt;inner&gt; // Erlen Debugger</title>" in page
    assert 'data-trusted="yes"' in traceback.render_debugger_html(True, "x", True)
