"""The finders on ``sys.meta_path``."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from .missing import attach, module_instead_of
from .names import is_answered, is_fallback, target_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from importlib.metadata import Distribution
    from types import CodeType, ModuleType


class AliasLoader:
    """Puts a module of Erlen into ``sys.modules`` under a second name.

    :param name: the second name
    :param target: the module's own
    """

    def __init__(self, name: str, target: str) -> None:
        self.name = name
        self.target = target
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


def _alias_spec(name: str) -> ModuleSpec | None:
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
    spec = _AliasSpec(name, AliasLoader(name, target), found.origin)
    spec.submodule_search_locations = found.submodule_search_locations
    return spec


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
            return None
        spec = _alias_spec(name)
        # importlib.util.find_spec() asks whether there is one, and wants no error.
        if spec is None and sys._getframe(2).f_code.co_name != "find_spec":
            instead = module_instead_of(name)
            if instead is not None:
                raise ModuleNotFoundError(
                    f"No module named {name!r}. Write instead: {instead}", name=name
                )
        return spec


class FallbackFinder:
    """Stands last: answers for what is not installed, modules and distributions."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of an alias that gives way to an installed module."""
        return _alias_spec(name) if is_fallback(name) else None

    def find_distributions(self, context: Any = None) -> Iterable[Distribution]:
        """What :mod:`importlib.metadata` asks for the versions of."""
        from .distributions import find_distributions

        return find_distributions(context)
