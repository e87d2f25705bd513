"""The document of a whole application."""

from __future__ import annotations

from typing import Any

from .operations import operations_of
from .schemas import Schemas

VERSION = "3.1.0"


def document_of(
    app: Any, title: str, version: str, description: str | None = None, hidden: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The OpenAPI document of an application: every rule, with what its view says.

    :param hidden: endpoints that are not told
    """
    operations = operations_of(app, hidden)
    schemas = Schemas([one for operation in operations for one in operation.types()])
    info = {"title": title, "version": version}
    if description is not None:
        info["description"] = description
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        below = paths.setdefault(operation.path, {})
        below[operation.method.lower()] = operation.describe(schemas)
    found: dict[str, Any] = {"openapi": VERSION, "info": info, "paths": paths}
    if components := schemas.components(paths):
        found["components"] = {"schemas": components}
    return found
