"""Write the synchronous twins of the walk: ``python tools/to_sync.py``; ``--check`` only compares.

Each pair of TWINS is a module of coroutines and its twin.  ``async`` and ``await`` are cut out and
the names of SWAPPED exchanged, token by token, so that comments and line numbers stay: a traceback,
a debugger and a reader find the same line in either file.
"""

from __future__ import annotations

import io
import sys
import tokenize
from pathlib import Path

WALK = Path(__file__).resolve().parents[1] / "src/erlen/walk"
TWINS = {"walk.py": "walk_sync.py", "steps.py": "steps_sync.py"}
# What the twin takes in place of it.
SWAPPED = {"on_loop": "on_thread"}
NOTE = "Made of {name} by tools/to_sync.py: change that file.\n"


def twin(source: str, name: str) -> str:
    """The synchronous twin of a module.

    :param source: the module, which begins with the first line of its docstring
    :param name: the module's name, for the note that stands in place of that line
    :raises SyntaxError: if what is left is no Python
    """
    lines = source.splitlines(keepends=True)
    cuts: dict[int, list[tuple[int, int, str]]] = {}
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    for kind, text, (row, start), (_, end), line in tokens:
        if kind != tokenize.NAME:
            continue
        if text in ("async", "await"):
            # With the blank behind it.
            cuts.setdefault(row, []).append((start, end + (line[end : end + 1] == " "), ""))
        elif text in SWAPPED:
            cuts.setdefault(row, []).append((start, end, SWAPPED[text]))
    for row, found in cuts.items():
        for start, end, new in reversed(found):
            lines[row - 1] = lines[row - 1][:start] + new + lines[row - 1][end:]
    # In place of the first line of the docstring, so that no number changes.
    lines[0] = '"""' + NOTE.format(name=name)
    made = "".join(lines)
    compile(made, name, "exec")
    return made


def main() -> int:
    """Write the twins, or say which of them is not what its original gives."""
    stale = []
    for name, target in TWINS.items():
        made = twin((WALK / name).read_text(encoding="utf-8"), name)
        path = WALK / target
        if "--check" not in sys.argv:
            path.write_text(made, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != made:
            stale.append(target)
    if stale:
        print(f"{', '.join(stale)}: not what is made of the original. Run tools/to_sync.py.")
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main())
