"""``ARCHITECTURE.md`` says what is so: its rooms and arrows are those of the imports, its contract
is that of ``tests/contract``, its steps are those of the walk, its words and files are there.

With ``ERLEN_WRITE_TABLES=1`` the tables of rooms and arrows are written anew.
"""

from __future__ import annotations

import ast
import os
import re
import runpy
from pathlib import Path

import pytest

from erlen.walk.desk import STEPS

# What holds the arrows has read the imports already.
_imports = runpy.run_path(str(Path(__file__).with_name("test_imports.py")))
ORDER, UPWARD, MODULES = _imports["ORDER"], _imports["UPWARD"], _imports["MODULES"]
imports_of, room_of = _imports["imports_of"], _imports["room_of"]

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "ARCHITECTURE.md"
DRAWING = ROOT / "docs/images/way-of-a-request.svg"
PACKAGE = ROOT / "src/erlen"
WRITES = "ERLEN_WRITE_TABLES" in os.environ
CODE = re.compile(r"`([^`]+)`")


def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def table(mark: str, end: str = "") -> list[list[str]]:
    """The rows of the table behind a mark, or of the one that a line of text introduces."""
    text = page().partition(mark)[2]
    assert text, f"{mark!r} is not in {PAGE.name}"
    lines = iter(text.partition(end)[0].splitlines() if end else text.splitlines())
    rows = []
    for line in lines:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
        elif rows:
            break
    return rows[2:]


def marked(name: str) -> list[list[str]]:
    return table(f"<!-- {name} -->", f"<!-- end of {name} -->")


def write(name: str, rows: list[list[str]]) -> None:
    before, start, rest = page().partition(f"<!-- {name} -->")
    inner, end, after = rest.partition(f"<!-- end of {name} -->")
    head = [line for line in inner.splitlines() if line.startswith("|")][:2]
    lines = [*head, *("| " + " | ".join(row).replace("|  |", "| |") + " |" for row in rows)]
    lines = [re.sub(r"\|\s+\|$", "| |", line) for line in lines]
    text = "\n".join(["", "", *lines, "", ""])
    PAGE.write_text(before + start + text + end + after, encoding="utf-8")


# -- the house ---------------------------------------------------------------------------------


def file_of(room: str) -> str:
    """A room as the page writes it."""
    if room == "erlen":
        return "`__init__.py`"
    return f"`{room}/`" if (PACKAGE / room).is_dir() else f"`{room}.py`"


def imported_by(room: str) -> str:
    """The rooms that a room imports, but for what the page tells apart."""
    found = {
        room_of(target)
        for module in MODULES
        if room_of(module) == room
        for _, target in imports_of(module)
        if (module, target) not in UPWARD
    }
    return ", ".join(
        file_of(other).strip("`/").removesuffix(".py") for other in ORDER if other in found - {room}
    )


def house() -> list[list[str]]:
    told = {row[0]: row[1] for row in marked("house")}
    return [[file_of(room), told.get(file_of(room), "?"), imported_by(room)] for room in ORDER]


def test_rooms_and_arrows_are_those_of_the_imports():
    if WRITES:
        write("house", house())
    rows = marked("house")
    # In the order in which tests/test_imports.py holds them.
    assert [row[0] for row in rows] == [file_of(room) for room in ORDER]
    assert rows == house()
    assert all(len(row[1]) > 5 for row in rows), "a room says what it is"


def test_arrows_upward_are_those_that_the_imports_have():
    wanted = [[f"`{a}`", f"`{b}`", why] for (a, b), why in UPWARD.items()]
    if WRITES:
        write("upward", wanted)
    assert marked("upward") == wanted


# -- the way of a request ----------------------------------------------------------------------


def names_in(path: Path) -> set[str]:
    return set(re.findall(r"\w+", path.read_text(encoding="utf-8")))


def places_in_the_walk(name: str) -> list[int]:
    """The lines of the walk that call something by this name, or look at it."""
    tree = ast.parse((PACKAGE / "walk/walk.py").read_text(encoding="utf-8"))
    [walk] = [n for n in ast.walk(tree) if isinstance(n, ast.AsyncFunctionDef)]
    found = []
    for node in ast.walk(walk):
        own = getattr(node, "id", None) or getattr(node, "attr", None)
        if own == name:
            found.append(node.lineno)
    return sorted(found)


def steps() -> list[list[str]]:
    return table("takes the place of its step and of no other.")


def test_the_steps_are_those_of_the_walk_in_its_order():
    line = 0
    for cell in [row[0] for row in steps()][1:]:
        for name in CODE.findall(cell):
            later = [number for number in places_in_the_walk(name) if number > line]
            assert later, f"{name} is not behind line {line} of the walk"
            line = later[0]


def test_each_method_that_is_a_step_is_told():
    told = {name for row in steps() for name in CODE.findall(row[2])}
    told |= {"ensure_sync", "async_to_sync"}
    assert told - {"handle_exception"} == set(STEPS)
    assert "`ensure_sync` and `async_to_sync`" in page()


def test_the_drawing_names_what_is_there_in_the_order_of_the_walk():
    drawing = DRAWING.read_text(encoding="utf-8")
    files = re.findall(r'<text class="code"[^>]*>([^<]+)</text>', drawing)
    assert len(files) > 5
    assert [name for name in files if not (PACKAGE / name).is_file()] == []
    labels = re.findall(r'<text class="code step"[^>]*>([^<]+)</text>', drawing)
    assert len(labels) > 10
    line = 0
    for label in labels:
        later = [number for number in places_in_the_walk(label) if number > line]
        assert later, f"{label} is not behind line {line} of the walk"
        line = later[0]


# -- the contract ------------------------------------------------------------------------------


def test_each_line_of_the_contract_has_its_test_and_each_test_its_line():
    rows = marked("contract")
    assert all(len(row) == 3 and len(row[1]) > 20 for row in rows)
    named = {name for row in rows for name in CODE.findall(row[2])}
    assert named == {path.name for path in (ROOT / "tests/contract").glob("test_*.py")}


# -- the words ---------------------------------------------------------------------------------


@pytest.mark.parametrize("word, meaning, where", marked("glossary"))
def test_each_word_is_used_where_it_is_said_to_be(word, meaning, where):
    [name] = CODE.findall(where)
    path = PACKAGE / name if (PACKAGE / name).exists() else ROOT / name
    text = re.sub(r"[\s_]+", "", path.read_text(encoding="utf-8")).casefold()
    for part in word.split(", "):
        assert part.replace(" ", "").casefold() in text, part
    assert len(meaning) > 10


def test_words_are_in_order_and_said_once():
    words = [row[0] for row in marked("glossary")]
    assert words == sorted(set(words), key=str.casefold)


# -- files and names ---------------------------------------------------------------------------


def test_each_file_that_is_named_is_there():
    missing = []
    for name in CODE.findall(page()):
        if re.fullmatch(r"[\w./-]+\.py|[\w-]+(/[\w.-]+)+/?", name) and "://" not in name:
            places = (ROOT / name, PACKAGE / name, ROOT / "tests/contract" / name)
            if not any(place.exists() for place in places):
                missing.append(name)
    assert missing == []


def test_each_purpose_has_its_file_and_its_test():
    for purpose, files, tests in marked("where"):
        assert CODE.findall(files) or "contract" in files, purpose
        assert all(name.startswith("tests/") for name in CODE.findall(tests)), purpose


def words_of_the_code() -> set[str]:
    found: set[str] = set()
    for path in [*PACKAGE.rglob("*.py"), *(ROOT / "tools").glob("*.py")]:
        if "compat" not in path.parts:
            found |= names_in(path)
    return found


def test_names_in_the_text_are_names_of_the_code():
    text = page()
    known = words_of_the_code() | {path.stem for path in ROOT.glob("tests/**/*.py")}
    # What stands in code of others.
    known |= {"M", "flask", "werkzeug", "meta_path", "pth", "pytest", "python", "tests", "src"}
    for code in CODE.findall(text):
        if "/" in code or "ERLEN_" in code:
            continue
        unknown = set(re.findall(r"[A-Za-z_]\w*", code)) - known
        assert not unknown, f"`{code}`: {unknown}"
