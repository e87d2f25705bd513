"""What a view says in its annotations, read once, when it is registered."""

from __future__ import annotations

import inspect
import types
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, Union, get_args, get_origin

from . import markers
from .annotations import Unresolved, view_annotations
from .markers import FromBody, FromForm, NoneIsNotFound, Source, Status
from .models import is_answer, is_model

if TYPE_CHECKING:
    from collections.abc import Callable

_UNIONS = (Union, types.UnionType)
_EMPTY = inspect.Parameter.empty
_MARKS = (Source, Status, NoneIsNotFound)
# Those that take a type, without one: "item: Body".
_BARE = {id(getattr(markers, n)): n for n in ("Body", "Form", "Query", "Header", "Cookie")}
_BARE_ANSWERS = {id(getattr(markers, n)): n for n in ("Created", "Accepted", "OrNotFound")}
_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})


class ViewError(TypeError):
    """The annotations of a view cannot be kept; raised when it is registered."""


@dataclass(frozen=True)
class Parameter:
    """One value that a view takes.

    :param source: where it comes from; ``None`` is the path
    :param type: without the marker of the source
    :param default: what it is where nothing was sent; :attr:`is_required` if there is none
    """

    name: str
    source: Source | None
    type: Any
    default: Any = _EMPTY

    @property
    def is_required(self) -> bool:
        """Whether something has to be sent."""
        return self.default is _EMPTY

    @property
    def place(self) -> str:
        """The word for where it comes from."""
        return "path" if self.source is None else self.source.place


@dataclass(frozen=True)
class Signature:
    """What a typed view takes and answers.

    :param name: where the view is found, for errors
    :param returns: its annotation, ``None`` without one
    """

    name: str
    parameters: tuple[Parameter, ...]
    returns: Any

    @property
    def body(self) -> Parameter | None:
        """The parameter that the body is for."""
        for parameter in self.parameters:
            if isinstance(parameter.source, FromBody | FromForm):
                return parameter
        return None

    def check_methods(self, methods: set[str]) -> None:
        """Refuse a body where it has no meaning.

        :raises ViewError: for one in a view of GET alone
        """
        body = self.body
        if body is None or not methods <= _WITHOUT_BODY or getattr(body.source, "on_get", False):
            return
        refuse(
            self.name,
            body.name,
            "is the body, and the view answers GET alone, whose body has no meaning (RFC 9110)."
            " Register it by @app.post(…), or take the values by Query[…]; where it has to be,"
            " write Annotated[…, FromBody(on_get=True)].",
        )


def refuse(view: str, parameter: str, reason: str) -> NoReturn:
    """Raise the error of one parameter."""
    what = "The answer" if parameter == "return" else f"The parameter {parameter!r}"
    raise ViewError(f"{what} of the view {view!r} {reason}")


def signature_of(view: Callable[..., Any]) -> Signature | None:
    """What a view says; ``None`` for one without markers.

    :raises ViewError: for annotations that cannot be kept
    """
    found = view_annotations(view)
    if not any(map(_is_typed, found.values())) and not _answers(found.get("return")):
        return None
    inner: Any = inspect.unwrap(view)
    name = f"{inner.__module__}.{inner.__qualname__}".replace(".<locals>", "")
    for where, annotation in found.items():
        if isinstance(annotation, Unresolved):
            refuse(
                name,
                where,
                f"says {annotation.text!r}, which cannot be resolved: {annotation.reason}. Import"
                " or define its names at the top of the module, not in a function and not under"
                " TYPE_CHECKING.",
            )
    parameters = []
    for parameter in inspect.signature(inner).parameters.values():
        annotation = found.get(parameter.name, Any)
        if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            if _is_typed(annotation):
                refuse(name, parameter.name, "takes any number of values: name each of them.")
            continue
        if parameter.name in ("self", "cls") and parameter.name not in found:
            continue
        source, plain = split(annotation, name, parameter.name)
        if parameter.kind is parameter.POSITIONAL_ONLY:
            refuse(name, parameter.name, "is given by its name: take it from before the '/'.")
        default = parameter.default
        if default is _EMPTY and source is not None and _takes_none(plain):
            default = None
        parameters.append(Parameter(parameter.name, source, plain, default))
    bodies = [p for p in parameters if isinstance(p.source, FromBody | FromForm)]
    if len(bodies) > 1:
        refuse(
            name,
            bodies[1].name,
            f"is a second body, beside {bodies[0].name!r}. A request has one: write a type that has"
            " both as fields.",
        )
    return Signature(name, tuple(parameters), found.get("return"))


def split(annotation: Any, view: str, parameter: str) -> tuple[Source | None, Any]:
    """The source that an annotation names, and the annotation without it.

    :raises ViewError: for a marker that makes no sense there
    """
    if id(annotation) in _BARE:
        word = _BARE[id(annotation)]
        refuse(view, parameter, f"says {word} without a type: write {word}[…].")
    origin = get_origin(annotation)
    if origin is Annotated:
        plain, *rest = get_args(annotation)
        sources = [mark for mark in rest if isinstance(mark, Source)]
        if any(isinstance(mark, Status | NoneIsNotFound) for mark in rest):
            refuse(view, parameter, "has the marker of an answer: write it behind '->'.")
        if any(isinstance(mark, type) and issubclass(mark, Source) for mark in rest):
            refuse(view, parameter, "has a marker without parentheses: write FromBody().")
        inner, plain = split(plain, view, parameter)
        if len(sources) + (inner is not None) > 1:
            refuse(view, parameter, "has two markers, and comes from one place.")
        if not sources:
            rest = [mark for mark in rest if not isinstance(mark, Source)]
            return inner, (Annotated[plain, *rest] if inner else annotation)
        others = [mark for mark in rest if not isinstance(mark, Source)]
        return sources[0], Annotated[plain, *others] if others else plain
    if origin in _UNIONS:
        parts = [split(part, view, parameter) for part in get_args(annotation)]
        sources = [source for source, _ in parts if source is not None]
        if len(set(sources)) > 1:
            refuse(view, parameter, "has two markers, and comes from one place.")
        if sources:
            return sources[0], Union[tuple(plain for _, plain in parts)]  # noqa: UP007
    elif _is_typed(annotation):
        refuse(
            view,
            parameter,
            "has a marker inside of another type, where it says nothing: write it around the whole"
            " type, as in Query[list[int]].",
        )
    return None, annotation


def alternatives(annotation: Any) -> list[Any]:
    """The parts of a union, or the annotation alone."""
    if get_origin(annotation) in _UNIONS:
        return [inner for part in get_args(annotation) for inner in alternatives(part)]
    return [annotation]


def _is_typed(annotation: Any) -> bool:
    """Whether one of the markers stands somewhere in an annotation."""
    if isinstance(annotation, Unresolved):
        return any(map(_is_typed, annotation.objects()))
    if id(annotation) in _BARE or id(annotation) in _BARE_ANSWERS:
        return True
    if get_origin(annotation) is Annotated:
        plain, *rest = get_args(annotation)
        return any(isinstance(mark, _MARKS) for mark in rest) or _is_typed(plain)
    return any(_is_typed(part) for part in get_args(annotation) if not isinstance(part, str))


def _answers(annotation: Any) -> bool:
    """Whether what a view returns is to be encoded."""
    if annotation is None or isinstance(annotation, Unresolved):
        return False
    return any(is_answer(part) or is_model(part) for part in alternatives(annotation))


def _takes_none(annotation: Any) -> bool:
    return any(part in (None, type(None)) for part in alternatives(annotation))
