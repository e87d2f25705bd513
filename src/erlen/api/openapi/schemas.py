"""JSON schemas of types, those with fields by reference (OpenAPI 3.1 takes JSON Schema 2020-12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType
from msgspec import inspect as shapes

from ...http.files import FileStorage
from ..annotations import field_types
from ..models import shapes_in
from ..problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

_AT = "#/components/schemas/"
# A part of a multipart body (OpenAPI 3.1, section 4.8.14.3).
_FILE = {"type": "string", "contentMediaType": "application/octet-stream"}


class Schemas:
    """The schemas of all types that a document names.

    :param types: all of them; two of one name get the names of their modules in front
    """

    def __init__(self, types: Iterable[Any]) -> None:
        self._types: list[Any] = []
        self._problems: dict[type[Problem], Any] = {}
        for one in types:
            found = self._struct_of(one) if _is_problem(one) else one
            if not any(found is known or found == known for known in self._types):
                self._types.append(found)
        schemas, self._components = msgspec.json.schema_components(
            self._types, schema_hook=_schema_of_other, ref_template=_AT + "{name}"
        )
        self._schemas = list(schemas)

    def of(self, annotation: Any) -> dict[str, Any]:
        """The schema of a type, by reference where it has a name."""
        wanted = self._struct_of(annotation) if _is_problem(annotation) else annotation
        for known, schema in zip(self._types, self._schemas, strict=True):
            if known is wanted or known == wanted:
                return dict(schema)
        raise LookupError(f"{annotation!r} is not among the types of the document.")

    def fields_of(self, annotation: Any) -> dict[str, dict[str, Any]]:
        """The schemas of the fields of a type, by the names that are sent."""
        name = self.of(annotation)["$ref"].removeprefix(_AT)
        found: dict[str, dict[str, Any]] = self._components[name].get("properties", {})
        return found

    def components(self, document: Any) -> dict[str, Any]:
        """The schemas that a document refers to, be it by others, in order of their names."""
        found: dict[str, Any] = {}
        waiting = [document]
        while waiting:
            for name in _references(waiting.pop()):
                if name not in found:
                    found[name] = self._components[name]
                    waiting.append(found[name])
        return dict(sorted(found.items()))

    def _struct_of(self, problem: type[Problem]) -> Any:
        """A type with the members of a problem."""
        made = self._problems.get(problem)
        if made is None:
            hints = field_types(problem, Problem)
            fields: list[Any] = [
                ("type", Annotated[str, Meta(examples=[problem.type])]),
                ("title", Annotated[str, Meta(examples=[problem.title])]),
                ("status", Annotated[int, Meta(examples=[problem.code or 500])]),
            ]
            for name, _ in problem._fields:
                if name in ("detail", "instance"):
                    fields.append((name, str | UnsetType, UNSET))
                else:
                    fields.append((name, hints[name]))
            made = msgspec.defstruct(
                problem.__name__, fields, module=problem.__module__, kw_only=True,
                namespace={"__doc__": (problem.__doc__ or "").strip()},
            )  # fmt: skip
            self._problems[problem] = made
        return made


def _is_problem(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Problem)


def _schema_of_other(cls: type) -> dict[str, Any]:
    if issubclass(cls, FileStorage):
        return dict(_FILE)
    raise NotImplementedError


def _references(document: Any) -> Iterable[str]:
    if isinstance(document, dict):
        for key, value in document.items():
            if key == "$ref" and isinstance(value, str) and value.startswith(_AT):
                yield value.removeprefix(_AT)
            elif key == "mapping" and isinstance(value, dict):
                # Of a discriminator.
                for one in value.values():
                    if isinstance(one, str) and one.startswith(_AT):
                        yield one.removeprefix(_AT)
            else:
                yield from _references(value)
    elif isinstance(document, list):
        for value in document:
            yield from _references(value)


def has_file(shape: Any) -> bool:
    """Whether a form of this type has files."""
    return any(isinstance(inner, shapes.CustomType) for inner in shapes_in(shape))
