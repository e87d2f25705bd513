"""The names of ``werkzeug.routing.matcher``."""

from __future__ import annotations

from erlen.routing.matcher import Matcher
from erlen.routing.matcher import Node as State
from erlen.routing.matcher import SlashMissing as SlashRequired


class StateMachineMatcher(Matcher):
    """Erlen's matcher with one more name for a method."""

    def update(self) -> None:
        """Order the tree, after rules were added."""
        self.sort()


__all__ = ["SlashRequired", "State", "StateMachineMatcher"]
