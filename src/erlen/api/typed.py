"""From a view to a typed one: read at registration, one function around it at each request."""

from __future__ import annotations

from functools import update_wrapper
from inspect import isasyncgenfunction
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ..context.contexts import current_request_context
from ..routing import converters
from ..routing.parsing import tokens
from ..views import MethodView, http_method_funcs
from ..workers.colours import is_coroutine_function
from .answers import Answers, answers_of, sender_of
from .models import is_model
from .readers import FAILED, Reader
from .signature import Signature, ViewError, refuse, signature_of
from .sources import path_readers_of, problem_of, readers_of

if TYPE_CHECKING:
    from collections.abc import Callable

# What the converters of the framework itself give; of others it is not known.
_GIVES: dict[type, type] = {
    converters.UnicodeConverter: str,
    converters.PathConverter: str,
    converters.AnyConverter: str,
    converters.IntegerConverter: int,
    converters.FloatConverter: float,
    converters.UUIDConverter: UUID,
}


class TypedView:
    """A view that says in its annotations what it takes and answers.

    :param view: what was written
    :param function: what is called for a request
    """

    def __init__(self, view: Callable[..., Any], signature: Signature, is_websocket: bool) -> None:
        self.view = view
        self.signature = signature
        self.answers: Answers = Answers() if is_websocket else answers_of(signature)
        #: How the values are read; those of the path come as rules are added.
        self.readers: list[Reader] = readers_of(signature)
        self.path: dict[str, Reader] = {}
        body = signature.body
        if body is not None and is_websocket:
            refuse(signature.name, body.name, "is a body, and a WebSocket has none.")
        if body is not None and getattr(view, "streams_request_body", False):
            refuse(
                signature.name,
                body.name,
                "is the whole body, which @stream_request_body leaves to the view: take one of the"
                " two.",
            )
        self.function: Callable[..., Any] = self._wrapped(
            None if is_websocket else sender_of(signature.name, self.answers)
        )
        self.function.typed_view = self  # type: ignore[attr-defined]

    def add_rule(self, app: Any, rule: Any) -> None:
        """Check what the path of a rule gives.

        :raises ViewError: where that is not what the view says
        """
        signature = self.signature
        signature.check_methods(set(rule.methods or ()))
        path = path_types(app, rule)
        is_decorated = hasattr(self.view, "__wrapped__")
        for parameter in signature.parameters:
            if (
                parameter.source is None
                and parameter.is_required
                and parameter.name not in path
                and not is_decorated
                and is_model(parameter.type)
            ):
                name = getattr(parameter.type, "__name__", parameter.type)
                refuse(
                    signature.name,
                    parameter.name,
                    f"has no marker and is no variable of the rule {rule.rule!r}: write"
                    f" Body[{name}] or Query[{name}], for where it comes from.",
                )
        for reader in path_readers_of(signature, path):
            self.path.setdefault(reader.parameter.name, reader)

    def read(self, request: Any, values: dict[str, Any]) -> dict[str, Any]:
        """What the view is called with.

        :param values: what is in the path
        :raises Problem: for input that does not fit
        """
        try:
            found = {r.parameter.name: r.read(request, values) for r in self.readers}
            for name, reader in self.path.items():
                if name in values:
                    found[name] = reader.read(request, values)
        except FAILED:
            pass
        else:
            return found
        path = [reader for name, reader in self.path.items() if name in values]
        raise problem_of([*self.readers, *path], request, values)

    def _wrapped(self, send: Callable[[Any], Any] | None) -> Callable[..., Any]:
        view: Any = self.view
        run: Callable[..., Any]
        one: Any = None
        name = ""
        if len(self.readers) == 1:
            # PERF: what read() comes to for one value beside those of the path.
            one, name = self.readers[0].read, self.readers[0].parameter.name
        path = self.path

        def taken(values: dict[str, Any]) -> dict[str, Any]:
            request = current_request_context().request
            if one is None or path:
                values.update(self.read(request, values))
                return values
            try:
                values[name] = one(request, values)
            except FAILED:
                pass
            else:
                return values
            raise problem_of(self.readers, request, values)

        if isasyncgenfunction(view):

            async def run_pieces(*own: Any, **values: Any) -> Any:
                async for piece in view(*own, **taken(values)):
                    yield piece

            run = run_pieces
        elif is_coroutine_function(view):

            async def run_async(*own: Any, **values: Any) -> Any:
                answer = await view(*own, **taken(values))
                return answer if send is None else send(answer)

            run = run_async
        else:

            def run_sync(*own: Any, **values: Any) -> Any:
                answer = view(*own, **taken(values))
                return answer if send is None else send(answer)

            run = run_sync
        return update_wrapper(run, view)


def path_types(app: Any, rule: Any) -> dict[str, Any]:
    """What the variables of a rule give, ``None`` where it is not known."""
    found: dict[str, Any] = dict.fromkeys(rule.defaults or ())
    for text in (rule.rule, rule.subdomain, rule.host):
        for token in tokens(text or ""):
            if token.variable is not None:
                found[token.variable] = _GIVES.get(app.url_map.converters.get(token.converter))
    return found


def adapt(app: Any, rule: Any, view: Callable[..., Any]) -> Callable[..., Any]:
    """The typed form of a view; the view itself where it has no markers.

    :raises ViewError: for annotations that cannot be kept
    """
    view_class = getattr(view, "view_class", None)
    if isinstance(view_class, type):
        _adapt_class(app, rule, view_class)
        return view
    typed = getattr(view, "typed_view", None)
    if isinstance(typed, TypedView) and typed.function is view:
        view = typed.view
    known = getattr(app.view_functions.get(rule.endpoint), "typed_view", None)
    if isinstance(known, TypedView) and known.view == view:
        known.add_rule(app, rule)
        return known.function
    signature = signature_of(view)
    if signature is None:
        return view
    typed = TypedView(view, signature, rule.websocket)
    typed.add_rule(app, rule)
    return typed.function


def _adapt_class(app: Any, rule: Any, cls: Any) -> None:
    """Give a :class:`MethodView` the typed forms of its methods."""
    if not issubclass(cls, MethodView):
        method = getattr(cls, "dispatch_request", None)
        signature = None if method is None else signature_of(method)
        if signature is not None:
            raise ViewError(
                f"The view {signature.name!r} has markers: those of classes are read of a"
                " MethodView, with a method for each HTTP method. Derive it from that."
            )
        return
    known = vars(cls).get("typed_methods") or {}
    forms: dict[str, Any] = {}
    for name in sorted(http_method_funcs):
        method = getattr(cls, name, None)
        if method is None:
            continue
        typed = getattr(known.get(name), "typed_view", None)
        if typed is None or typed.view is not method:
            signature = signature_of(method)
            if signature is None:
                continue
            typed = TypedView(method, signature, rule.websocket)
        body = typed.signature.body
        if body is not None:
            typed.signature.check_methods({name.upper()})
        methods, rule_methods = {name.upper()}, rule.methods
        rule.methods = methods
        try:
            typed.add_rule(app, rule)
        finally:
            rule.methods = rule_methods
        forms[name] = typed.function
    if forms or cls.typed_methods is not None:
        cls.typed_methods = forms
