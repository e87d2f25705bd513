"""Links that open a file in an editor.

``ERLEN_EDITOR`` names the editor, or is a URL with ``{file}`` and ``{line}`` in it; ``none`` makes
no links.
"""

from __future__ import annotations

import os
import re
from urllib.parse import quote

_DEFAULT = "vscode"
_LIKE_VSCODE = "{editor}://file/{{file}}:{{line}}"
_URLS = {
    **{
        editor: _LIKE_VSCODE.format(editor=editor)
        for editor in ("vscode", "vscode-insiders", "vscodium", "cursor", "windsurf", "zed")
    },
    **{
        editor: f"{editor}://open?file={{file}}&line={{line}}"
        for editor in ("pycharm", "idea", "emacs")
    },
    "sublime": "subl://open?url=file://{file}&line={line}",
    "textmate": "txmt://open?url=file://{file}&line={line}",
    "macvim": "mvim://open?url=file://{file}&line={line}",
}
# A scheme that runs or shows something in the browser is no editor's.
_is_link = re.compile(r"(?!javascript|data|vbscript|blob)[a-z][a-z0-9+.\-]*:", re.IGNORECASE).match


def editor_url(filename: str, line: int) -> str | None:
    """The URL that opens a file at a line; ``None`` if there is no editor, or no such file.

    >>> editor_url("/srv/app.py", 3)
    'vscode://file/srv/app.py:3'
    """
    wanted = os.environ.get("ERLEN_EDITOR", _DEFAULT).strip()
    url = _URLS.get(wanted.lower(), wanted)
    if "{file}" not in url or not _is_link(url) or not os.path.isfile(filename):
        return None
    path = os.path.abspath(filename).replace(os.sep, "/")
    if "://file/{file}" in url:
        path = path.lstrip("/")
    return url.replace("{file}", quote(path, "/:")).replace("{line}", str(line))
