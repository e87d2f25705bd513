"""JSON by the provider of the current application."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any

from ..context.contexts import context_var, current_context
from .provider import _default

if TYPE_CHECKING:
    from ..context.messages import Response
    from .provider import JSONProvider


def dumps(obj: Any, **kwargs: Any) -> str:
    """``obj`` as JSON text; outside of a context as the default provider writes it."""
    context = context_var.get(None)
    if context is not None:
        provider: JSONProvider = context.app.json
        return provider.dumps(obj, **kwargs)
    return json.dumps(obj, **{"default": _default, **kwargs})


def dump(obj: Any, fp: IO[str], **kwargs: Any) -> None:
    """Write ``obj`` as JSON to a text file."""
    context = context_var.get(None)
    if context is not None:
        context.app.json.dump(obj, fp, **kwargs)
    else:
        json.dump(obj, fp, **{"default": _default, **kwargs})


def loads(s: str | bytes, **kwargs: Any) -> Any:
    """The value of JSON text.

    :raises ValueError: if it is none
    """
    context = context_var.get(None)
    if context is not None:
        return context.app.json.loads(s, **kwargs)
    return json.loads(s, **kwargs)


def load(fp: IO[Any], **kwargs: Any) -> Any:
    """The value of a JSON file.

    :raises ValueError: if it is none
    """
    context = context_var.get(None)
    if context is not None:
        return context.app.json.load(fp, **kwargs)
    return json.load(fp, **kwargs)


def jsonify(*args: Any, **kwargs: Any) -> Response:
    """A response with the arguments as JSON: one value as it is, several as a list, keyword
    arguments as an object.

    :raises TypeError: for both kinds of arguments
    :raises RuntimeError: outside of any context
    """
    provider: JSONProvider = current_context().app.json
    return provider.response(*args, **kwargs)
