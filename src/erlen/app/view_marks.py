"""What an extension was told of single views, their classes, blueprints and endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..context.messages import blueprint_path

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from .application import Erlen
    from .blueprint import Blueprint

    Markable: TypeAlias = Callable[..., Any] | Blueprint | str

T = TypeVar("T")


class ViewMarks(Generic[T]):
    """A value for each marked view; what is innermost wins.

    :param name: the attribute in which a view function keeps its value.  ``functools.wraps`` hands
        it on, so that a mark below other decorators is found.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._endpoints: dict[str, T] = {}
        # Blueprints can be registered under several names, and are not hashable by contract.
        self._blueprints: list[tuple[Blueprint, T]] = []
        #: Whether anything was ever marked.
        self.has_any: bool = False

    def mark(self, target: Markable, value: T) -> None:
        """Keep a value for a view function, a view class, a blueprint with all that is nested in
        it, or an endpoint.

        :raises TypeError: for anything else
        """
        self.has_any = True
        if isinstance(target, str):
            self._endpoints[target] = value
        elif hasattr(target, "register_blueprint"):
            self._blueprints.append((target, value))  # type: ignore[arg-type]
        elif callable(target):
            # A method takes no attributes, its function does.
            setattr(getattr(target, "__func__", target), self._name, value)
        else:
            raise TypeError(
                f"This takes a view function, a blueprint or an endpoint, not {target!r}."
            )

    def of(self, target: Markable) -> T | None:
        """What :meth:`mark` kept for a target itself."""
        if isinstance(target, str):
            return self._endpoints.get(target)
        for blueprint, value in reversed(self._blueprints):
            if blueprint is target:
                return value
        return getattr(target, self._name, None)

    def find(self, app: Erlen, endpoint: str | None) -> tuple[str, T] | None:
        """The value for an endpoint, and the name that it is shared by: the endpoint's or the
        blueprint's; ``None`` if there is no mark."""
        if endpoint is None or not self.has_any:
            return None
        if endpoint in self._endpoints:
            return endpoint, self._endpoints[endpoint]
        name = self._name
        view: Any = app.view_functions.get(endpoint)
        if hasattr(view, name):
            return endpoint, getattr(view, name)
        # A subclass of a marked class is another view.
        of_class = vars(getattr(view, "view_class", object))
        if name in of_class:
            return endpoint, of_class[name]
        if self._blueprints and "." in endpoint:
            for path in blueprint_path(endpoint.rpartition(".")[0]):
                registered = app.blueprints.get(path)
                for blueprint, value in reversed(self._blueprints):
                    if blueprint is registered:
                        return path, value
        return None
