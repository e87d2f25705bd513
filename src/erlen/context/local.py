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
            self.locals = []
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

    __doc__ = _ProxyDoc(__doc__)  # pyright: ignore

    @property
    def __wrapped__(self) -> Any:
        try:
            found: Any = self._get_current_object()
        except RuntimeError:
            # What inspection tools follow: where the object of an unbound proxy would be.
            return object.__getattribute__(self, "_LocalProxy__wrapped")
        return found.__wrapped__

    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        try:
            return self._get_current_object().__dict__
        except RuntimeError:
            raise AttributeError("__dict__") from None

    @property
    def __class__(self) -> Any:
        try:
            return self._get_current_object().__class__
        except RuntimeError:
            return type(self)

    @__class__.setter
    def __class__(self, value: Any) -> None:
        raise AttributeError("A proxy's class is that of its object.")

    def __repr__(self) -> str:
        try:
            found = self._get_current_object()
        except RuntimeError:
            return f"<{type(self).__name__} unbound>"
        return repr(found)

    def __bool__(self) -> bool:
        try:
            return bool(self._get_current_object())
        except RuntimeError:
            return False

    def __dir__(self) -> list[str]:
        try:
            return dir(self._get_current_object())
        except RuntimeError:
            return []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._get_current_object(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._get_current_object(), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._get_current_object(), name)

    def __str__(self) -> str:
        return str(self._get_current_object())

    def __bytes__(self) -> bytes:
        return bytes(self._get_current_object())  # type: ignore[call-overload,no-any-return]

    def __format__(self, spec: str) -> str:
        return format(self._get_current_object(), spec)

    def __hash__(self) -> int:
        return hash(self._get_current_object())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._get_current_object()(*args, **kwargs)  # type: ignore[operator]

    def __instancecheck__(self, other: Any) -> bool:
        return isinstance(other, self._get_current_object())  # type: ignore[arg-type]

    def __subclasscheck__(self, other: Any) -> bool:
        return issubclass(other, self._get_current_object())  # type: ignore[arg-type]

    def __len__(self) -> int:
        return len(self._get_current_object())  # type: ignore[arg-type]

    def __length_hint__(self) -> int:
        return operator.length_hint(self._get_current_object())

    def __getitem__(self, key: Any) -> Any:
        return self._get_current_object()[key]  # type: ignore[index]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._get_current_object()[key] = value  # type: ignore[index]

    def __delitem__(self, key: Any) -> None:
        del self._get_current_object()[key]  # type: ignore[attr-defined]

    def __iter__(self) -> Any:
        return iter(self._get_current_object())  # type: ignore[call-overload]

    def __next__(self) -> Any:
        return next(self._get_current_object())  # type: ignore[call-overload]

    def __reversed__(self) -> Any:
        return reversed(self._get_current_object())  # type: ignore[call-overload]

    def __contains__(self, item: Any) -> bool:
        return item in self._get_current_object()  # type: ignore[operator]

    def __enter__(self) -> Any:
        return self._get_current_object().__enter__()  # type: ignore[attr-defined]

    def __exit__(self, *args: Any) -> Any:
        return self._get_current_object().__exit__(*args)  # type: ignore[attr-defined]

    def __await__(self) -> Any:
        return self._get_current_object().__await__()  # type: ignore[attr-defined]

    def __aiter__(self) -> Any:
        return self._get_current_object().__aiter__()  # type: ignore[attr-defined]

    def __anext__(self) -> Any:
        return self._get_current_object().__anext__()  # type: ignore[attr-defined]

    def __aenter__(self) -> Any:
        return self._get_current_object().__aenter__()  # type: ignore[attr-defined]

    def __aexit__(self, *args: Any) -> Any:
        return self._get_current_object().__aexit__(*args)  # type: ignore[attr-defined]

    def __copy__(self) -> Any:
        return copy.copy(self._get_current_object())

    def __deepcopy__(self, memo: Any) -> Any:
        return copy.deepcopy(self._get_current_object(), memo)

    def __complex__(self) -> complex:
        return complex(self._get_current_object())  # type: ignore[call-overload,no-any-return]

    def __int__(self) -> int:
        return int(self._get_current_object())  # type: ignore[call-overload,no-any-return]

    def __float__(self) -> float:
        return float(self._get_current_object())  # type: ignore[arg-type]

    def __index__(self) -> int:
        return operator.index(self._get_current_object())  # type: ignore[arg-type]

    def __round__(self, *args: Any) -> Any:
        return round(self._get_current_object(), *args)  # type: ignore[call-overload]

    def __trunc__(self) -> Any:
        return math.trunc(self._get_current_object())  # type: ignore[arg-type]

    def __floor__(self) -> Any:
        return math.floor(self._get_current_object())  # type: ignore[call-overload]

    def __ceil__(self) -> Any:
        return math.ceil(self._get_current_object())  # type: ignore[call-overload]


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


def _forward(name: str, function: Callable[..., Any], reflected: bool = False) -> None:
    def straight(self: Any, *args: Any) -> Any:
        return function(self._get_current_object(), *args)

    def swapped(self: Any, other: Any) -> Any:
        return function(other, self._get_current_object())

    method = swapped if reflected else straight
    method.__name__ = name
    setattr(LocalProxy, name, method)


for _name in ("lt", "le", "eq", "ne", "gt", "ge", "neg", "pos", "abs", "invert"):
    _forward(f"__{_name}__", getattr(operator, f"__{_name}__"))
for _name in (
    "add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow", "lshift", "rshift",
    "and", "xor", "or",
):  # fmt: skip
    _forward(f"__{_name}__", getattr(operator, f"__{_name}__"))
    _forward(f"__r{_name}__", getattr(operator, f"__{_name}__"), reflected=True)
_forward("__divmod__", divmod)
_forward("__rdivmod__", divmod, reflected=True)


def _forward_in_place(name: str, function: Callable[[Any, Any], Any]) -> None:
    def method(self: Any, other: Any) -> Any:
        # The object is changed; the name keeps the proxy.
        function(self._get_current_object(), other)
        return self

    setattr(LocalProxy, name, method)


for _name in (
    "iadd", "isub", "imul", "imatmul", "itruediv", "ifloordiv", "imod", "ipow", "ilshift",
    "irshift", "iand", "ixor", "ior",
):  # fmt: skip
    _forward_in_place(f"__{_name}__", getattr(operator, f"__{_name}__"))
del _name
