"""Adding filters, tests and globals to the templates of an application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, overload

from .setupmethod import setupmethod

if TYPE_CHECKING:
    from collections.abc import Callable

    from .. import typing as ft
    from ..templating.environment import Environment

F = TypeVar("F")
T_template_filter = TypeVar("T_template_filter", bound="ft.TemplateFilterCallable")
T_template_global = TypeVar("T_template_global", bound="ft.TemplateGlobalCallable")
T_template_test = TypeVar("T_template_test", bound="ft.TemplateTestCallable")


class TemplateFunctions:
    """The set-up methods of templates; a mix-in over an object that has ``jinja_env``."""

    if TYPE_CHECKING:

        @property
        def jinja_env(self) -> Environment: ...

    @overload
    def template_filter(self, name: T_template_filter) -> T_template_filter: ...

    @overload
    def template_filter(
        self, name: str | None = None
    ) -> Callable[[T_template_filter], T_template_filter]: ...

    @setupmethod
    def template_filter(self, name: Any = None) -> Any:
        """Decorate a template filter; its name is the function's unless given."""
        return decorator_of(self.add_template_filter, name)

    @setupmethod
    def add_template_filter(self, f: ft.TemplateFilterCallable, name: str | None = None) -> None:
        """Add a template filter."""
        self.jinja_env.filters[name or f.__name__] = f

    @overload
    def template_test(self, name: T_template_test) -> T_template_test: ...

    @overload
    def template_test(
        self, name: str | None = None
    ) -> Callable[[T_template_test], T_template_test]: ...

    @setupmethod
    def template_test(self, name: Any = None) -> Any:
        """Decorate a template test; its name is the function's unless given."""
        return decorator_of(self.add_template_test, name)

    @setupmethod
    def add_template_test(self, f: ft.TemplateTestCallable, name: str | None = None) -> None:
        """Add a template test."""
        self.jinja_env.tests[name or f.__name__] = f

    @overload
    def template_global(self, name: T_template_global) -> T_template_global: ...

    @overload
    def template_global(
        self, name: str | None = None
    ) -> Callable[[T_template_global], T_template_global]: ...

    @setupmethod
    def template_global(self, name: Any = None) -> Any:
        """Decorate a template global; its name is the function's unless given."""
        return decorator_of(self.add_template_global, name)

    @setupmethod
    def add_template_global(self, f: ft.TemplateGlobalCallable, name: str | None = None) -> None:
        """Add a template global."""
        self.jinja_env.globals[name or f.__name__] = f


def decorator_of(add: Callable[..., None], name: Any) -> Any:
    """What registers a function: ``@filter``, ``@filter()`` and ``@filter("name")``.

    :param name: the name, or the function where the decorator has no parentheses
    """
    if callable(name):
        add(name)
        return name

    def decorator(f: F) -> F:
        add(f, name=name)
        return f

    return decorator
