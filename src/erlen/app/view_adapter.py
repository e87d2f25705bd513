"""What a view is made into when it is registered, where somebody asked for that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class Adapter(Protocol):
    """Makes views of what people write."""

    def __call__(self, app: Any, rule: Any, view: Callable[..., Any]) -> Callable[..., Any]:
        """The view to register for a rule: ``view`` itself, or what calls it."""
        ...


class ViewAdapter:
    """The place of the adapter of this process; ``erlen.api`` sets it when it is imported."""

    adapt: Adapter | None = None


view_adapter: ViewAdapter = ViewAdapter()
