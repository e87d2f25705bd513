"""The code in the documents runs as it stands, and their links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from runpy import run_path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
TOOL = run_path(str(ROOT / "tools/documents.py"))
PROGRAMS = TOOL["programs"]()
LINK = re.compile(r"\]\(([^)#]+)")
ANCHOR = re.compile(r"\]\(([^)#]*)#([^)]+)\)")


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_the_code_of_a_document_runs(program, tmp_path):
    # A process of its own: the page on compatibility installs the names for good.
    file = tmp_path / "document.py"
    file.write_text(program, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", str(file)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_the_code_of_each_document_is_checked_in_strict_mode(tmp_path):
    assert {path.name for path in DOCUMENTS if "```python" in path.read_text(encoding="utf-8")} == {
        name.replace("_", "-").removesuffix("-md") + ".md" for name in PROGRAMS
    }
    TOOL["main"](tmp_path)
    assert {path.stem for path in tmp_path.glob("*.py")} == PROGRAMS.keys()
    types = (ROOT / "Makefile").read_text(encoding="utf-8").split("\ntypes:")[1].split("\n\n")[0]
    folder = re.findall(r"tools/documents.py (\S+)", types)
    # pyright leaves folders out that begin with a dot.
    assert [part for name in folder for part in name.split("/") if part.startswith(".")] == []
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert settings["mypy"]["strict"] is True
    for checked in ("files", "include", "strict"):
        tool = settings["mypy" if checked == "files" else "pyright"]
        assert {*folder, "tests/typed"} <= {*tool[checked]}


def test_the_hello_of_the_readme_answers():
    namespace: dict = {"__name__": "hello"}
    exec(compile(PROGRAMS["README_md"], "hello.py", "exec"), namespace)
    client = namespace["app"].test_client()
    assert client.get("/").text == "<h1>Hello, World!</h1>"
    assert client.get("/hello/Ada").json == {"hello": "Ada"}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files(path):
    targets = [t for t in LINK.findall(path.read_text(encoding="utf-8")) if "://" not in t]
    assert [t for t in targets if not (path.parent / t).exists()] == []


def anchors(path: Path) -> set[str]:
    """What links to the headings of a document end in, as GitHub makes them."""
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_headings(path):
    found = [
        (target, anchor)
        for target, anchor in ANCHOR.findall(path.read_text(encoding="utf-8"))
        if "://" not in target
    ]
    assert [
        (target, anchor)
        for target, anchor in found
        if anchor not in anchors(path.parent / target if target else path)
    ] == []


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        ("safe_redirect", "safe_redirect("),
        ("secure_filename", "secure_filename("),
        ("passwords", "check_password_hash("),
        ("JSON", "@app.errorhandler(HTTPException)"),
        ("async generators", "AsyncIterator"),
        ("broadcasting", "def broadcast("),
        ("Flask and Werkzeug", "`werkzeug.utils`"),
    ],
)
def test_what_people_look_for_is_one_click_away_from_the_first_page(topic, name):
    first = " ".join((ROOT / "docs/index.md").read_text(encoding="utf-8").split())
    # The words of a link, and those in parentheses or behind a colon.
    links = re.findall(r"\[([^]]+)\]\(([^)#]+)#?([^)]*)\)( \([^)]*\)|: [^-]*)?", first)
    [(page, anchor)] = [
        (page, anchor) for text, page, anchor, more in links if topic in text + more
    ]
    content = (ROOT / "docs" / page).read_text(encoding="utf-8")
    if anchor:
        parts = re.split(r"^## ", content, flags=re.MULTILINE)
        starts = [part.partition("\n")[0].lower().replace(" ", "-") for part in parts]
        content = parts[starts.index(anchor)]
    assert name in content
