"""An application that shows what a server gave it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from markupsafe import Markup

from ..http.response import Response

_PAGE = Markup(
    """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>WSGI Information</title>
<style>
body {{ max-width: 60rem; margin: 2rem auto; font: 15px/1.5 system-ui, sans-serif; }}
table {{ border-collapse: collapse; }}
th, td {{ padding: 0.2rem 1rem 0.2rem 0; text-align: left; vertical-align: top; }}
td {{ overflow-wrap: anywhere; }}
</style>
<h1>WSGI Information</h1>
<h2>Python Interpreter</h2>
<table>{interpreter}</table>
<h2>WSGI Environment</h2>
<table>{environ}</table>
<h2>System Path</h2>
<ul>{path}</ul>
</html>
"""
)
_ROW = Markup("<tr><th>{}</th><td><code>{}</code></td></tr>")
_ENTRY = Markup("<li><code>{}</code>{}</li>")


def iter_sys_path() -> Iterator[tuple[str, bool, bool]]:
    """Each entry of ``sys.path`` as it is shown, whether it is missing, and whether it is no
    folder of plain files."""
    for entry in sys.path:
        path = os.path.abspath(entry)
        shown = "." if not entry else path
        yield shown, not os.path.exists(path), os.path.isfile(path)


def _page(environ: dict[str, Any]) -> str:
    interpreter = {
        "Python": sys.version,
        "Platform": f"{sys.platform} [{os.name}]",
        "API version": sys.api_version,
        "Byte order": sys.byteorder,
    }
    entries = (
        (shown, " (missing)" if missing else " (a file)" if is_file else "")
        for shown, missing, is_file in iter_sys_path()
    )
    return _PAGE.format(
        interpreter=Markup("").join(_ROW.format(*item) for item in interpreter.items()),
        environ=Markup("").join(
            _ROW.format(key, repr(value)) for key, value in sorted(environ.items())
        ),
        path=Markup("").join(_ENTRY.format(*entry) for entry in entries),
    )


def test_app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """A WSGI application whose only page shows the environment of the request.

    For development: the environment may hold what is nobody else's business.
    """
    return Response(_page(environ), mimetype="text/html")(environ, start_response)


# pytest would take it for a test.
test_app.__dict__["__test__"] = False
