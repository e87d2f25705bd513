"""What requests can fill in a process is listed in the documents, with its bound and its key."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "erlen"
EMPTY = {"dict", "set", "list", "OrderedDict", "defaultdict", "deque", "WeakKeyDictionary"}


def is_cache(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        node = node.func
    name = getattr(node, "id", getattr(node, "attr", ""))
    return name in ("lru_cache", "cache")


def is_empty_container(value: ast.AST | None) -> bool:
    if isinstance(value, ast.Dict):
        return not value.keys
    if isinstance(value, ast.List):
        return not value.elts
    if isinstance(value, ast.Call):
        return getattr(value.func, "id", "") in EMPTY and not value.args
    return False


def fills_itself(node: ast.ClassDef) -> bool:
    """Whether a dictionary of the class keeps what it was asked for."""
    names = (getattr(method, "name", "") for method in node.body)
    return "__missing__" in names and "self[" in ast.unparse(node)


def filled() -> set[str]:
    """What code fills while it runs: caches of functions, and containers that begin empty at the
    level of a module or class."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        module = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        source = path.read_text()
        tree = ast.parse(source)
        learning = {
            n.name for n in ast.walk(tree) if isinstance(n, ast.ClassDef) and fills_itself(n)
        }
        bodies = [tree.body, *(n.body for n in ast.walk(tree) if isinstance(n, ast.ClassDef))]
        for body in bodies:
            for node in body:
                if isinstance(node, ast.FunctionDef) and any(map(is_cache, node.decorator_list)):
                    found.add(f"{module}.{node.name}")
                value = getattr(node, "value", None)
                called = value.func if isinstance(value, ast.Call) else None
                if not isinstance(node, (ast.Assign, ast.AnnAssign)):
                    continue
                target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
                name = ast.unparse(target)
                if (
                    is_empty_container(value)
                    or (called is not None and is_cache(called))
                    or getattr(called, "id", "") in learning
                    or (
                        isinstance(value, (ast.Dict, ast.Set, ast.List, ast.Call))
                        and re.search(rf"^ +{name}(\.add\(|\[.+\] = )", source, re.MULTILINE)
                    )
                ):
                    found.add(f"{module}.{name}")
    return found


def test_all_of_it_is_listed_with_its_bound():
    text = (ROOT / "docs" / "decisions" / "shared-state.md").read_text()
    rows = re.findall(r"^\| `([\w.]+)` \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    assert {name for name, _, _ in rows} == filled()
    assert all(key.strip() and bound.strip() for _, key, bound in rows)
