"""What a rule and its view say, as operations of OpenAPI."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args, get_origin

import msgspec
from msgspec import inspect as shapes

from ...http.response import Response
from ...http.status import HTTP_STATUS_CODES
from ...routing import converters as own
from ...routing.parsing import converter_arguments, tokens
from ...views import MethodView
from ..markers import FromBody, FromForm, FromHeader
from ..models import OBJECTS, plain_shape, shape_of, shapes_in
from ..problems import MEDIA_TYPE, InvalidInput, MalformedBody, Missing, WrongMediaType
from .schemas import has_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..answers import Alternative
    from ..signature import Parameter
    from ..typed import TypedView
    from .schemas import Schemas

_JSON = "application/json"
_MULTIPART, _URLENCODED = "multipart/form-data", "application/x-www-form-urlencoded"
_AUTOMATIC = {"HEAD", "OPTIONS"}
# Headers that OpenAPI describes elsewhere (section 4.8.12.1).
_ELSEWHERE = {"accept", "content-type", "authorization"}
_KNOWN = {"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"}


@dataclass
class Operation:
    """One method of one rule.

    :param path: the template, as ``/items/{id}``
    :param variables: the schemas of the variables of the path, by their names
    :param typed: what its view says; ``None`` for one without markers
    """

    path: str
    method: str
    endpoint: str
    variables: dict[str, dict[str, Any]]
    view: Any
    typed: TypedView | None
    id: str = field(default="")

    def types(self) -> Iterator[Any]:
        """The types whose schemas it needs."""
        typed = self.typed
        if typed is None:
            return
        for parameter in typed.signature.parameters:
            if parameter.source is not None or parameter.name in self.variables:
                yield parameter_type(parameter)
        for one in typed.answers.alternatives:
            if described(one):
                yield one.type
        yield from typed.answers.problems
        yield from self.input_problems()

    def input_problems(self) -> list[Any]:
        """What it answers to input that does not fit."""
        typed = self.typed
        if typed is None:
            return []
        found: list[Any] = []
        body = typed.signature.body
        if body is not None:
            found += [MalformedBody, WrongMediaType]
        if typed.readers or any(name in self.variables for name in typed.path):
            found.append(InvalidInput)
        if typed.answers.none_is_missing:
            found.append(Missing)
        return found

    def describe(self, schemas: Schemas) -> dict[str, Any]:
        """The operation object (OpenAPI 3.1, section 4.8.10)."""
        found: dict[str, Any] = {"operationId": self.id}
        blueprint = self.endpoint.rpartition(".")[0]
        if blueprint:
            found["tags"] = [blueprint]
        text = inspect.getdoc(self.view) or ""
        summary, _, description = text.partition("\n\n")
        if summary:
            found["summary"] = " ".join(summary.split())
        if description.strip():
            found["description"] = description.strip()
        if hasattr(self.view, "__deprecated__"):
            found["deprecated"] = True
        if parameters := list(self._parameters(schemas)):
            found["parameters"] = parameters
        body = None if self.typed is None else self.typed.signature.body
        if body is not None:
            found["requestBody"] = _request_body(body, schemas)
        found["responses"] = self._responses(schemas)
        return found

    def _parameters(self, schemas: Schemas) -> Iterator[dict[str, Any]]:
        parameters = () if self.typed is None else self.typed.signature.parameters
        by_name = {p.name: p for p in parameters if p.source is None}
        for name, schema in self.variables.items():
            said = by_name.get(name)
            if said is not None and said.type is not Any:
                schema = schemas.of(parameter_type(said)) | {
                    key: value for key, value in schema.items() if key in ("minimum", "maximum")
                }
            yield {"name": name, "in": "path", "required": True, "schema": schema}
        for parameter in parameters:
            if parameter.source is not None and not isinstance(
                parameter.source, FromBody | FromForm
            ):
                yield from _parameters_of(parameter, schemas)

    def _responses(self, schemas: Schemas) -> dict[str, Any]:
        if self.typed is None:
            return {"default": {"description": "The answer"}}
        found: dict[str, dict[str, Any]] = {}
        for one in self.typed.answers.alternatives:
            answer = found.setdefault(str(one.status), _answer(one.status))
            if one.is_page:
                answer["headers"] = {
                    "Link": {
                        "description": "Where the other pages are (RFC 8288)",
                        "schema": {"type": "string"},
                    }
                }
            if described(one):
                _add_content(answer, _media_type(one.type), schemas.of(one.type))
        for problem in [*self.typed.answers.problems, *self.input_problems()]:
            status = problem.code or 500
            answer = found.setdefault(str(status), _answer(status))
            _add_content(answer, MEDIA_TYPE, schemas.of(problem))
        if not self.typed.answers.alternatives:
            found["default"] = {"description": "The answer"}
        return dict(sorted(found.items()))


def operations_of(app: Any, hidden: Iterable[str]) -> list[Operation]:
    """The operations of an application, by path; static files and ``hidden`` endpoints left out."""
    found: dict[tuple[str, str], Operation] = {}
    # Templates that differ in names alone are one path.
    by_shape: dict[str, list[str]] = {}
    hidden = set(hidden)
    for rule in app.url_map.iter_rules():
        view = app.view_functions.get(rule.endpoint)
        if (
            rule.websocket
            or rule.build_only
            or rule.redirect_to
            or rule.alias
            or view is None
            or rule.endpoint in hidden
            or rule.endpoint.rpartition(".")[2] == "static"
        ):
            continue
        shape, schemas = "", {}
        for token in tokens(rule.rule):
            shape += token.text if token.variable is None else "{}"
            if token.variable is not None:
                args, kwargs = converter_arguments(token.arguments or "")
                made = rule.get_converter(token.variable, token.converter, args, kwargs)
                schemas[token.variable] = _schema_of_converter(made)
        names = list(schemas)
        shown = by_shape.setdefault(shape, names)
        path = shape.replace("{}", "{%s}") % tuple(shown) if names else shape
        renamed = dict(zip(shown, schemas.values(), strict=True))
        for method in sorted((rule.methods or {"GET"}) - _AUTOMATIC):
            if method not in _KNOWN:
                continue
            operation = Operation(path, method, rule.endpoint, renamed, *_view_of(view, method))
            # The rule that was added first is the one that matches.
            found.setdefault((path, method), operation)
    operations = [found[key] for key in sorted(found)]
    _name(operations)
    return operations


def _view_of(view: Any, method: str) -> tuple[Any, TypedView | None]:
    cls = getattr(view, "view_class", None)
    if cls is None:
        typed = getattr(view, "typed_view", None)
        return inspect.unwrap(view), typed
    if not issubclass(cls, MethodView):
        return cls, None
    form = (cls.typed_methods or {}).get(method.lower())
    return getattr(cls, method.lower(), cls), getattr(form, "typed_view", None)


def _name(operations: list[Operation]) -> None:
    """Give each an id: its endpoint, with the method where that has several."""
    taken: set[str] = set()
    count: dict[str, int] = {}
    for operation in operations:
        count[operation.endpoint] = count.get(operation.endpoint, 0) + 1
    for operation in operations:
        name = operation.endpoint
        if count[name] > 1:
            name = f"{name}_{operation.method.lower()}"
        chosen, number = name, 1
        while chosen in taken:
            number += 1
            chosen = f"{name}_{number}"
        taken.add(chosen)
        operation.id = chosen


def parameter_type(parameter: Parameter) -> Any:
    """The type whose schema a parameter has: of all of a query, the class with the fields."""
    if parameter.source is None or isinstance(parameter.source, FromBody | FromForm):
        return parameter.type
    return _whole(parameter) or parameter.type


def _whole(parameter: Parameter) -> Any:
    """The class of a parameter that is all of its source, ``None`` for a single value."""
    shape = plain_shape(shape_of(parameter.type))
    parts = shape.types if isinstance(shape, shapes.UnionType) else (shape,)
    for part in map(plain_shape, parts):
        if isinstance(part, OBJECTS):
            return part.cls
    return None


def _parameters_of(parameter: Parameter, schemas: Schemas) -> Iterator[dict[str, Any]]:
    source: Any = parameter.source
    is_header = isinstance(source, FromHeader)
    whole = _whole(parameter)
    fields: dict[str, tuple[bool, dict[str, Any]]]
    if whole is None:
        schema = schemas.of(parameter.type)
        if not parameter.is_required and parameter.default is not None:
            schema |= _default(parameter.default)
        fields = {parameter.name: (parameter.is_required, schema)}
    else:
        known = schemas.fields_of(whole)
        shape: Any = plain_shape(shape_of(whole))
        fields = {
            f.encode_name: (f.required and parameter.is_required, known[f.encode_name])
            for f in shape.fields
        }
    for name, (required, schema) in fields.items():
        shown = name.replace("_", "-").title() if is_header else name
        if is_header and shown.lower() in _ELSEWHERE:
            continue
        found: dict[str, Any] = {"name": shown, "in": source.place}
        if required:
            found["required"] = True
        yield {**found, "schema": schema}


def _default(value: Any) -> dict[str, Any]:
    try:
        return {"default": msgspec.to_builtins(value, str_keys=True)}
    except TypeError:
        return {}


def _request_body(parameter: Parameter, schemas: Schemas) -> dict[str, Any]:
    schema = schemas.of(parameter.type)
    kinds = [_JSON]
    if isinstance(parameter.source, FromForm):
        with_files = has_file(shape_of(parameter.type))
        kinds = [_MULTIPART] if with_files else [_URLENCODED, _MULTIPART]
    found: dict[str, Any] = {"content": {kind: {"schema": schema} for kind in kinds}}
    if parameter.is_required:
        found["required"] = True
    return found


def _answer(status: int) -> dict[str, Any]:
    return {"description": HTTP_STATUS_CODES[status]}


def _add_content(answer: dict[str, Any], media_type: str, schema: dict[str, Any]) -> None:
    """Add a schema beside those that a status has already."""
    known = answer.setdefault("content", {}).setdefault(media_type, {})
    if "schema" not in known:
        known["schema"] = schema
    elif "anyOf" in known["schema"] and len(known["schema"]) == 1:
        known["schema"]["anyOf"].append(schema)
    elif known["schema"] != schema:
        known["schema"] = {"anyOf": [known["schema"], schema]}


def described(one: Alternative) -> bool:
    """Whether the type of an answer tells what is sent."""
    if one.type is None:
        return False
    if one.is_encoded or one.type is str:
        return True
    origin = get_origin(one.type) or one.type
    if isinstance(origin, type) and issubclass(origin, Response):
        return False
    if origin not in (dict, list) or not get_args(one.type):
        return False
    try:
        found = shape_of(one.type)
    except (TypeError, NameError):
        return False
    return not any(isinstance(inner, shapes.CustomType) for inner in shapes_in(found))


def _media_type(annotation: Any) -> str:
    return "text/html" if annotation is str else _JSON


def _schema_of_converter(converter: Any) -> dict[str, Any]:
    """What a converter takes, as far as those of the framework are known."""
    found: dict[str, Any] = {"type": "string"}
    kind = type(converter)
    if kind is own.AnyConverter:
        found["enum"] = sorted(converter.items)
    elif kind is own.UUIDConverter:
        found["format"] = "uuid"
    elif kind in (own.IntegerConverter, own.FloatConverter):
        found["type"] = "integer" if kind is own.IntegerConverter else "number"
        least = converter.min
        if least is None and not converter.signed:
            least = 0
        if least is not None:
            found["minimum"] = least
        if converter.max is not None:
            found["maximum"] = converter.max
    return found
