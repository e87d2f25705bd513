"""What a typed view returns, as a response: decided when the view is registered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

import msgspec
from msgspec import inspect as shapes

from ..context.contexts import current_request_context
from ..http.headers import Headers
from ..http.response import Response as HTTPResponse
from ..http.status import HTTP_STATUS_CODES
from .markers import NoneIsNotFound, Source, Status
from .models import is_model, plain_shape, shape_of, shapes_in, type_of
from .pages import Page
from .problems import Missing, Problem
from .projection import Undeclared, classes_of, declared, fitting
from .signature import alternatives, refuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from .signature import Signature

_JSON = "application/json"
_NO_CONTENT = (204, 304)
_encode = msgspec.json.Encoder().encode


class AnswerError(TypeError):
    """A view has answered what it does not declare."""


@dataclass(frozen=True)
class Alternative:
    """One of the answers that a view declares.

    :param type: what is encoded; ``None`` for an answer without content
    :param is_encoded: ``False`` for what goes out as in any other view
    :param is_page: whether it comes in a :class:`Page`
    """

    type: Any
    status: int = 200
    is_encoded: bool = True
    is_page: bool = False


@dataclass(frozen=True)
class Answers:
    """All answers that a view declares.

    :param none_is_missing: whether ``None`` is a 404
    """

    alternatives: tuple[Alternative, ...] = ()
    problems: tuple[type[Problem], ...] = ()
    none_is_missing: bool = False


def answers_of(signature: Signature) -> Answers:
    """What a view declares to answer.

    :raises ViewError: for answers that cannot be told apart, or cannot be encoded
    """
    found: list[Alternative] = []
    problems: list[type[Problem]] = []
    missing = False
    view = signature.name
    for part, status, is_missing in _parts(signature.returns, view):
        missing = missing or is_missing
        origin = get_origin(part) or part
        if isinstance(origin, type) and issubclass(origin, Problem):
            problems.append(part)
        elif part is type(None) or part is None:
            if is_missing:
                continue
            # Without a status it is the JSON of None, beside other answers.
            found.append(Alternative(type(None)) if status is None else Alternative(None, status))
        elif isinstance(origin, type) and issubclass(origin, Page):
            items = get_args(part)
            if not items:
                refuse(view, "return", "is a Page of unknown items: write Page[…].")
            found.append(Alternative(list[items[0]], status or 200, is_page=True))  # type: ignore[valid-type]
        elif origin is tuple and len(get_args(part)) in (2, 3) and is_model(get_args(part)[0]):
            # With a status or headers, as other views have it.
            found.append(Alternative(get_args(part)[0], status or 200))
        else:
            encoded = status is not None or is_missing or is_model(part)
            found.append(Alternative(part, status or 200, is_encoded=encoded))
    if found == [Alternative(type(None))]:
        refuse(view, "return", "is None: write NoContent where it answers with 204.")
    _check(view, found)
    return Answers(tuple(found), tuple(problems), missing)


def _parts(annotation: Any, view: str) -> list[tuple[Any, int | None, bool]]:
    """The types of an answer, each with the status that it names, and whether ``None`` is a 404."""
    found: list[tuple[Any, int | None, bool]] = []
    for part in [] if annotation is None else alternatives(annotation):
        status, missing = None, False
        while get_origin(part) is Annotated:
            inner, *marks = get_args(part)
            for mark in marks:
                if isinstance(mark, Source):
                    refuse(view, "return", "has the marker of a parameter.")
                if isinstance(mark, Status):
                    status = mark.code
                    if status not in HTTP_STATUS_CODES or status < 200:
                        refuse(view, "return", f"has the status {status}, which is none.")
                missing = missing or isinstance(mark, NoneIsNotFound)
            if status is None and not missing:
                break
            part = inner
        if missing:
            found.extend((inner, status, True) for inner in alternatives(part))
        elif status is not None and get_origin(part) is not Annotated:
            found.extend((inner, status, False) for inner in alternatives(part))
        else:
            found.append((part, status, False))
    return found


def _check(view: str, found: list[Alternative]) -> None:
    by_class: dict[Any, Alternative] = {}
    for one in found:
        if not one.is_encoded:
            continue
        if one.status in _NO_CONTENT and one.type is not None:
            refuse(view, "return", f"has content with the status {one.status}: write NoContent.")
        if one.type is not None:
            try:
                found_shapes = list(shapes_in(shape_of(one.type)))
            except (TypeError, NameError) as error:
                refuse(view, "return", f"has a type that cannot be encoded: {error}")
            for inner in found_shapes:
                if isinstance(inner, shapes.CustomType):
                    refuse(view, "return", f"has a type that cannot be encoded: {inner.cls!r}.")
        for cls in _classes(one):
            other = by_class.setdefault(cls, one)
            if other is not one:
                refuse(
                    view,
                    "return",
                    f"has two answers that are a {cls.__name__}, with the statuses {other.status}"
                    f" and {one.status}, which cannot be told apart when one is returned: give them"
                    " types of their own, or return a tuple with the status.",
                )


def _classes(one: Alternative) -> list[type]:
    """The classes of values that an alternative is for."""
    if one.is_page:
        return [Page]
    if one.type is None:
        return [type(None)]
    shape = plain_shape(shape_of(one.type))
    parts = shape.types if isinstance(shape, shapes.UnionType) else (shape,)
    found: list[type] = []
    for part in map(plain_shape, parts):
        classes = classes_of(part)
        if isinstance(part, shapes.AnyType):
            classes = [object]
        elif isinstance(part, shapes.LiteralType):
            classes = list({type(value) for value in part.values})
        elif isinstance(part, shapes.NoneType):
            classes = [type(None)]
        elif not classes:
            leaf = type_of(part)
            leaf = get_args(leaf)[0] if get_origin(leaf) is Annotated else leaf
            classes = [leaf] if isinstance(leaf, type) else []
        found.extend(classes)
    return found


class _Encoder:
    """Encodes one alternative."""

    def __init__(self, view: str, one: Alternative) -> None:
        self.view = view
        self.status = one.status
        self.is_page = one.is_page
        self.is_empty = one.type is None
        if not self.is_empty:
            self.type = one.type
            self.shape = shape_of(one.type)
            self.fits = fitting(self.shape)
            self.decode = msgspec.json.Decoder(one.type).decode

    def encode(self, value: Any, config: Any) -> bytes:
        """The JSON of a value, with the declared fields alone.

        :raises AnswerError: for a value that does not fit; of what has no fields, such as numbers,
            in debug mode and in tests alone
        """
        fits = self.fits
        try:
            if fits is not None and not _asked(fits, value):
                value = declared(self.shape, value)
            body: bytes = _encode(value)
            if config["DEBUG"] or config["TESTING"]:
                self.decode(body)
        except (Undeclared, msgspec.ValidationError, AttributeError) as error:
            raise AnswerError(
                f"The view {self.view!r} answers what it does not declare: {error}"
            ) from error
        return body


def _asked(fits: Callable[[Any], bool], value: Any) -> bool:
    try:
        return fits((value,))
    except (AttributeError, TypeError, LookupError):
        # Something stands where another kind of thing is declared.
        return False


def sender_of(view: str, answers: Answers) -> Callable[[Any], Any] | None:
    """What makes a response of what a view returned; ``None`` where it declares nothing that is
    encoded, and that goes out as in any other view."""
    encoded = [one for one in answers.alternatives if one.is_encoded]
    if not encoded and not answers.problems and not answers.none_is_missing:
        return None
    by_class: dict[type, _Encoder] = {}
    for one in encoded:
        encoder = _Encoder(view, one)
        for cls in _classes(one):
            by_class[cls] = encoder
    rest = [one for one in answers.alternatives if not one.is_encoded]
    find = by_class.get
    missing = answers.none_is_missing

    def send(value: Any) -> Any:
        found = find(value.__class__)
        if found is None:
            if isinstance(value, Problem):
                # So that error handlers see it, as they see one that is raised.
                raise value
            if value is None and missing:
                raise Missing()
            if isinstance(value, HTTPResponse):
                return value
            if isinstance(value, tuple) and len(value) in (2, 3) and _is_status(value[1]):
                return (send(value[0]), *value[1:])
            found = _of_base(by_class, value)
            if found is None:
                if rest:
                    return value
                raise AnswerError(
                    f"The view {view!r} answers what it does not declare:"
                    f" {type(value).__name__} in place of"
                    f" {' or '.join(sorted(cls.__name__ for cls in by_class)) or 'a problem'}."
                    " Return that, or a response, or change what stands behind '->'."
                )
        app = current_request_context().app
        if found.is_empty:
            response = app.response_class(b"", found.status)
            if found.status in _NO_CONTENT:
                del response.headers["Content-Type"]
            return response
        if isinstance(value, Page):
            response = app.response_class(
                found.encode(list(value.items), app.config), found.status, None, _JSON
            )
            if (link := value.link) is not None:
                response.headers["Link"] = link
            return response
        return app.response_class(found.encode(value, app.config), found.status, None, _JSON)

    return send


def _is_status(value: Any) -> bool:
    return isinstance(value, int | str | dict | list | Headers)


def _of_base(by_class: dict[type, _Encoder], value: Any) -> _Encoder | None:
    for cls in type(value).__mro__:
        if cls in by_class:
            return by_class[cls]
    if isinstance(value, list | tuple | set | frozenset):
        # Which kind of list is not what JSON tells.
        for cls in (list, tuple, set, frozenset):
            if cls in by_class:
                return by_class[cls]
    return None
