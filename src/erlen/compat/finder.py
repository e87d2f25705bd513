"""Finds the modules of ``flask`` and ``werkzeug`` among Erlen's."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.metadata import Distribution, DistributionFinder, MetadataPathFinder
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from os import PathLike
    from types import ModuleType

#: The versions whose API is offered.
VERSIONS = {"flask": "3.1.3", "werkzeug": "3.1.9"}

# Modules that are Erlen's own under another name, so that patching one patches the other. All
# others are modules of this package, which re-export.
_TWINS = {
    "flask.blueprints": "erlen.app.blueprint",
    "flask.cli": "erlen.cli",
    "flask.config": "erlen.config",
    "flask.ctx": "erlen.context",
    "flask.debughelpers": "erlen.debughelpers",
    "flask.globals": "erlen.globals",
    "flask.json": "erlen.json",
    "flask.json.provider": "erlen.json.provider",
    "flask.json.tag": "erlen.json.tag",
    "flask.logging": "erlen.logging",
    "flask.scaffold": "erlen.app.scaffold",
    "flask.sansio.scaffold": "erlen.app.scaffold",
    "flask.sansio.blueprints": "erlen.app.blueprint",
    "flask.sessions": "erlen.sessions",
    "flask.signals": "erlen.signals",
    "flask.templating": "erlen.templating",
    "flask.testing": "erlen.testing",
    "flask.typing": "erlen.typing",
    "flask.views": "erlen.views",
    "flask.wrappers": "erlen.wrappers",
    "werkzeug.debug": "erlen.debug",
    "werkzeug.exceptions": "erlen.http.exceptions",
    "werkzeug.local": "erlen.local",
    "werkzeug.middleware": "erlen.middleware",
    "werkzeug.middleware.dispatcher": "erlen.middleware.dispatcher",
    "werkzeug.middleware.proxy_fix": "erlen.middleware.proxy_fix",
    "werkzeug.middleware.shared_data": "erlen.middleware.shared_data",
    "werkzeug.routing": "erlen.routing",
    "werkzeug.routing.converters": "erlen.routing.converters",
    "werkzeug.routing.exceptions": "erlen.routing.exceptions",
    "werkzeug.routing.map": "erlen.routing.map",
    "werkzeug.routing.matcher": "erlen.routing.matcher",
    "werkzeug.routing.rules": "erlen.routing.rules",
    "werkzeug.security": "erlen.security",
    "werkzeug.serving": "erlen.serving",
    "werkzeug.urls": "erlen.http.urls",
    "werkzeug.user_agent": "erlen.http.user_agent",
}


class _TwinLoader(Loader):
    """Gives a module that exists under another name."""

    def __init__(self, target: str) -> None:
        self.target = target

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(self.target)
        # The import system writes the new spec into the module; its own has to come back.
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        spec = module.__spec__
        if spec is not None:
            module.__spec__ = spec.loader_state


class _CompatDistribution(Distribution):
    """Answers for a distribution that is not installed."""

    def __init__(self, name: str) -> None:
        self._compat_name = name

    def read_text(self, filename: str) -> str | None:
        if filename in ("METADATA", "PKG-INFO"):
            name = self._compat_name
            return f"Metadata-Version: 2.1\nName: {name.title()}\nVersion: {VERSIONS[name]}\n"
        return None

    def locate_file(self, path: str | PathLike[str]) -> Any:
        from pathlib import Path

        return Path(__file__).parent / path


class _CompatFinder(MetaPathFinder):
    """Resolves ``flask``, ``werkzeug`` and what is below them."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        root = fullname.partition(".")[0]
        if root == "flask_script":
            return _script_spec(fullname)
        if root not in VERSIONS:
            return None
        name = _TWINS.get(fullname, f"{__package__}.{fullname}")
        try:
            found = importlib.util.find_spec(name)
        except ModuleNotFoundError:
            found = None
        if found is None:
            return None
        return ModuleSpec(fullname, _TwinLoader(name), is_package=bool(found.submodule_search_locations))

    def find_distributions(
        self, context: DistributionFinder.Context | None = None
    ) -> Iterable[Distribution]:
        wanted = None if context is None else context.name
        for name in VERSIONS:
            if wanted is None or wanted.lower() == name:
                own = DistributionFinder.Context(name=name)
                if not any(True for _ in MetadataPathFinder.find_distributions(own)):
                    yield _CompatDistribution(name)


def _script_spec(fullname: str) -> ModuleSpec | None:
    """Flask-Script is not maintained: where it is not installed, Erlen's commands stand in."""
    from importlib.machinery import PathFinder

    if fullname != "flask_script" or PathFinder.find_spec(fullname) is not None:
        return None
    return ModuleSpec(fullname, _TwinLoader("erlen.cli.script"))


_finder: _CompatFinder | None = None


def is_installed() -> bool:
    """Whether the names mean Erlen in this process."""
    return _finder is not None


def install() -> None:
    """Let ``flask`` and ``werkzeug`` mean Erlen in this process.

    Calling it again changes nothing.

    :raises RuntimeError: if the real ones were imported already
    """
    global _finder
    if _finder is not None:
        return
    for name in VERSIONS:
        module = sys.modules.get(name)
        if module is not None and not module.__name__.startswith("erlen."):
            raise RuntimeError(
                f"The real {name!r} was imported already, from"
                f" {getattr(module, '__file__', '?')}. Move 'import erlen.compat;"
                " erlen.compat.install()' above the first import of it, or start the program"
                " with 'python -m erlen.compat'."
            )
    _finder = _CompatFinder()
    sys.meta_path.insert(0, _finder)


def uninstall() -> None:
    """Take the names back; modules that were imported keep theirs."""
    global _finder
    if _finder is None:
        return
    sys.meta_path.remove(_finder)
    _finder = None
    for name in list(sys.modules):
        if name.partition(".")[0] in VERSIONS:
            del sys.modules[name]
