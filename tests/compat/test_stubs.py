"""``python -m erlen.compat --stubs``: what type checkers read for the names of Flask."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from erlen.compat.names import module_names


def test_each_name_has_a_stub_that_leads_to_erlen(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "erlen.compat", "--stubs", str(tmp_path)]
    for _ in ("new", "over the old ones"):
        subprocess.run(command, check=True, timeout=60)
    names = {".".join(path.parent.relative_to(tmp_path).parts) for path in tmp_path.rglob("*.pyi")}
    assert names == set(module_names())
    found: dict[str, object] = {}
    exec((tmp_path / "flask/__init__.pyi").read_text(encoding="utf-8"), found)
    assert {"Flask", "Blueprint", "request", "url_for"} <= found.keys()
    exec((tmp_path / "werkzeug/exceptions/__init__.pyi").read_text(encoding="utf-8"), found)
    assert getattr(found["NotFound"], "__module__", "") == "erlen.http.exceptions"
