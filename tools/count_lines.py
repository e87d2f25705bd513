"""Count the lines of code of each room of Erlen: ``python tools/count_lines.py [folder]``.

A line counts when something other than a comment or a docstring stands on it.  What is made by
tools/to_sync.py is not counted; ``compat`` and ``debug`` stand below the total, apart from it.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections import Counter
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "src/erlen"
# Names of other projects, and the error page: what a bound on the framework's size leaves out.
APART = frozenset({"compat", "debug"})
GENERATED = "_sync.py"
IGNORE = "# type: ignore"
LAYOUT = frozenset(
    {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    }
)


def docstring_lines(source: str) -> set[int]:
    """The numbers of the lines on which docstrings of modules, classes and functions stand."""
    found: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if ast.get_docstring(node, clean=False) is not None:
            docstring = node.body[0]
            found.update(range(docstring.lineno, (docstring.end_lineno or 0) + 1))
    return found


def code_lines(source: str) -> int:
    """How many lines of a module hold code; each line of a string counts."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in LAYOUT:
            lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines - docstring_lines(source))


def count(package: Path) -> tuple[Counter[str], Counter[str]]:
    """The lines of code of each room, and its ``type: ignore`` comments; ``.`` is the top level."""
    lines: Counter[str] = Counter()
    ignores: Counter[str] = Counter()
    for path in package.rglob("*.py"):
        if not path.name.endswith(GENERATED):
            source = path.read_text(encoding="utf-8")
            room, *rest = path.relative_to(package).parts
            lines[room if rest else "."] += code_lines(source)
            ignores[room if rest else "."] += source.count(IGNORE)
    return lines, ignores


def main(arguments: list[str]) -> None:
    """Print a row for each room and the totals; with a folder, those of another checkout."""
    lines, ignores = count(Path(arguments[0]) if arguments else PACKAGE)
    print(f"{'room':14}{'lines':>8}{'type: ignore':>14}")
    for room in sorted(lines.keys() - APART):
        print(f"{room:14}{lines[room]:8}{ignores[room]:14}")
    total = sum(lines[room] for room in lines.keys() - APART)
    print(f"{'total':14}{total:8}")
    for room in sorted(lines.keys() & APART):
        print(f"{room:14}{lines[room]:8}{ignores[room]:14}")
    print(f"{'with these':14}{lines.total():8}{ignores.total():14}")


if __name__ == "__main__":
    main(sys.argv[1:])
