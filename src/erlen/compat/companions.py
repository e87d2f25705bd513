"""The modules that an import of Flask or Werkzeug brings with it.

Agents wait for the modules that they patch, and Flask imports most of its own and of Werkzeug's:
who waits for ``flask.app`` is told when somebody writes ``import flask``, or finds it in
``sys.modules`` later.  Here an import brings those that cost next to nothing, and all of them where
somebody waits.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

_LIGHT = {
    "flask": """
        flask.app flask.blueprints flask.config flask.ctx flask.globals flask.helpers flask.json
        flask.json.provider flask.json.tag flask.sessions flask.signals flask.templating
        flask.wrappers werkzeug
        """,
    "werkzeug": """
        werkzeug.datastructures werkzeug.exceptions werkzeug.http werkzeug.local werkzeug.routing
        werkzeug.urls werkzeug.user_agent werkzeug.wrappers werkzeug.wrappers.request
        werkzeug.wrappers.response werkzeug.wsgi
        """,
}
_REST = {
    "flask": "flask.cli flask.logging flask.sansio.app flask.sansio.blueprints"
    " flask.sansio.scaffold flask.typing",
    "werkzeug": """
        werkzeug._internal werkzeug.datastructures.accept werkzeug.datastructures.auth
        werkzeug.datastructures.cache_control werkzeug.datastructures.csp
        werkzeug.datastructures.etag werkzeug.datastructures.file_storage
        werkzeug.datastructures.headers werkzeug.datastructures.mixins
        werkzeug.datastructures.range werkzeug.datastructures.structures werkzeug.formparser
        werkzeug.routing.converters werkzeug.routing.exceptions werkzeug.routing.map
        werkzeug.routing.matcher werkzeug.routing.rules werkzeug.sansio.http
        werkzeug.sansio.multipart werkzeug.sansio.request werkzeug.sansio.response
        werkzeug.sansio.utils werkzeug.security werkzeug.serving werkzeug.test werkzeug.utils
        """,
}
# Finders that stand in many programs, and tell nobody.
_COMMON = {
    "_distutils_hack",
    "_frozen_importlib",
    "_frozen_importlib_external",
    "_pytest",
    "importlib",
    "pkg_resources",
    "setuptools",
    "six",
}


def import_companions(name: str, own: Any) -> None:
    """Import what comes with ``name``.

    :param own: the finder of the aliases, which others stand in front of
    """
    if name in _LIGHT:
        wanted = _LIGHT[name].split()
        if _is_watched(own):
            wanted += _REST[name].split()
        for companion in wanted:
            import_module(companion)


def _is_watched(own: Any) -> bool:
    """Whether somebody sees imports pass by."""
    for finder in sys.meta_path:
        if finder is own:
            break
        owner = finder if isinstance(finder, type) else type(finder)
        root = owner.__module__.partition(".")[0]
        if root not in _COMMON and not root.startswith("__editable__"):
            return True
    return False
