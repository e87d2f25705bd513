"""The finders on ``sys.meta_path``."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from .companions import import_companions
from .missing import attach, module_instead_of
from .names import is_alias, is_answered, is_fallback, target_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from importlib.metadata import Distribution
    from types import CodeType, FrameType, ModuleType


class AliasLoader:
    """Puts a module of Erlen into ``sys.modules`` under a second name.

    :param name: the second name
    :param target: the module's own
    :param finder: which found it, where other modules come with it
    """

    def __init__(self, name: str, target: str, finder: Any = None) -> None:
        self.name = name
        self.target = target
        self.finder = finder
        self._spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The target: whoever stands around this loader is told of the module itself."""
        module = import_module(self.target)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Give the module its own ``__spec__`` back, in whose place the import system has put that
        of the alias.  Until all hooks were told of it, it has the name that they know."""
        module.__spec__ = self._spec
        module.__name__ = self.name
        attach(module, self.name)

    def finish(self) -> None:
        """The import is through: the module has its own name again."""
        if self._spec is not None:
            sys.modules[self.target].__name__ = self.target
            if self.finder is not None:
                import_companions(self.name, self.finder)

    def get_code(self, name: str) -> CodeType | None:
        """The code of the target, for ``python -m``."""
        loader: Any = _target_spec(self.target).loader
        code: CodeType | None = loader.get_code(self.target)
        return code


class _AliasSpec(ModuleSpec):
    """Tells its loader of the end of the import, which the import system notes here."""

    def __init__(self, name: str, loader: Any, origin: str | None) -> None:
        self._alias: AliasLoader = loader
        super().__init__(name, loader, origin=origin)

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "_initializing" and not value:
            self._alias.finish()


def _target_spec(target: str) -> ModuleSpec:
    spec = find_spec(target)
    if spec is None:
        raise ModuleNotFoundError(f"No module named {target!r}", name=target)
    return spec


def _alias_spec(name: str, finder: Any = None) -> ModuleSpec | None:
    target = target_of(name)
    if target is None:
        return None
    try:
        found = find_spec(target)
    except ModuleNotFoundError:
        # Below a twin that is a plain module.
        return None
    if found is None:
        return None
    # The import system takes any object with these methods; the abstract class is costly to import.
    spec = _AliasSpec(name, AliasLoader(name, target, finder), found.origin)
    spec.submodule_search_locations = found.submodule_search_locations
    return spec


def _is_a_question() -> bool:
    """Whether a finder is called by ``importlib.util.find_spec()``, which asks whether there is a
    module, and wants no error.  Import hooks may stand between."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_name
        if name == "_find_and_load":
            return False
        if name == "find_spec" and frame.f_globals.get("__name__") == "importlib.util":
            return True
        frame = frame.f_back
    return True


class AliasFinder:
    """Stands in front of the finder of installed modules: ``flask`` and ``werkzeug`` are Erlen's
    even where the real ones are installed.  Hooks that stand before it see these names as any
    other."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of an alias.

        :raises ModuleNotFoundError: if it is known where the module is now
        """
        if not is_answered(name):
            root = name.partition(".")[0]
            # Its path leads to a second copy of what is below it.
            is_below = is_fallback(name) and root != name
            return _alias_spec(name) if is_below and is_alias(root, sys.modules.get(root)) else None
        spec = _alias_spec(name, self)
        if spec is None and not _is_a_question():
            instead = module_instead_of(name)
            if instead is not None:
                raise ModuleNotFoundError(
                    f"No module named {name!r}. Write instead: {instead}", name=name
                )
        return spec


class FallbackFinder:
    """Stands last: answers for what is not installed, modules and distributions."""

    #: Whether somebody asked for Flask-Script's names.
    has_flask_script = False

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of an alias that gives way to an installed module.

        :raises ModuleNotFoundError: for ``flask_script``, where nobody asked for it
        """
        if not is_fallback(name) or "." in name:
            return None
        if self.has_flask_script:
            return _alias_spec(name)
        if not _is_a_question():
            raise ModuleNotFoundError(
                f"No module named {name!r}. Flask-Script is not made any more; for its names here"
                " start the program by: python -m erlen.compat --flask-script FILE, or write:"
                " erlen.compat.install(flask_script=True)",
                name=name,
            )
        return None

    def find_distributions(self, context: Any = None) -> Iterable[Distribution]:
        """What :mod:`importlib.metadata` asks for the versions of."""
        from .distributions import find_distributions

        return find_distributions(context)
