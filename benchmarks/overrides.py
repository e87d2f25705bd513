"""Applications that say hello with one of their methods overridden, or with an attribute set by the
view: what that costs beside the plain one.

An override only calls the method that it stands for.
"""

from __future__ import annotations

from typing import Any

PLAIN = "nothing"
ATTRIBUTE = "an attribute set by the view"


def methods() -> tuple[str, ...]:
    """Those that a request may go through."""
    from erlen.walk.desk import STEPS

    return STEPS


def make(is_async: bool = False) -> dict[str, Any]:
    """The applications, by what is overridden; all of them answer ``/``.

    :param is_async: whether the views are ``async``
    """
    import erlen

    def hello(cls: type[Any]) -> Any:
        app = cls("override")

        def view() -> Any:
            return "Hello, World!"

        async def twin() -> Any:
            return "Hello, World!"

        app.add_url_rule("/", "hello", twin if is_async else view)
        return app

    apps = {PLAIN: hello(erlen.Erlen)}
    apps.update((name, hello(overriding(erlen.Erlen, name))) for name in methods())
    app = apps[ATTRIBUTE] = erlen.Erlen("attribute")
    app.hits = 0

    def counting() -> Any:
        app.hits += 1
        return "Hello, World!"

    async def counting_twin() -> Any:
        app.hits += 1
        return "Hello, World!"

    app.add_url_rule("/", "hello", counting_twin if is_async else counting)
    return apps


def overriding(base: type[Any], name: str) -> type[Any]:
    """A subclass with a method of that name, which calls the base's."""

    class Overriding(base):  # type: ignore[misc]
        def method(self, *args: Any, **kwargs: Any) -> Any:
            return getattr(super(), name)(*args, **kwargs)

    setattr(Overriding, name, Overriding.method)
    return Overriding
