"""Rooms use few of each other's private names.

A name tells no owner: one that the using room defines too, for something else, is not seen.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path

import erlen

SOURCE = Path(__file__).resolve().parents[1] / "src/erlen"
MOST = 24
# Not counted: what stands in for other packages, and what is made of another module.
NOT_COUNTED = {"compat", "debug"}
MADE = {"walk_sync.py", "steps_sync.py"}
# What every named tuple offers, with a "_" so that it is no name of a field.
OF_NAMED_TUPLES = {"_asdict", "_fields", "_make", "_replace"}


# What is nobody's, and the methods that a named tuple has.
NOT_PRIVATE = {"_", "_replace", "_asdict", "_fields", "_make"}


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in NOT_PRIVATE


def is_protocol(node: ast.AST) -> bool:
    return isinstance(node, ast.ClassDef) and any("Protocol" in ast.unparse(b) for b in node.bases)


def nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a module, but for its Protocols: who asks for a name does not own it."""
    for child in ast.iter_child_nodes(tree):
        if not is_protocol(child):
            yield child
            yield from nodes(child)


def defined(node: ast.AST) -> str | None:
    """The name that a node defines: a function, a class, a variable, ``self.name``."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.Name(id=name, ctx=ast.Store()):
            return name
        case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name, ctx=ast.Store()):
            return name
    return None


def used(node: ast.AST) -> Iterator[str]:
    """The names that a node takes of an object or of a module of Erlen."""
    if isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.ImportFrom) and (node.level or node.module == "erlen"):
        yield from (alias.name for alias in node.names)


def foreign_names() -> list[str]:
    """Uses of private names that no module of the same room defines, and one of another does."""
    owners: dict[str, set[str]] = {}
    uses: list[tuple[str, str, str]] = []
    for path in sorted(SOURCE.rglob("*.py")):
        where = path.relative_to(SOURCE)
        room = where.parts[0]
        for node in nodes(ast.parse(path.read_text(encoding="utf-8"))):
            name = defined(node)
            if name is not None and is_private(name):
                owners.setdefault(name, set()).add(room)
            if room not in NOT_COUNTED and path.name not in MADE:
                uses += ((room, name, f"{where}:{node.lineno}") for name in used(node))  # type: ignore[attr-defined]
    return [
        f"{where}: {name} of {', '.join(sorted(owners[name]))}"
        for room, name, where in uses
        if is_private(name) and name in owners.keys() - OF_NAMED_TUPLES and room not in owners[name]
    ]


def test_rooms_use_few_private_names_of_each_other():
    found = foreign_names()
    assert len(found) <= MOST, "\n".join(found)


def test_a_use_of_another_rooms_private_name_is_seen():
    tree = ast.parse("from ..context.contexts import _kept\nctx._kept.x\nself._own = 1")
    assert [name for node in nodes(tree) for name in used(node)] == ["_kept", "x", "_kept", "_own"]
    assert [name for node in nodes(tree) if (name := defined(node))] == ["_own"]
    tree = ast.parse(
        "class Application(Protocol):\n    _changes: int\nclass Real:\n    _changes = 1"
    )
    assert [name for node in nodes(tree) if (name := defined(node))] == ["Real", "_changes"]


def taken_names() -> Iterator[str]:
    """Private names that a class of Erlen's has for itself, and a base in the standard library for
    something else."""
    for module in pkgutil.walk_packages(erlen.__path__, "erlen."):
        if "__main__" in module.name or ".compat." in module.name:
            continue
        for cls in vars(importlib.import_module(module.name)).values():
            if not isinstance(cls, type) or cls.__module__ != module.name:
                continue
            theirs: set[str] = set()
            for base in cls.__mro__:
                if base.__module__.partition(".")[0] in sys.stdlib_module_names:
                    theirs.update(filter(is_private, vars(base)))
            for name, value in vars(cls).items():
                if name in theirs and str(getattr(value, "__module__", None)).startswith("erlen."):
                    yield f"{cls.__module__}.{cls.__qualname__}.{name}"


def test_no_private_name_of_the_standard_library_is_taken():
    """It comes with a new Python, as ``FrameSummary._lines`` did with 3.13."""
    assert list(taken_names()) == []
