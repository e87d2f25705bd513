"""The promises of docs/security.md have their tests, and the tests their promises."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| ([\d\u2013, ]+) \| .* \| `(tests/[\w/]+\.py)` \|$", re.MULTILINE)
# The number of a case, in the name of a test or of its parameters.
CASE = re.compile(r"test_(\d{2,3})_|case[-_](\d{1,3})[-_]|[\"'](\d{1,3})-[a-zA-Z{]")
# Those of tests/wire are run by test_attacks.py.
TESTS = ("tests/security/test_*.py", "tests/wire/attacks/*.py")


def promises():
    text = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    table = text.partition("<!-- promises -->")[2].partition("<!-- end of promises -->")[0]
    found = ROW.findall(table)
    assert len(found) == table.count("\n| ") - 2
    for cases, path in found:
        for part in cases.split(", "):
            first, _, last = part.partition("\u2013")
            for number in range(int(first), int(last or first) + 1):
                yield number, path


def cases_of(path):
    found = CASE.findall(path.read_text(encoding="utf-8"))
    return {int(number) for groups in found for number in groups if number}


@pytest.mark.parametrize(("number", "path"), promises())
def test_a_promise_has_its_test(number, path):
    assert number in cases_of(ROOT / path)


def test_each_case_is_promised():
    files = [path for pattern in TESTS for path in ROOT.glob(pattern)]
    tested = set().union(*map(cases_of, files))
    assert tested - {number for number, _ in promises()} == set()
