"""The code in the documents runs as it stands, and their links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
CODE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#]+)")


def programs():
    for path in DOCUMENTS:
        blocks = CODE.findall(path.read_text(encoding="utf-8"))
        if blocks:
            yield pytest.param("\n".join(blocks), id=path.name)


@pytest.mark.parametrize("program", programs())
def test_the_code_of_a_document_runs(program, tmp_path):
    # A process of its own: the page on compatibility installs the names for good.
    file = tmp_path / "document.py"
    file.write_text(program, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", str(file)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_the_hello_of_the_readme_answers():
    namespace: dict = {"__name__": "hello"}
    [program] = CODE.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    exec(compile(program, "hello.py", "exec"), namespace)
    assert namespace["app"].test_client().get("/hello/Ada").json == {"hello": "Ada"}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files(path):
    targets = [t for t in LINK.findall(path.read_text(encoding="utf-8")) if "://" not in t]
    assert [t for t in targets if not (path.parent / t).exists()] == []
