"""Write the Python of each document into a file of its own: ``python tools/documents.py FOLDER``.

``make types`` checks these files.  Beside them stand stubs for ``flask`` and ``werkzeug``, which
some documents import.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from erlen.compat.stubs import write_stubs

ROOT = Path(__file__).resolve().parents[1]
CODE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def programs() -> dict[str, str]:
    """The blocks of each document, one behind the other, by a name for a module: http_md."""
    found: dict[str, str] = {}
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]):
        blocks = CODE.findall(path.read_text(encoding="utf-8"))
        if blocks:
            found[path.name.replace("-", "_").replace(".", "_")] = "\n".join(blocks)
    return found


def main(folder: Path) -> None:
    """Write all of it anew."""
    write_stubs(folder / "stubs")
    for old in folder.glob("*.py"):
        old.unlink()
    for name, program in programs().items():
        (folder / f"{name}.py").write_text(program, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
