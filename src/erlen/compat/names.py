"""Which module of Erlen answers for which name."""

from __future__ import annotations

import os
import sys
from typing import Any

# Erlen's modules that are the natural twins: the name is the very same module, so that replacing
# one of its attributes reaches the code. Modules below a twin are those below its target.
_TWINS = {
    "flask.cli": "erlen.cli",
    "flask.config": "erlen.app.config",
    "flask.debughelpers": "erlen.context.mistakes",
    "flask.globals": "erlen.context.proxies",
    "flask.json": "erlen.json",
    "flask.json.provider": "erlen.json.provider",
    "flask.json.tag": "erlen.json.tag",
    "flask.logging": "erlen.logging",
    "flask.sessions": "erlen.sessions",
    "flask.signals": "erlen.signals",
    "flask.templating": "erlen.templating.render",
    "flask.testing": "erlen.testing",
    "flask.typing": "erlen.typing",
    "flask.views": "erlen.views",
    "flask.wrappers": "erlen.context.messages",
    "werkzeug.exceptions": "erlen.http.exceptions",
    "werkzeug.local": "erlen.context.local",
    "werkzeug.middleware": "erlen.middleware",
    "werkzeug.middleware.dispatcher": "erlen.middleware.dispatcher",
    "werkzeug.middleware.http_proxy": "erlen.middleware.http_proxy",
    "werkzeug.middleware.lint": "erlen.middleware.lint",
    "werkzeug.middleware.profiler": "erlen.middleware.profiler",
    "werkzeug.middleware.proxy_fix": "erlen.middleware.proxy_fix",
    "werkzeug.middleware.shared_data": "erlen.middleware.shared_data",
    "werkzeug.routing.converters": "erlen.routing.converters",
    "werkzeug.routing.exceptions": "erlen.routing.exceptions",
    "werkzeug.security": "erlen.security",
    "werkzeug.serving": "erlen.serve.development",
    "werkzeug.testapp": "erlen.testing.testapp",
    "werkzeug.user_agent": "erlen.http.user_agent",
    "werkzeug.wrappers.request": "erlen.http.request",
    "werkzeug.wrappers.response": "erlen.http.response",
}

_ALIASED = ("flask", "werkzeug")
# Answered only for who asks for it, and if nothing of that name is installed.
_FALLBACKS = ("flask_script",)
_HERE = os.path.dirname(__file__)


def root_of(name: str) -> str | None:
    """The top-level name that ``name`` belongs to, ``None`` if it is not one of ours.

    >>> root_of("flask.json.tag")
    'flask'
    """
    root = name.partition(".")[0]
    return root if root in _ALIASED or root in _FALLBACKS else None


def is_answered(name: str) -> bool:
    """Whether an import of ``name`` is for Erlen to answer, whatever else is installed."""
    return name.partition(".")[0] in _ALIASED


def is_fallback(name: str) -> bool:
    """Whether an import of ``name`` is for Erlen to answer if nobody else does."""
    return name.partition(".")[0] in _FALLBACKS


def target_of(name: str) -> str | None:
    """The module of Erlen that answers for ``name``, ``None`` if there is none.

    >>> target_of("flask.json.tag")
    'erlen.json.tag'
    >>> target_of("werkzeug.http")
    'erlen.compat.werkzeug.http'
    """
    head, tail = name, ""
    while head:
        twin = _TWINS.get(head)
        if twin is not None:
            return twin + tail
        head, dot, last = head.rpartition(".")
        tail = f"{dot}{last}{tail}"
    if root_of(name) is None:
        return None
    path = os.path.join(_HERE, *name.split("."))
    exists = os.path.isfile(f"{path}.py") or os.path.isfile(os.path.join(path, "__init__.py"))
    return f"{__package__}.{name}" if exists else None


def is_alias(name: str, module: Any) -> bool:
    """Whether ``module`` is what Erlen answers with for ``name``."""
    target = target_of(name)
    return None not in (target, module) and sys.modules.get(str(target)) is module


def module_names() -> list[str]:
    """Every name that is answered."""
    found = set(_TWINS)
    for folder, _, files in os.walk(_HERE):
        package = os.path.relpath(folder, _HERE).replace(os.sep, ".")
        for file in files:
            stem, extension = os.path.splitext(file)
            name = package if stem == "__init__" else f"{package}.{stem}"
            if extension == ".py" and root_of(name) is not None and stem != "__main__":
                found.add(name)
    return sorted(found)
