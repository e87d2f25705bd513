"""The application that scenarios start from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def application_of(f: Any, name: str) -> Any:
    """An application as all scenarios have it, with a secret key: few are without sessions.

    :param f: the module that has the names of ``flask``
    """
    cls = getattr(f, "Flask", None) or f.Erlen
    app = cls(name, root_path=str(HERE))
    app.secret_key = "benchmark"
    # Flask does not know it: both write JSON by the standard library.
    app.json.use_orjson = False
    return app
