"""The annotations of functions and classes, one at a time, so that one that cannot be resolved does
not hide the others."""

from __future__ import annotations

import ast
import inspect
import sys
from typing import TYPE_CHECKING, Any, ForwardRef, Literal, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Callable


class Unresolved:
    """An annotation whose names are not there.

    :param value: what is written: text, or an object with text in it
    :param names: what stands for a name that is there
    :param reason: why it cannot be resolved
    """

    def __init__(self, value: Any, names: dict[str, Any], reason: str) -> None:
        self.text: str = value if isinstance(value, str) else repr(value)
        self.reason = reason
        self._value = value
        self._names = names

    def objects(self) -> list[Any]:
        """What those of its names stand for that are there."""
        if not isinstance(self._value, str):
            return [self._value]
        found = []
        try:
            tree = ast.parse(self.text, mode="eval")
        except SyntaxError:
            return []
        for node in ast.walk(tree):
            if isinstance(node, ast.Name | ast.Attribute):
                try:
                    found.append(eval(ast.unparse(node), self._names))
                except Exception:
                    continue
        return found


def class_annotations(cls: type) -> list[str]:
    """The names that a class itself annotates, but for those of the class."""
    return [name for name, text in _raw(cls).items() if "ClassVar" not in str(text)]


def field_types(cls: type, base: type) -> dict[str, Any]:
    """The types of all that a class annotates, and those of its bases that are below ``base``.

    :raises TypeError: for one that cannot be resolved
    """
    found: dict[str, Any] = {}
    for part in reversed(cls.__mro__):
        if not issubclass(part, base) or part is base:
            continue
        names = vars(sys.modules[part.__module__])
        for name, value in _raw(part).items():
            if "ClassVar" in str(value):
                continue
            found[name] = _resolved(value, names)
            if isinstance(found[name], Unresolved):
                raise TypeError(
                    f"The field {name!r} of {part.__name__} says {found[name].text!r}, which cannot"
                    f" be resolved: {found[name].reason}. Import or define its names at the top of"
                    " the module."
                )
    return found


def view_annotations(view: Callable[..., Any]) -> dict[str, Any]:
    """The annotations of a view's parameters, and ``"return"``; an :class:`Unresolved` in place of
    one whose names are not there."""
    function: Any = inspect.unwrap(view)
    function = getattr(function, "__func__", function)
    raw = _raw(function)
    if not raw:
        return {}
    names = {**getattr(function, "__globals__", {})}
    code = getattr(function, "__code__", None)
    if code is not None:
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
            try:
                names[name] = cell.cell_contents
            except ValueError:
                continue
    for parameter in getattr(function, "__type_params__", ()):
        names[parameter.__name__] = parameter
    found = {name: _resolved(value, names) for name, value in raw.items()}
    # So that None is told from no annotation.
    return {name: type(None) if value is None else value for name, value in found.items()}


def _raw(owner: Any) -> dict[str, Any]:
    """The annotations as they stand: objects or text."""
    if sys.version_info >= (3, 14):
        from annotationlib import Format, get_annotations

        return get_annotations(owner, format=Format.FORWARDREF)
    return inspect.get_annotations(owner) if callable(owner) else {}


def _resolved(value: Any, names: dict[str, Any]) -> Any:
    if isinstance(value, ForwardRef):
        value = value.__forward_arg__
    elif not isinstance(value, str) and not _has_reference(value):
        return value
    try:
        found = eval(value, names) if isinstance(value, str) else value
        if not isinstance(found, str) and not _has_reference(found):
            return found
        holder: Any = type("holder", (), {"__annotations__": {"value": found}})
        return get_type_hints(holder, names, include_extras=True)["value"]
    except Exception as error:
        return Unresolved(value, names, str(error))


def _has_reference(value: Any) -> bool:
    """Whether text stands somewhere in an annotation, as in ``Body["Item"]``."""
    if get_origin(value) is Literal:
        return False
    return any(isinstance(part, str) or _has_reference(part) for part in get_args(value)) or (
        isinstance(value, ForwardRef)
    )
