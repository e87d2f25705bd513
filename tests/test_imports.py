"""The arrows between the rooms point one way, and importing Erlen stays cheap."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src"

# From top to bottom: a room imports itself and those below it.  A room is a module or a package
# right below erlen; the package's own __init__ is "erlen".
ORDER = [
    "compat", "__main__",
    "cli", "protection", "testing", "serve", "debug", "middleware",
    "api", "erlen", "app", "gateways", "walk",
    "templating", "sessions", "json", "views", "logging",
    "context", "typing", "routing", "security", "http", "workers",
    "signals", "version",
]  # fmt: skip
HEIGHT = {room: -place for place, room in enumerate(ORDER)}

# The imports against that order, each late or for types. The list only gets shorter.
UPWARD = {
    ("app.conveniences", "testing"): "test_client and test_cli_runner are methods in Flask's API",
    ("app.conveniences", "testing.async_client"): "async_test_client is its companion",
    ("app.conveniences", "cli"): "app.cli is an attribute, and app.run shows the banner of the CLI",
    ("app.conveniences", "serve.development"): "app.run starts the development server",
    ("cli.options", "compat"): "erlen --flask installs the names before it loads the application",
    ("cli.serve", "compat"): "workers install the names that their parent had installed",
}

# The circles of imports of every kind, each by a module that is part of it.
CIRCLES = {
    "app.conveniences": "the facade offers run, cli and the test clients, all of which take it",
}
WITHOUT_A_CIRCLE = {"http", "routing", "context", "walk"}

# Names that people import.
LOOSE = {"__init__", "__main__", "logging", "security", "signals", "typing", "version", "views"}


def module_files() -> dict[str, Path]:
    """Every module of Erlen by its name without the first ``erlen.``."""
    found = {}
    for path in sorted(SOURCE.glob("erlen/**/*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        found[".".join(parts[1:]) or "erlen"] = path
    return found


MODULES = module_files()


def room_of(module: str) -> str:
    return module.partition(".")[0]


def imports_of(module: str) -> Iterator[tuple[str, str]]:
    """Pairs of how ("start", "late", "typing") and which module of Erlen is imported."""
    path = MODULES[module]
    package = ["erlen", *module.split(".")] if module != "erlen" else ["erlen"]
    if path.name != "__init__.py":
        package.pop()

    def names(node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                yield whole if whole.removeprefix("erlen.") in MODULES else base

    def walk(node: ast.AST, how: str) -> Iterator[tuple[str, str]]:
        for name in names(node):
            if name == "erlen" or name.startswith("erlen."):
                yield how, name.removeprefix("erlen.")
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            for child in node.body:
                yield from walk(child, "typing")
            for child in node.orelse:
                yield from walk(child, how)
            return
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and how == "start":
            how = "late"
        for child in ast.iter_child_nodes(node):
            yield from walk(child, how)

    yield from walk(ast.parse(path.read_text(encoding="utf-8")), "start")


def upward() -> set[tuple[str, str, str]]:
    """The imports that go against the order: how, which module and what it imports."""
    return {
        (how, module, target)
        for module in MODULES
        for how, target in imports_of(module)
        if HEIGHT[room_of(target)] > HEIGHT[room_of(module)]
    }


def test_every_room_has_its_place():
    assert sorted({room_of(module) for module in MODULES}) == sorted(ORDER)


def test_imports_go_one_way():
    found = upward()
    assert [(module, target) for how, module, target in found if how == "start"] == []
    assert {(module, target) for _, module, target in found} == set(UPWARD)


def test_few_modules_stand_beside_the_rooms():
    loose = {path.stem for path in SOURCE.glob("erlen/*.py")}
    assert loose == LOOSE
    assert len(loose) <= 8


def test_imports_make_no_cycle():
    graph = {
        module: {t for how, t in imports_of(module) if how == "start" and t != module}
        for module in MODULES
    }
    assert list(TopologicalSorter(graph).static_order())


def circles(graph: dict[str, set[str]]) -> list[set[str]]:
    """The sets of modules each of which imports all others, by some way."""

    def reached_from(module: str) -> set[str]:
        found: set[str] = set()
        waiting = [module]
        while waiting:
            new = graph[waiting.pop()] - found
            found |= new
            waiting += new
        return found

    reached = {module: reached_from(module) for module in graph}
    found: list[set[str]] = []
    for module in graph:
        circle = {other for other in reached[module] if module in reached[other]}
        if circle and circle not in found:
            found.append(circle)
    return found


def test_few_imports_of_any_kind_make_a_circle():
    graph = {module: {t for _, t in imports_of(module) if t != module} for module in MODULES}
    found = circles(graph)
    assert len(found) <= 3
    assert [{*circle} & set(CIRCLES) for circle in found] == [{name} for name in CIRCLES]
    assert {room_of(module) for circle in found for module in circle} & WITHOUT_A_CIRCLE == set()


def test_a_circle_is_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set()}) == [{"a", "b", "c"}]


# With the package's __init__ out of the way, a module has only what it imports itself.
ALONE = """
import importlib, json, sys, types, traceback, warnings
warnings.simplefilter("error")
path, names = json.loads(sys.argv[1])
failed = {}
for name in names:
    for loaded in [m for m in sys.modules if m == "erlen" or m.startswith("erlen.")]:
        del sys.modules[loaded]
    if not name.startswith("erlen.compat"):
        package = sys.modules["erlen"] = types.ModuleType("erlen")
        package.__path__ = [path]
    try:
        importlib.import_module(name)
    except Exception:
        failed[name] = traceback.format_exc()
print(json.dumps(failed))
"""


def run(code: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=400
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_each_module_is_importable_alone():
    names = [f"erlen.{m}" for m in MODULES if not m.endswith("__main__") and m != "erlen"]
    failed = json.loads(run(ALONE, json.dumps([str(SOURCE / "erlen"), names])))
    assert failed == {}, "\n".join(failed.values())


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """What is loaded after ``import erlen`` and was not before."""
    code = (
        "import sys; before = set(sys.modules); import erlen;"
        "print(*sorted(set(sys.modules) - before))"
    )
    return set(run(code).split())


@pytest.mark.parametrize(
    "name",
    [
        # servers, commands, test tools
        "granian", "click", "erlen.cli", "erlen.testing", "erlen.serve",
        "erlen.compat", "erlen.debug", "erlen.middleware",
        # batteries
        "erlen.protection", "erlen.api", "msgspec",
        # libraries that the first use loads
        "jinja2", "itsdangerous", "multipart", "werkzeug", "flask",
        # parts of the standard library that cost milliseconds (Blinker loads inspect)
        "asyncio", "email", "http", "urllib.request", "tempfile", "uuid", "secrets", "random",
        "ssl", "socket", "unicodedata", "pathlib", "importlib.metadata", "logging",
    ],
)  # fmt: skip
def test_import_erlen_leaves_alone(name, loaded):
    assert name not in loaded
