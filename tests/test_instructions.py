"""The gate on instructions: what it lets pass, and what it compares with. It is run by ``make
gate``; here nothing is counted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = str(Path(__file__).resolve().parents[1] / "benchmarks")
ELSEWHERE = {"fingerprint": "another", "python": "3.99", "machine": "moon", "valgrind": "9"}


@pytest.fixture(scope="module")
def modules():
    sys.path.insert(0, BENCHMARKS)
    try:
        import instructions
        import sections
    finally:
        sys.path.remove(BENCHMARKS)
    return instructions, sections


@pytest.fixture
def gate(modules):
    return modules[0]


def test_three_per_cent_more_pass(gate, capsys):
    assert gate.tell({"hello": 102_900}, {"hello": 100_000}, {}) == []
    assert "2.9%" in capsys.readouterr().out


def test_more_than_three_per_cent_fail(gate):
    assert gate.tell({"hello": 103_100}, {"hello": 100_000}, {}) == ["hello: 3.1% more"]


def test_a_gain_passes_and_is_told(gate, capsys):
    assert gate.tell({"hello": 90_000}, {"hello": 100_000}, {"hello": 900_000}) == []
    out = capsys.readouterr().out
    assert "-10.0%" in out and "write it down" in out and "0.100" in out


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


def test_a_section_is_replaced_and_the_rest_stays(modules, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- x -->\nold\n<!-- end of x -->\nafter\n")
    modules[1].replace(page, "x", ["new"])
    modules[1].replace(page, "x", ["newer"])
    assert page.read_text() == "before\n<!-- x -->\n\nnewer\n\n<!-- end of x -->\nafter\n"


def test_a_section_without_its_end_is_an_error(modules, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("<!-- x -->\n")
    with pytest.raises(ValueError, match="end of x"):
        modules[1].replace(page, "x", [])
