"""Classes that tell when somebody replaces one of their methods, as agents and tests do."""

from __future__ import annotations

from abc import ABCMeta
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    _Meta = ABCMeta
else:
    _Meta = type(Protocol)

#: What is called behind each change.
listeners: list[Callable[[], Any]] = []
#: Set an attribute of such a class, and tell nobody.
set_quietly: Callable[[type, str, Any], None] = type.__setattr__


# What ABCMeta sets while it makes a class.
_OF_MAKING = {"__abstractmethods__", "_abc_impl"}


class Noticing(_Meta):
    """The class of classes whose changed attributes are told to :data:`listeners`.

    Where they have a ``_learn_anew``, it is called first, on the class and on its subclasses, for
    what they derive from their attributes.  It is below ``ABCMeta`` and the class of protocols, so
    that they may have abstract base classes and protocols too.
    """

    if not TYPE_CHECKING:
        # PERF: no protocols, which ask all this in Python.
        __instancecheck__ = type.__instancecheck__
        __subclasscheck__ = type.__subclasscheck__

        # A checker would take each misspelled attribute of a class for one that may be set.

        def __setattr__(cls, name: str, value: Any) -> None:
            super().__setattr__(name, value)
            if name not in _OF_MAKING:
                cls._changed()

        def __delattr__(cls, name: str) -> None:
            super().__delattr__(name)
            cls._changed()

    def _changed(cls) -> None:
        _learn(cls)
        for listener in listeners:
            listener()


def _learn(cls: Any) -> None:
    learn = getattr(cls, "_learn_anew", None)
    if learn is not None:
        learn()
        for subclass in cls.__subclasses__():
            _learn(subclass)


class Noticed(metaclass=Noticing):
    """Objects that tell it too when one of their methods is replaced on themselves."""

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if callable(value):
            type(self)._changed()

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        type(self)._changed()
