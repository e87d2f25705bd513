"""The gate on instructions: what it lets pass, and what it compares with. It is run by ``make
gate``; here nothing is counted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

BENCHMARKS = str(Path(__file__).resolve().parents[1] / "benchmarks")
ELSEWHERE = {"fingerprint": "another", "python": "3.99", "machine": "moon", "valgrind": "9"}


@pytest.fixture(scope="module")
def modules():
    sys.path.insert(0, BENCHMARKS)
    try:
        import bounds
        import gate_tables
        import instructions
        import overrides
        import sections
    finally:
        sys.path.remove(BENCHMARKS)
    return SimpleNamespace(
        gate=instructions,
        sections=sections,
        tables=gate_tables,
        bounds=bounds,
        overrides=overrides,
    )


@pytest.fixture(autouse=True)
def nothing_held(modules, monkeypatch):
    """Bounds hold, whatever is short of them today."""
    for name in ("HELD_TIMES", "HELD_OVERRIDES", "HELD_CALLS"):
        monkeypatch.setattr(modules.tables, name, {})


@pytest.fixture
def gate(modules):
    return modules.gate


def test_three_per_cent_more_pass(gate, capsys):
    assert gate.tell({"hello": 102_900}, {"hello": 100_000}, {}) == []
    assert "2.9%" in capsys.readouterr().out


def test_more_than_three_per_cent_fail(gate):
    assert gate.tell({"hello": 103_100}, {"hello": 100_000}, {}) == ["hello: 3.1% more"]


def test_a_gain_passes_and_is_told(gate, capsys):
    assert gate.tell({"hello": 90_000}, {"hello": 100_000}, {"hello": 900_000}) == []
    out = capsys.readouterr().out
    assert "-10.0%" in out and "write it down" in out and "1/10.0" in out


def test_without_figures_of_before_there_is_nothing_to_compare_with(gate, capsys):
    assert gate.tell({"hello": 100_000}, None, {}) == []
    assert "100,000" in capsys.readouterr().out


def test_a_mean_below_its_bound_fails(gate, capsys):
    assert gate.tell({"hello": 100_000}, None, {"hello": 400_000}) == [
        "one feature each, mean: 1/4.00 of Flask, and 1/7.5 is to hold"
    ]
    assert "MISSED" in capsys.readouterr().out


def test_each_group_has_a_mean_of_its_own_on_each_interface(gate, capsys):
    seen = {"hello": 100, "JSON": 200, "ASGI hello": 400, "page": 300, "ASGI page": 600}
    flask = {"hello": 1600, "JSON": 800, "page": 1200}
    assert gate.tell(seen, None, flask) == [
        "what real views do, mean: 1/4.00 of Flask, and 1/7 is to hold"
    ]
    out = [line.split() for line in capsys.readouterr().out.splitlines()]
    means = [line for line in out if line[:1] in (["mean"], ["mean,"])]
    assert [next(word for word in line if word.startswith("1/")) for line in means] == [
        "1/8.00",
        "1/4.00",
        "1/4.00",
        "1/2.00",
    ]


def test_a_mean_of_a_part_is_none(gate, capsys):
    assert gate.tell({"hello": 100}, None, {"hello": 200, "JSON": 200}) == []
    assert "mean" not in capsys.readouterr().out


def test_a_scenario_has_a_bound_of_its_own(gate, modules):
    flask = {"page": 1001 * modules.bounds.MEANS["what real views do"].bound}
    assert gate.tell({"page": 1000}, None, flask) == []
    assert gate.tell({"page": 1000}, None, {"page": 3000})[0] == (
        "page: 1/3.00 of Flask, and 1/3.6 is to hold"
    )


@pytest.fixture
def overridden(modules):
    names = [modules.overrides.PLAIN, *modules.overrides.methods(), modules.overrides.ATTRIBUTE]
    return {prefix + name: 1000 for prefix in ("", "ASGI ") for name in names}


def test_an_override_costs_at_most_twice_the_plain_hello(gate, overridden, capsys):
    overridden |= {"make_response": 2000, "ensure_sync": 2040, "ASGI dispatch_request": 2041}
    assert gate.tell_overrides(overridden) == [
        "ASGI dispatch_request: 2.04 of the plain hello, and 2.04 is to hold"
    ]
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if "MISSED" in line] == [
        "dispatch_request",
        "ensure_sync",
    ]


def test_an_attribute_costs_a_tenth_of_the_plain_hello_at_most(gate, modules, overridden):
    overridden[modules.overrides.ATTRIBUTE] = 1150
    assert gate.tell_overrides(overridden) == [
        "an attribute set by the view: 1.15 of the plain hello, and 1.122 is to hold"
    ]


def test_calls_are_bounded_by_functions_and_by_files(gate, capsys):
    assert gate.tell_calls({"hello": [4, 4], "int parameter": [12, 7]}) == []
    assert gate.tell_calls({"hello": [5, 1], "int parameter": [1, 8]}) == [
        "hello: 5/1 functions and files, and 4/4 is to hold",
        "int parameter: 1/8 functions and files, and 12/7 is to hold",
    ]


def test_every_goal_is_beyond_its_bound(modules):
    bounds = modules.bounds
    higher = [*bounds.MEANS.values(), *bounds.SCENARIOS.values(), bounds.MIDDLEWARE]
    assert all(target.goal > target.bound for target in higher)
    assert all(target.goal < target.bound for target in (bounds.OVERRIDE, bounds.ATTRIBUTE))


def test_the_tables_of_the_document_have_a_column_in_each_row(modules, overridden):
    tables = modules.tables
    seen, flask = {"hello": 100, "page": 300, "ASGI page": 600}, {"hello": 1600, "page": 1200}
    for lines in (
        tables.scenarios_table(seen, flask),
        tables.overrides_table(overridden),
        tables.calls_table({"hello": [4, 4]}),
    ):
        counts: dict[int, set[int]] = {}
        number = 0
        for line in lines:
            number += not line.startswith("|")
            if line.startswith("|"):
                counts.setdefault(number, set()).add(line.count("|"))
        assert all(len(count) == 1 for count in counts.values())


def test_the_table_has_the_scenarios_that_there_are(gate):
    assert gate.tell({"new": 1}, {"old": 1}, {}) == [
        "new: not in the table",
        "old: no longer there",
    ]


@pytest.fixture
def repository(gate, tmp_path, monkeypatch):
    """A repository with a table and sources, in which the gate looks; commits a file's content."""
    table = tmp_path / "benchmarks/instructions.json"
    monkeypatch.setattr(gate, "ROOT", tmp_path)
    monkeypatch.setattr(gate, "TABLE", table)
    monkeypatch.setattr(gate, "CACHE", tmp_path / ".cache")
    # What is "counted" is the size of the sources.
    monkeypatch.setattr(
        gate,
        "count",
        lambda framework, source: ({"size": len((source / "erlen.py").read_text())}, ELSEWHERE),
    )

    def git(*arguments):
        who = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

    def commit(path, content):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(content)
        git("add", path)
        git("commit", "-m", "change")

    git("init", "-b", "main")
    commit("src/erlen.py", "x" * 10)
    commit("benchmarks/instructions.json", json.dumps({"fingerprint": "here"}))
    return commit


def test_elsewhere_the_sources_of_the_table_stand_for_it(gate, repository, capsys):
    repository("src/erlen.py", "x" * 20)
    repository("src/erlen.py", "x" * 30)
    assert gate.count_base({"fingerprint": "here"}, ELSEWHERE) == {"size": 10}
    out = capsys.readouterr().out
    assert "its figures do not hold here" in out and "(another)" in out


def test_elsewhere_a_commit_that_changes_the_table_has_nothing_to_compare_with(
    gate, repository, capsys
):
    repository("src/erlen.py", "x" * 20)
    repository("benchmarks/instructions.json", "{}")
    assert gate.count_base({}, ELSEWHERE) is None
    assert "This commit changes the table" in capsys.readouterr().out


def test_elsewhere_a_table_that_is_being_changed_is_no_measure(gate, repository, capsys):
    repository("src/erlen.py", "x" * 20)
    gate.TABLE.write_text("{}")
    assert gate.count_base({}, ELSEWHERE) is None
    assert "is being changed" in capsys.readouterr().out


def test_a_table_without_its_history_is_an_error(gate, repository, tmp_path):
    gate.TABLE.unlink()
    with pytest.raises(SystemExit, match="fetch all of it"):
        subprocess.run(["git", "rm", "-q", "--cached", gate.TABLE], cwd=tmp_path, check=True)
        who = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
        subprocess.run(["git", *who, "checkout", "-q", "--orphan", "new"], cwd=tmp_path, check=True)
        subprocess.run(["git", *who, "commit", "-q", "-m", "x"], cwd=tmp_path, check=True)
        gate.count_base({}, ELSEWHERE)


def test_the_table_is_whole(gate, modules):
    table = json.loads(gate.TABLE.read_text())
    assert len(table["fingerprint"]) == 16
    assert set(table["flask"]) < set(table["erlen"])
    assert all(table["erlen"][name] < count for name, count in table["flask"].items())
    names = [modules.overrides.PLAIN, *modules.overrides.methods(), modules.overrides.ATTRIBUTE]
    assert list(table["overrides"]) == [*names, *(f"ASGI {name}" for name in names)]
    assert table["calls"].keys() == modules.bounds.CALLS.keys()


def test_a_section_is_replaced_and_the_rest_stays(modules, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- x -->\nold\n<!-- end of x -->\nafter\n")
    modules.sections.replace(page, "x", ["new"])
    modules.sections.replace(page, "x", ["newer"])
    assert page.read_text() == "before\n<!-- x -->\n\nnewer\n\n<!-- end of x -->\nafter\n"


def test_a_section_without_its_end_is_an_error(modules, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("<!-- x -->\n")
    with pytest.raises(ValueError, match="end of x"):
        modules.sections.replace(page, "x", [])


def test_a_rate_behind_middleware_that_sees_nothing_is_none(capsys):
    sys.path.insert(0, BENCHMARKS)
    try:
        import middleware
    finally:
        sys.path.remove(BENCHMARKS)
    middleware.tell(None)
    assert "MISSED" in capsys.readouterr().out
    row = {"without": 9000.0, "behind": 4000.0, "median": 0.44, "low": 0.4, "high": 0.5}
    middleware.tell(row | {"least": middleware.MIDDLEWARE.bound})
    assert "at least 0.50  MISSED, goal 0.7" in capsys.readouterr().out


def test_what_was_reached_holds_where_the_bound_does_not(modules, monkeypatch, capsys):
    monkeypatch.setattr(modules.tables, "HELD_CALLS", {"hello": modules.bounds.Calls(6, 5)})
    tell = modules.tables.tell_calls
    assert tell({"hello": [6, 5]}) == []
    assert "MISSED" in capsys.readouterr().out
    assert tell({"hello": [7, 5]}) == ["hello: 7/5 functions and files, and 6/5 is to hold"]
