"""The shortcuts that ``docs/performance.md`` tells, and their guards, are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = {
    path: path.read_text(encoding="utf-8")
    for path in (ROOT / "src/erlen").rglob("*.py")
    if "compat" not in path.parts
}
CODE = re.compile(r"`([^`]+)`")
WORDS = {path: set(re.findall(r"\w+", text)) for path, text in SOURCES.items()}
KNOWN = set().union(*WORDS.values())


def shortcuts() -> list[list[str]]:
    text = (ROOT / "docs/performance.md").read_text(encoding="utf-8")
    text = text.partition("## The shortcuts and their guards")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


@pytest.mark.parametrize("title, left_out, guard", shortcuts(), ids=lambda text: text[:40])
def test_each_name_is_in_the_code(title, left_out, guard):
    for code in CODE.findall(f"{title} {left_out} {guard}"):
        owner, dot, name = code.rpartition(".")
        if dot and owner.isidentifier() and owner[0].isupper():
            homes = [path for path, text in SOURCES.items() if f"class {owner}" in text]
            assert homes, f"there is no class {owner}"
            assert any(name in WORDS[path] for path in homes), f"{owner} has no {name}"
        else:
            unknown = set(re.findall(r"[A-Za-z_]\w*", code)) - KNOWN
            assert not unknown, f"`{code}`"


def test_each_shortcut_says_what_it_leaves_out_and_what_guards_it():
    rows = shortcuts()
    assert len(rows) > 40
    assert all(len(row) == 3 and all(len(cell) > 4 for cell in row) for row in rows)
    titles = [row[0] for row in rows]
    assert len(set(titles)) == len(titles)
