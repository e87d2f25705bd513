"""The finders on ``sys.meta_path``."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from .names import is_answered, is_fallback, target_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from importlib.metadata import Distribution
    from types import CodeType, ModuleType


class AliasLoader:
    """Puts a module of Erlen into ``sys.modules`` under a second name."""

    def __init__(self, target: str) -> None:
        self.target = target

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave it to the import system, which would rewrite the ``__spec__`` of ours."""

    def exec_module(self, module: ModuleType) -> None:
        """Put the target in the place of the empty module."""
        sys.modules[module.__name__] = import_module(self.target)

    def get_code(self, name: str) -> CodeType | None:
        """The code of the target, for ``python -m``."""
        loader: Any = _target_spec(self.target).loader
        code: CodeType | None = loader.get_code(self.target)
        return code


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
    loader: Any = AliasLoader(target)
    spec = ModuleSpec(name, loader, origin=found.origin)
    spec.submodule_search_locations = found.submodule_search_locations
    return spec


class AliasFinder:
    """Stands first: ``flask`` and ``werkzeug`` are Erlen's even where the real ones are
    installed."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of an alias."""
        return _alias_spec(name) if is_answered(name) else None


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
