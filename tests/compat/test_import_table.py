"""The table of imports names, for each module of Flask and Werkzeug, where its names are."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from erlen.compat.names import module_names, target_of

PAGE = Path(__file__).resolve().parents[2] / "docs/imports.md"
START, END = "<!-- imports -->", "<!-- end of imports -->"
# Where people are told to look first.
PLACES = (
    "erlen",
    "erlen.http",
    "erlen.routing",
    "erlen.sessions",
    "erlen.json",
    "erlen.testing",
    "erlen.views",
    "erlen.signals",
    "erlen.typing",
    "erlen.security",
    "erlen.cli",
)
# As many names of one place are told by that place alone.
_MANY = 12


def public_modules() -> list[str]:
    return [
        name
        for name in module_names()
        if name.split(".")[0] in ("flask", "werkzeug") and "._" not in name
    ]


def names_of(module: Any) -> list[str]:
    """What a module of Flask's or Werkzeug's gives."""
    told = getattr(module, "__all__", None)
    if told is None:
        imported = imports_of(module)
        told = [name for name in vars(module) if name in imported]
    return sorted(name for name in told if not name.startswith("_"))


def imports_of(module: Any) -> dict[str, tuple[str, str]]:
    """Where a module of the alias has each of its names from: a module, and the name there."""
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    package = module.__name__.split(".")
    if not module.__file__.endswith("__init__.py"):
        package.pop()
    return {
        name.asname or name.name: (
            ".".join([*package[: len(package) - node.level + 1], node.module or ""])
            if node.level
            else node.module or "",
            name.name,
        )
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module not in ("__future__", "typing")
        for name in node.names
    }


def given(place: str, name: str) -> Any:
    """What a place gives under a name of its own; the alias may have attached others to it."""
    module = import_module(place)
    return getattr(module, name) if name in dir(module) else None


def place_of(module: Any, name: str) -> tuple[str, str] | None:
    """The module and the name to import something by, ``None`` if only the alias has it."""
    value = getattr(module, name)
    for place in PLACES:
        if given(place, name) is value:
            return place, name
    if name not in imports_of(module):
        # The alias makes it itself.
        return None
    origin, original = imports_of(module)[name]
    if getattr(import_module("erlen"), original, None) is value:
        origin = "erlen"
    assert getattr(import_module(origin), original) is value
    return None if origin.startswith("erlen.compat") else (origin, original)


def written(name: str, original: str) -> str:
    return f"`{name}`" if name == original else f"`{name}` as `{original}`"


def cell(alias: str) -> str:
    """Where the names of a module are, as the table writes it."""
    target = str(target_of(alias))
    module = import_module(target)
    if not target.startswith("erlen.compat"):
        return f"`{target}`, the module itself{also(module, target)}"
    by_place: dict[str, list[str]] = {}
    for name in names_of(module):
        place, original = place_of(module, name) or ("", name)
        by_place.setdefault(place, []).append(written(name, original))
    alone = by_place.pop("", [])
    parts = [
        f"`{place}`: {', '.join(names)}" for place, names in by_place.items() if len(names) <= _MANY
    ]
    if alone:
        parts.append(f"with Werkzeug's signature, under this name alone: {', '.join(alone)}")
    parts += [
        f"all others: `{place}`, and there {', '.join(renamed)}"
        if (renamed := [name for name in names if " as " in name])
        else f"all others: `{place}`"
        for place, names in by_place.items()
        if len(names) > _MANY
    ]
    return "; ".join(parts)


def defined_by(module: Any) -> Iterator[str]:
    """The public names that a module makes itself."""
    for node in ast.parse(Path(module.__file__).read_text(encoding="utf-8")).body:
        targets: list[Any] = [node]
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            name = getattr(target, "name", None) or getattr(target, "id", "_")
            if not name.startswith("_") and hasattr(module, name):
                yield name


def also(module: Any, target: str) -> str:
    """The names of a module that are in a place where people look first."""
    if target in PLACES:
        return ""
    found: dict[str, list[str]] = {}
    for name in sorted(defined_by(module)):
        for place in PLACES:
            if given(place, name) is getattr(module, name):
                found.setdefault(place, []).append(f"`{name}`")
                break
    return "".join(
        f"; `{place}` has its names too"
        if len(names) > _MANY
        else f"; also `{place}`: {', '.join(names)}"
        for place, names in found.items()
    )


def table() -> Iterator[str]:
    yield "| module | where its names are |"
    yield "| --- | --- |"
    for alias in public_modules():
        if text := cell(alias):
            yield f"| `{alias}` | {text} |"


def test_the_page_has_the_table_of_the_alias():
    page = PAGE.read_text(encoding="utf-8")
    wanted = "\n".join(table())
    if os.environ.get("ERLEN_WRITE_TABLES"):
        before, after = page.split(START)[0], page.split(END)[1]
        page = f"{before}{START}\n\n{wanted}\n\n{END}{after}"
        PAGE.write_text(page, encoding="utf-8")
    assert page.split(START)[1].split(END)[0].strip() == wanted


def rows() -> list[tuple[str, str]]:
    """Each module of the page, and what stands beside it."""
    text = PAGE.read_text(encoding="utf-8").split(START)[1].split(END)[0]
    return re.findall(r"^\| `([\w.]+)` \| (.*) \|$", text, re.MULTILINE)


@pytest.mark.parametrize(("alias", "text"), rows(), ids=[alias for alias, _ in rows()])
def test_what_the_page_says_can_be_imported(alias, text):
    """Read from the page, as a person would."""
    module = import_module(str(target_of(alias)))
    for part in text.split("; "):
        found = re.match(r"(?:also )?`(erlen[\w.]*)`: (.*)", part)
        if found is None:
            assert part.startswith(("all others: `erlen", "with Werkzeug's", "`erlen"))
            continue
        place = import_module(found[1])
        for name, original in re.findall(r"`(\w+)`(?: as `(\w+)`)?", found[2]):
            assert getattr(place, original or name) is getattr(module, name)


def test_every_public_module_has_a_row_and_the_known_places_are_named():
    told = dict(rows())
    # Those without names of their own are packages of others.
    assert set(public_modules()) - set(told) == {"flask.sansio", "werkzeug.sansio"}
    assert "`secure_filename`" in told["werkzeug.utils"].split("`erlen.http`: ")[1]
    assert told["werkzeug.security"].startswith("`erlen.security`")
    assert "`erlen.http` has its names too" in told["werkzeug.exceptions"]
    assert "`Flask` as `Erlen`" in told["flask"]
