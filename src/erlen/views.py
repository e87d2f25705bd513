"""Views as classes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from .context.contexts import current_context, current_request_context

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from . import typing as ft

http_method_funcs: frozenset[str] = frozenset(
    {"get", "post", "head", "options", "delete", "put", "trace", "patch"}
)


class View:
    """A view as a class: subclass it, write :meth:`dispatch_request`, and register
    ``as_view("name")``.

    >>> class Hello(View):
    ...     def dispatch_request(self, name):
    ...         return f"Hello, {name}!"
    >>> app.add_url_rule("/hello/<name>", view_func=Hello.as_view("hello"))
    """

    #: The methods that it answers.
    methods: ClassVar[Collection[str] | None] = None
    #: Whether OPTIONS is answered by itself.
    provide_automatic_options: ClassVar[bool | None] = None
    #: Applied to the view function, the first one first.
    decorators: ClassVar[list[Callable[..., Any]]] = []
    #: Whether each request gets an instance of its own; otherwise one serves them all.
    init_every_request: ClassVar[bool] = True

    def dispatch_request(
        self, *args: Any, **kwargs: Any
    ) -> ft.ResponseReturnValue | Awaitable[ft.ResponseReturnValue]:
        """Answer the request; it gets the variables of the rule."""
        raise NotImplementedError

    @classmethod
    def as_view(cls, name: str, *class_args: Any, **class_kwargs: Any) -> ft.RouteCallable:
        """A view function of this class.

        :param name: its endpoint
        :param class_args: what the class is made with
        """
        view: Any
        if cls.init_every_request:

            def fresh_view(**kwargs: Any) -> Any:
                self = view.view_class(*class_args, **class_kwargs)
                return current_context().app.ensure_sync(self.dispatch_request)(**kwargs)

            view = fresh_view
        else:
            self = cls(*class_args, **class_kwargs)

            def shared_view(**kwargs: Any) -> Any:
                return current_context().app.ensure_sync(self.dispatch_request)(**kwargs)

            view = shared_view
        if cls.decorators:
            view.__name__ = name
            view.__module__ = cls.__module__
            for decorator in cls.decorators:
                view = decorator(view)
        # Extensions find the class through these.
        view.view_class = cls
        view.__name__ = name
        view.__doc__ = cls.__doc__
        view.__module__ = cls.__module__
        view.methods = cls.methods
        view.provide_automatic_options = cls.provide_automatic_options
        return view  # type: ignore[no-any-return]


class MethodView(View):
    """A view with a method for each HTTP method: ``get``, ``post`` …

    HEAD goes to ``get`` unless there is a ``head``.
    """

    methods: ClassVar[Collection[str] | None]
    # What stands for methods, by their names, where ``erlen.api`` reads their arguments.
    typed_methods: ClassVar[dict[str, Callable[..., Any]] | None] = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "methods" in cls.__dict__:
            return
        methods: set[str] = set()
        for base in cls.__bases__:
            if getattr(base, "methods", None):
                methods.update(base.methods)  # type: ignore[attr-defined]
        methods.update(name.upper() for name in http_method_funcs if hasattr(cls, name))
        if methods:
            cls.methods = methods

    def dispatch_request(self, **kwargs: Any) -> ft.ResponseReturnValue:
        ctx = current_request_context()
        name = ctx.request.method.lower()
        method = getattr(self, name, None)
        if method is None and name == "head":
            name = "get"
            method = getattr(self, name, None)
        if method is None:
            raise AssertionError(
                f"Unimplemented method {ctx.request.method!r}: {type(self).__name__} has no"
                f" {name}()."
            )
        if self.typed_methods is not None and name in self.typed_methods:
            method = partial(self.typed_methods[name], self)
        return ctx.app.ensure_sync(method)(**kwargs)  # type: ignore[no-any-return]
