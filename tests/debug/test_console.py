from __future__ import annotations

import sys
from threading import Thread
from typing import Any

import pytest
from markupsafe import Markup

from erlen.debug import console as module
from erlen.debug.console import Console


def text(html: str) -> str:
    return Markup(html).unescape()


def test_expressions_are_shown() -> None:
    console = Console({"a": 1}, {"b": 2})
    assert console.eval("a + b") == '>>> a + b\n<span class="number">3</span>\n'
    assert console.eval("None") == ">>> None\n"
    assert console.eval("") == ">>> \n"


def test_names_stay() -> None:
    console = Console()
    console.eval("y = 5")
    console.eval("x = lambda: y")
    console.eval("import os")
    assert "5" in console.eval("x()")
    assert "module" in console.eval("os")
    assert "NameError" in Console().eval("y")


def test_a_block_needs_an_empty_line() -> None:
    console = Console()
    assert console.eval("for i in range(2):") == ">>> for i in range(2):\n"
    assert console.is_open
    assert console.eval("    print(i)") == "...     print(i)\n"
    assert console.is_open
    assert console.eval("") == "... \n0\n1\n"
    assert not console.is_open


def test_what_is_printed_is_escaped() -> None:
    html = Console().eval("print('<b>'); import sys; _ = sys.stdout.write('<i>')")
    assert html.endswith("&lt;b&gt;\n&lt;i&gt;")
    assert Console().eval("sys.stdout.writelines(['<', 'a'])").count("&lt;") >= 1


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("x ===", "SyntaxError: invalid syntax"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("'\\x00", "SyntaxError"),
    ],
)
def test_errors_are_shown(code: str, message: str) -> None:
    console = Console()
    html = console.eval(code)
    assert message in text(html)
    assert "codeop" not in html
    assert "debug/console.py" not in html
    assert "3" in console.eval("1 + 2")


def test_a_traceback_shows_the_line() -> None:
    console = Console()
    console.eval("def f():")
    console.eval("    return missing")
    console.eval("")
    assert "return <mark>missing</mark>" in console.eval("f()")


def test_other_threads_print_where_they_did(capsys: pytest.CaptureFixture[str]) -> None:
    def other() -> None:
        print("from elsewhere")
        assert sys.stdout.isatty() is before.isatty()

    def both() -> None:
        thread = Thread(target=other)
        thread.start()
        thread.join()
        print("from here")

    before = sys.stdout
    html = Console({"both": both}).eval("both()")
    assert sys.stdout is before
    assert html == ">>> both()\nfrom here\n"
    assert capsys.readouterr().out == "from elsewhere\n"


def test_consoles_within_consoles() -> None:
    inner = Console()
    html = Console({"inner": inner}).eval("x = inner.eval('print(1)'); print(x)")
    assert html.endswith("&gt;&gt;&gt; print(1)\n1\n\n")


def test_the_display_hook_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    sys.displayhook([1])
    assert capsys.readouterr().out == "[1]\n"


def test_another_display_hook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "displayhook", module._displayhook)
    assert Console().eval("[1]") == ">>> [1]\n[1]\n"


def test_the_tools_are_there() -> None:
    console = Console()
    assert "Local variables in frame" in console.eval("dump()")
    assert "Help on" in console.eval("help(len)")
    mine: Any = Console({"dump": 3})
    assert "3" in mine.eval("dump")
