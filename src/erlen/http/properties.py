"""Attributes that are computed once, and attributes that stand for a header."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar, overload

from .noticing import set_quietly

T = TypeVar("T")
_MISSING: Any = object()

if TYPE_CHECKING:
    Read = TypeVar("Read", covariant=True)
    Written = TypeVar("Written", contravariant=True)

    class Attribute(Protocol[Read, Written]):
        """What checkers are told of a ``property`` that a function makes: what reading gives, and
        what may be assigned."""

        def __get__(self, instance: Any, owner: type, /) -> Read: ...
        def __set__(self, instance: Any, value: Written, /) -> None: ...
        def __delete__(self, instance: Any, /) -> None: ...


class cached_property(Generic[T]):
    """A property that is computed at first access and then kept in the instance's ``__dict__``.

    Assigning replaces the value; deleting lets it be computed anew.

    :param name: the key in ``__dict__``, by default the function's name
    """

    # What it is to isinstance(), and so to Sphinx and pydoc. Python takes it for what its type is:
    # PERF: without __set__, what is kept in the instance is found with no call.
    __class__ = property  # type: ignore[assignment]
    __module__: str

    def __init__(
        self, fget: Callable[[Any], T], name: str | None = None, doc: str | None = None
    ) -> None:
        self.fget = fget
        self.__name__: str = name or fget.__name__
        self.slot_name: str = f"_cache_{self.__name__}"
        self.__doc__ = doc or fget.__doc__
        self.__module__ = fget.__module__

    def __set_name__(self, owner: type, name: str) -> None:
        if name != self.__name__ or not owner.__dictoffset__:
            # Python would keep what is assigned under another key, or nowhere.
            # It is part of making the class, which is no change.
            set_quietly(owner, name, _AssignedProperty(self.fget, self.__name__, self.__doc__))

    @overload
    def __get__(self, obj: None, owner: type | None = None) -> Self: ...

    @overload
    def __get__(self, obj: object, owner: type | None = None) -> T: ...

    def __get__(self, obj: Any, owner: type | None = None) -> Any:
        if obj is None:
            return self
        try:
            values = obj.__dict__
        except AttributeError:
            # A class with __slots__ and no __dict__ reserves a slot named _cache_NAME.
            value = getattr(obj, self.slot_name, _MISSING)
            if value is _MISSING:
                value = self.fget(obj)
                setattr(obj, self.slot_name, value)
            return value
        name = self.__name__
        if name in values:
            return values[name]
        value = values[name] = self.fget(obj)
        return value


class _AssignedProperty(cached_property[T]):
    """It where the instance has no ``__dict__``, or the attribute has another name than the key."""

    def __set_name__(self, owner: type, name: str) -> None:
        """It is what it has to be."""

    def __set__(self, obj: Any, value: T) -> None:
        if hasattr(obj, "__dict__"):
            obj.__dict__[self.__name__] = value
        else:
            setattr(obj, self.slot_name, value)

    def __delete__(self, obj: Any) -> None:
        if hasattr(obj, "__dict__"):
            del obj.__dict__[self.__name__]
        else:
            delattr(obj, self.slot_name)


class _KeyProperty(Generic[T]):
    """An attribute that stands for a key of a mapping, with conversions both ways.

    :param name: the key
    :param default: what a missing or malformed value reads as
    :param load_func: from the text to the value
    :param dump_func: from the value to the text
    :param read_only: refuse to assign; the default depends on the kind
    """

    read_only: bool = False

    def __init__(
        self,
        name: str,
        default: T | None = None,
        load_func: Callable[[str], T | None] | None = None,
        dump_func: Callable[[Any], str | None] | None = None,
        read_only: bool | None = None,
        doc: str | None = None,
    ) -> None:
        self.name = name
        self.default = default
        self.load_func = load_func
        self.dump_func = dump_func
        if read_only is not None:
            self.read_only = read_only
        self.__doc__ = doc or f"The ``{name}`` header."

    def lookup(self, instance: Any) -> Any:
        """The mapping that holds the key."""
        raise NotImplementedError

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type) -> T | None: ...

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self
        value = self.lookup(instance).get(self.name, _MISSING)
        if value is _MISSING:
            return self.default
        if self.load_func is None:
            return value
        try:
            return self.load_func(value)
        except (ValueError, TypeError):
            return self.default

    def __set__(self, instance: Any, value: Any) -> None:
        if self.read_only:
            raise AttributeError("read only property")
        mapping = self.lookup(instance)
        if value is None:
            mapping.pop(self.name, None)
        else:
            mapping[self.name] = value if self.dump_func is None else self.dump_func(value)

    def __delete__(self, instance: Any) -> None:
        if self.read_only:
            raise AttributeError("read only property")
        self.lookup(instance).pop(self.name, None)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class environ_property(_KeyProperty[T]):
    """An attribute that stands for a key of the WSGI environment; read-only by default."""

    read_only: bool = True

    def lookup(self, instance: Any) -> Any:
        return instance.environ


class header_property(_KeyProperty[T]):
    """An attribute that stands for a header."""

    def lookup(self, instance: Any) -> Any:
        return instance.headers
