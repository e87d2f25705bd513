"""Proxies for objects that depend on the context, and storage per context."""

from __future__ import annotations

import copy
import math
import operator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")


def release_local(local: Local | LocalStack[Any]) -> None:
    """Drop what the current context keeps in a local."""
    local.__release_local__()


class Local:
    """A namespace of its own in each context (thread, greenlet, task).

    :param context_var: the variable that keeps it
    """

    __slots__ = ("__storage",)

    def __init__(self, context_var: ContextVar[dict[str, Any]] | None = None) -> None:
        if context_var is None:
            # A variable is never freed, so locals belong at module level.
            context_var = ContextVar(f"erlen.Local<{id(self)}>")
        object.__setattr__(self, "_Local__storage", context_var)

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(self.__storage.get({}).items())

    def __call__(self, name: str, *, unbound_message: str | None = None) -> LocalProxy[Any]:
        """A proxy for one name of the namespace."""
        return LocalProxy(self, name, unbound_message=unbound_message)

    def __release_local__(self) -> None:
        self.__storage.set({})

    def __getattr__(self, name: str) -> Any:
        values = self.__storage.get({})
        if name in values:
            return values[name]
        raise AttributeError(name)

    def __setattr__(self, name: str, value: Any) -> None:
        # A copy: the dictionary may be shared with a context that was copied.
        values = self.__storage.get({}).copy()
        values[name] = value
        self.__storage.set(values)

    def __delattr__(self, name: str) -> None:
        values = self.__storage.get({})
        if name not in values:
            raise AttributeError(name)
        values = values.copy()
        del values[name]
        self.__storage.set(values)


class LocalStack(Generic[T]):
    """A stack of its own in each context.

    :param context_var: the variable that keeps it
    """

    __slots__ = ("_storage",)

    def __init__(self, context_var: ContextVar[list[T]] | None = None) -> None:
        if context_var is None:
            context_var = ContextVar(f"erlen.LocalStack<{id(self)}>")
        self._storage = context_var

    def __release_local__(self) -> None:
        self._storage.set([])

    def push(self, obj: T) -> list[T]:
        """Put an object on top; returns the stack."""
        stack = self._storage.get([]).copy()
        stack.append(obj)
        self._storage.set(stack)
        return stack

    def pop(self) -> T | None:
        """Take the object from the top, or ``None`` from an empty stack."""
        stack = self._storage.get([])
        if not stack:
            return None
        top = stack[-1]
        self._storage.set(stack[:-1])
        return top

    @property
    def top(self) -> T | None:
        """The object on top, or ``None``."""
        stack = self._storage.get([])
        return stack[-1] if stack else None

    def __call__(
        self, name: str | None = None, *, unbound_message: str | None = None
    ) -> LocalProxy[Any]:
        """A proxy for the object on top, or for one of its attributes."""
        return LocalProxy(self, name, unbound_message=unbound_message)


class LocalManager:
    """Releases locals at the end of each request, for applications without contexts.

    :param locals: a local, or several
    """

    __slots__ = ("locals",)

    def __init__(
        self, locals: Local | LocalStack[Any] | Iterable[Local | LocalStack[Any]] | None = None
    ) -> None:
        if locals is None:
            self.locals: list[Local | LocalStack[Any]] = []
        elif isinstance(locals, (Local, LocalStack)):
            self.locals = [locals]
        else:
            self.locals = list(locals)

    def cleanup(self) -> None:
        """Release the locals in this context."""
        for local in self.locals:
            release_local(local)

    def make_middleware(self, app: Callable[..., Iterable[bytes]]) -> Callable[..., Any]:
        """A WSGI application that releases the locals behind each request."""

        def application(environ: dict[str, Any], start_response: Any) -> Any:
            from ..http.streams import ClosingIterator

            return ClosingIterator(app(environ, start_response), self.cleanup)

        return application

    def middleware(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """:meth:`make_middleware` as a decorator."""
        from functools import update_wrapper

        return update_wrapper(self.make_middleware(func), func)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} storages: {len(self.locals)}>"


class _ProxyDoc:
    """The documentation of the class, and for a bound proxy that of its object."""

    def __init__(self, doc: str) -> None:
        self.doc = doc

    def __get__(self, proxy: Any, owner: type | None = None) -> str | None:
        if proxy is None:
            return self.doc
        try:
            return proxy._get_current_object().__doc__  # type: ignore[no-any-return]
        except RuntimeError:
            return self.doc


class LocalProxy(Generic[T]):
    """A proxy, made with ``LocalProxy(local)``: it stands for an object that is found anew at each
    use.

    :param local: where it is: a :class:`Local` (with ``name``), a :class:`LocalStack`, a
        ``ContextVar``, or a function that returns it or raises ``RuntimeError``
    :param name: the attribute of it
    :param unbound_message: the error where there is none
    """

    __slots__ = ("__name", "__wrapped", "_get_current_object")

    _get_current_object: Callable[[], T]

    def __init__(
        self,
        local: ContextVar[T] | Local | LocalStack[T] | Callable[[], T],
        name: str | None = None,
        *,
        unbound_message: str | None = None,
    ) -> None:
        object.__setattr__(self, "_LocalProxy__name", name)
        object.__setattr__(self, "_LocalProxy__wrapped", local)
        object.__setattr__(self, "_get_current_object", _finder(local, name, unbound_message))

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__getattribute__" not in vars(cls):
            # It may have attributes of its own, and add some later.
            cls.__getattribute__ = object.__getattribute__  # type: ignore[method-assign]
            if not hasattr(cls, "__getattr__"):
                cls.__getattr__ = _attribute  # type: ignore[attr-defined]

    __doc__ = _ProxyDoc(__doc__)  # pyright: ignore

    @property
    def __wrapped__(self) -> Any:
        try:
            found: Any = _find(self)()
        except RuntimeError:
            # What inspection tools follow: where the object of an unbound proxy would be.
            return object.__getattribute__(self, "_LocalProxy__wrapped")
        return found.__wrapped__

    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        return _find(self)().__dict__

    @property
    def __class__(self) -> Any:
        try:
            return _find(self)().__class__
        except RuntimeError:
            return type(self)

    @__class__.setter
    def __class__(self, value: Any) -> None:
        raise AttributeError("A proxy's class is that of its object.")

    def __repr__(self) -> str:
        try:
            found = _find(self)()
        except RuntimeError:
            return f"<{type(self).__name__} unbound>"
        return repr(found)

    def __bool__(self) -> bool:
        try:
            return bool(_find(self)())
        except RuntimeError:
            return False

    def __dir__(self) -> list[str]:
        try:
            return dir(_find(self)())
        except RuntimeError:
            return []

    # PERF: in place of __getattr__, which Python asks only behind a look-up that fails with an
    # error. What the class has itself is looked up as ever.
    def __getattribute__(self, name: str) -> Any:
        return own_attribute(self, name) if name in OWN_NAMES else getattr(_find(self)(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(_find(self)(), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(_find(self)(), name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _find(self)()(*args, **kwargs)

    def __instancecheck__(self, other: Any) -> bool:
        return isinstance(other, _find(self)())

    def __subclasscheck__(self, other: Any) -> bool:
        return issubclass(other, _find(self)())

    def __getitem__(self, key: Any) -> Any:
        return _find(self)()[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        _find(self)()[key] = value

    def __contains__(self, item: Any) -> bool:
        return item in _find(self)()

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(
            "A proxy is of this process and cannot be pickled. Pickle its object:"
            " proxy._get_current_object()"
        )

    if TYPE_CHECKING:
        # What is forwarded below, as far as the language asks for its types.
        def __bytes__(self) -> bytes: ...
        def __len__(self) -> int: ...
        def __delitem__(self, key: Any) -> None: ...
        def __iter__(self) -> Any: ...
        def __next__(self) -> Any: ...
        def __reversed__(self) -> Any: ...
        def __enter__(self) -> Any: ...
        def __exit__(self, *args: Any) -> Any: ...
        def __await__(self) -> Any: ...
        def __aiter__(self) -> Any: ...
        def __anext__(self) -> Any: ...
        def __aenter__(self) -> Any: ...
        def __aexit__(self, *args: Any) -> Any: ...
        def __complex__(self) -> complex: ...
        def __int__(self) -> int: ...
        def __float__(self) -> float: ...
        def __index__(self) -> int: ...
        def __round__(self, *args: Any) -> Any: ...
        def __trunc__(self) -> Any: ...
        def __floor__(self) -> Any: ...
        def __ceil__(self) -> Any: ...


# PERF: past ``__getattribute__``.
own_attribute: Any = object.__getattribute__
_find: Any = vars(LocalProxy)["_get_current_object"].__get__


def _attribute(self: Any, name: str) -> Any:
    return getattr(_find(self)(), name)


def _finder(local: Any, name: str | None, message: str | None) -> Callable[[], Any]:
    """The function that finds the object of a proxy."""
    attribute: Callable[[Any], Any] = (
        (lambda obj: obj) if name is None else operator.attrgetter(name)
    )
    unbound = message or "object is not bound"
    if isinstance(local, Local):
        if name is None:
            raise TypeError("'name' is required when proxying a 'Local' object.")

        def find() -> Any:
            try:
                return attribute(local)
            except AttributeError:
                raise RuntimeError(unbound) from None

    elif isinstance(local, LocalStack):

        def find() -> Any:
            top = local.top
            if top is None:
                raise RuntimeError(unbound)
            return attribute(top)

    elif isinstance(local, ContextVar):

        def find() -> Any:
            try:
                value = local.get()
            except LookupError:
                raise RuntimeError(unbound) from None
            return attribute(value)

    elif callable(local):
        if name is None:
            function: Callable[[], Any] = local
            return function

        def find() -> Any:
            return attribute(local())

    else:
        raise TypeError(f"Don't know how to proxy {type(local)!r}.")
    return find


def _forward(name: str, function: Callable[..., Any]) -> None:
    def method(self: Any, *args: Any) -> Any:
        return function(_find(self)(), *args)

    method.__name__ = name
    setattr(LocalProxy, name, method)


def _forward_swapped(name: str, function: Callable[[Any, Any], Any]) -> None:
    def method(self: Any, other: Any) -> Any:
        return function(other, _find(self)())

    method.__name__ = name
    setattr(LocalProxy, name, method)


def _forward_in_place(name: str, function: Callable[[Any, Any], Any]) -> None:
    def method(self: Any, other: Any) -> Any:
        # The object is changed; the name keeps the proxy.
        function(_find(self)(), other)
        return self

    setattr(LocalProxy, name, method)


for _function in (
    str, bytes, format, hash, len, iter, next, reversed, complex, int, float, round, divmod,
    copy.copy, copy.deepcopy, math.trunc, math.floor, math.ceil, operator.length_hint,
    operator.index, operator.delitem, operator.lt, operator.le, operator.eq, operator.ne,
    operator.gt, operator.ge, operator.neg, operator.pos, operator.abs, operator.invert,
):  # fmt: skip
    _forward(f"__{_function.__name__}__", _function)
for _name in ("enter", "exit", "await", "aiter", "anext", "aenter", "aexit"):
    _forward(f"__{_name}__", lambda obj, *args, _name=f"__{_name}__": getattr(obj, _name)(*args))
for _name in (
    "add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow", "lshift", "rshift",
    "and", "xor", "or",
):  # fmt: skip
    _forward(f"__{_name}__", getattr(operator, f"__{_name}__"))
    _forward_swapped(f"__r{_name}__", getattr(operator, f"__{_name}__"))
    _forward_in_place(f"__i{_name}__", getattr(operator, f"__i{_name}__"))
_forward_swapped("__rdivmod__", divmod)
# What a proxy has itself; everything else is its object's.
OWN_NAMES = frozenset(dir(LocalProxy))
