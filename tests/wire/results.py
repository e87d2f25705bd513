"""The results of ``make parity`` as tables, and the document that shows them.

A run of all cases compares its tables with those in the document, and fails if they differ;
``ERLEN_WRITE_TABLES=1`` writes them instead.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from servers import KINDS, Server

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "servers.md"
START, END = "<!-- results of make parity -->", "<!-- end of results -->"
# Releases come out; a table that is true of the next one as well need not be written anew.
_VERSIONS = "Servers of the last change: "
TITLES = {
    "granian-asgi": "Granian, ASGI",
    "granian-wsgi": "Granian, WSGI",
    "uvicorn": "uvicorn",
    "hypercorn": "hypercorn",
    "gunicorn": "gunicorn",
    "waitress": "waitress",
}
# What the functions of tests/parity are about, in the order of the table.
AREAS = {
    "paths": ("test_path",),
    "query strings": ("test_query",),
    "headers": ("test_header",),
    "cookies": ("test_cookie",),
    "methods": ("test_method", "test_allowed_methods_are_named"),
    "forms and uploads": ("test_form",),
    "JSON and other bodies": ("test_data",),
    "answers, errors, conditions": ("test_response",),
    "files and ranges": ("test_file", "test_static", "test_validators_come_back"),
    "streams": (
        "test_stream",
        "test_a_body_that_fails_half_way_is_cut",
        "test_the_client_can_tell_that_a_body_failed_at_once",
        "test_case_123_a_piece_that_is_no_bytes_or_text_is_cut",
    ),
    "connections": ("test_connections.py",),
    "sessions and flashed messages": ("test_visits.py",),
}


class Result:
    """One test that ran.

    :param nodeid: pytest's name of it
    :param noted: what it has recorded
    """

    def __init__(self, nodeid: str, passed: bool, noted: dict[str, str]) -> None:
        self.passed = passed
        self.noted = noted
        path, _, name = nodeid.partition("::")
        self.file = path.rpartition("/")[2]
        self.function, _, parameters = name.partition("[")
        self.parameters = parameters.removesuffix("]")

    @property
    def area(self) -> str:
        for area, names in AREAS.items():
            if self.function in names or self.file in names:
                return area
        raise KeyError(f"{self.file}::{self.function} is in no area of tests/wire/results.py")


class Results:
    """A plugin of pytest."""

    def __init__(self) -> None:
        self.parity: list[Result] = []
        self.faults: list[Result] = []
        self.further: list[Result] = []
        self._chosen = False
        self._said = ""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: Any) -> Any:
        """Show what the servers of a test that fails have written."""
        try:
            return (yield)
        except BaseException:
            for name in ("server", "reference", "either", "asgi", "served"):
                server = item.funcargs.get(name)
                if isinstance(server, Server):
                    log = server.log()[-4000:]
                    item.add_report_section("call", f"log of {name} ({server.name})", log)
            raise

    def pytest_deselected(self, items: Any) -> None:
        self._chosen = True

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.when != "call" and report.passed:
            return
        result = Result(report.nodeid, report.passed, dict(report.user_properties))
        if "server" in result.noted:
            self.parity.append(result)
        elif "further" in result.noted:
            self.further.append(result)
        elif "interface" in result.noted and _title_of(result):
            self.faults.append(result)

    def pytest_sessionfinish(self, session: Any, exitstatus: int) -> None:
        seen = {result.noted["server"] for result in self.parity}
        if exitstatus or self._chosen or seen != set(KINDS) or not (self.faults and self.further):
            self._said = "the tables are left as they are: this was no whole run that passed"
            return
        wanted = [START, "", *tables(self.parity, self.further, self.faults), "", END]
        text = DOCUMENT.read_text(encoding="utf-8")
        before, _, rest = text.partition(START)
        found, _, after = rest.partition(END)
        if os.environ.get("ERLEN_WRITE_TABLES") == "1":
            DOCUMENT.write_text(before + "\n".join(wanted) + after, encoding="utf-8")
            self._said = f"{DOCUMENT.name} was written"
        elif _timeless([START, *found.splitlines()[1:], END]) != _timeless(wanted):
            session.exitstatus = 1
            self._said = (
                f"{DOCUMENT.name} shows other results: look at what changed, and write it by"
                " ERLEN_WRITE_TABLES=1 make parity"
            )
        else:
            self._said = f"{DOCUMENT.name} shows these results"

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        terminalreporter.line(self._said)


def register(config: Any) -> None:
    """Collect results, once for both folders of tests."""
    if not config.pluginmanager.has_plugin("erlen-results"):
        config.pluginmanager.register(Results(), "erlen-results")


def _timeless(lines: list[str]) -> list[str]:
    return [line for line in lines if not line.startswith(_VERSIONS)]


# -- the tables ------------------------------------------------------------------------------


def tables(parity: list[Result], further: list[Result], faults: list[Result]) -> list[str]:
    """The lines between the marks."""
    names = ", ".join(f"{name} {version(name)}" for name in _packages())
    return [
        f"{_VERSIONS}{names}.",
        "",
        "### The same requests on every server",
        "",
        *_counts(parity),
        "",
        "### What differs",
        "",
        *_differences(parity),
        "",
        "### Further servers, adapters and mounts",
        "",
        *_further(further),
        "",
        "### Hostile and unlucky clients of `erlen serve`",
        "",
        *_faults(faults),
    ]


def _packages() -> list[str]:
    return list(dict.fromkeys(kind.module for kind in KINDS.values()))


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _head(*cells: str) -> list[str]:
    return [_row(*cells), _row(*["---"] * len(cells))]


def _counts(parity: list[Result]) -> list[str]:
    alike: dict[tuple[str, str], int] = defaultdict(int)
    differing: dict[tuple[str, str], int] = defaultdict(int)
    for result in parity:
        counter = differing if "difference" in result.noted else alike
        counter[result.area, result.noted["server"]] += 1

    def cell(keys: list[tuple[str, str]]) -> str:
        more = sum(differing[key] for key in keys)
        count = str(sum(alike[key] for key in keys))
        return f"{count} + {more}" if more else count

    lines = _head("", *TITLES.values())
    for area in AREAS:
        lines.append(_row(area, *[cell([(area, server)]) for server in TITLES]))
    lines.append(_row("all", *[cell([(area, server) for area in AREAS]) for server in TITLES]))
    return lines


def _differences(parity: list[Result]) -> list[str]:
    cases: dict[tuple[str, str], list[str]] = defaultdict(list)
    for result in parity:
        if reason := result.noted.get("difference"):
            case = result.noted.get("case") or _words(result.function)
            known = cases[result.noted["server"], reason]
            if case not in known:
                known.append(case)
    lines = _head("server", "what it does", "cases")
    for server in TITLES:
        for (name, reason), found in sorted(cases.items()):
            if name == server:
                lines.append(_row(TITLES[server], reason, ", ".join(found)))
    return lines


def _further(further: list[Result]) -> list[str]:
    lines = _head("", "interface", "answers alike", "")
    for result in further:
        noted = result.noted
        cells = [noted[name] for name in ("further", "interface", "counts", "remark")]
        lines.append(_row(*cells))
    return lines


def _words(function: str) -> str:
    return function.removeprefix("test_").replace("_", " ")


def _title_of(result: Result) -> tuple[str, int, str] | None:
    """The list of SECURITY.md, the number in it, and what is sent or done."""
    name = result.function if result.function != "test_framing" else result.parameters
    found = re.search(r"(case|fault)[-_](\d+)[-_](.*)", name)
    if found is None:
        return None
    return found[1], int(found[2]), re.sub("[-_]", " ", found[3])


def _faults(faults: list[Result]) -> list[str]:
    cases: dict[tuple[str, int, str], dict[str, list[Result]]] = {}
    for result in faults:
        title = _title_of(result)
        assert title is not None
        cases.setdefault(title, defaultdict(list))[result.noted["interface"]].append(result)
    lines = _head("", "what is sent or done", "tests", "ASGI", "WSGI", "")
    for title in sorted(cases, key=lambda title: title[:2]):
        kind, number, what = title
        of_interface = cases[title]
        every = [result for results in of_interface.values() for result in results]
        remarks = _distinct(result.noted.get("remark", "") for result in every)
        outcomes = [_outcome(of_interface[interface]) for interface in ("asgi", "wsgi")]
        lines.append(_row(f"{kind} {number}", what, len(every), *outcomes, " ".join(remarks)))
    return lines


def _outcome(results: list[Result]) -> str:
    return "; ".join(_distinct(result.noted.get("outcome", "held") for result in results)) or "—"


def _distinct(words: Any) -> list[str]:
    return list(dict.fromkeys(word for word in words if word))
