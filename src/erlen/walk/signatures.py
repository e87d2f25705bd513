"""The two signatures that methods of the walk have: that of Flask 3.1, and that of Flask 3.2, whose
first argument is the context.

Erlen's own take both.  An override has one of them, and is called by that.
"""

from __future__ import annotations

from functools import update_wrapper
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from ..context.contexts import (
    NO_REQUEST_MESSAGE,
    AppContext,
    RequestContext,
    current_context_or,
    request_context_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from inspect import Parameter, Signature

R = TypeVar("R")

#: The methods, with an argument for each that they take besides.
WITH_CONTEXT = {
    "dispatch_request": 0,
    "do_teardown_appcontext": 1,
    "do_teardown_request": 1,
    "finalize_request": 1,
    "full_dispatch_request": 0,
    "handle_exception": 1,
    "handle_http_exception": 1,
    "handle_user_exception": 1,
    "log_exception": 1,
    "make_default_options_response": 0,
    "preprocess_request": 0,
    "process_response": 1,
    "update_template_context": 1,
}
# Those that run without a request too.
_OF_ANY_CONTEXT = ("do_teardown_appcontext", "update_template_context")
#: What stands for an argument that was not given.
ABSENT: Any = object()


def either_signature(method: Callable[..., R]) -> Callable[..., R]:
    """One of Erlen's own methods, which takes both, so that an override may have either to a type
    checker too."""
    return method


def request_context_for(ctx: Any) -> RequestContext:
    """The context of the request that a method was called for.

    :param ctx: what it was given: ``None`` is the current one, and in an application context inside
        of a request the request's is meant
    :raises RuntimeError: without a request, with what to write
    """
    context = current_context_or(None) if ctx is None else ctx
    found: RequestContext | None = None if context is None else context.request_context
    if found is not None:
        return found
    found = None if ctx is None else request_context_of(ctx)
    if found is None:
        raise RuntimeError(NO_REQUEST_MESSAGE)
    return found


def signature_of(method: Any, others: int) -> Literal["new", "old", "any"]:
    """Which signature an override has: ``new`` begins with the context, ``any`` passes on whatever
    it is given, as wrappers do.

    As in Flask, the context is known by its name ``ctx``, or by its annotation ``AppContext``.

    :param method: as it is found on the application
    :param others: how many arguments stand behind the context
    """
    # Asked when a desk is made, where something is overridden.
    from inspect import Parameter, ismethod, signature

    try:
        found = signature(method, follow_wrapped=False)
    except (TypeError, ValueError):
        # Something that does not tell.
        return "any"
    first = next(iter(found.parameters.values()), None)
    if first is None or first.kind is Parameter.KEYWORD_ONLY:
        return "old"
    if first.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD):
        inner = getattr(method, "__wrapped__", None)
        if inner is None:
            return "any"
        if ismethod(method) and not ismethod(inner) and hasattr(inner, "__get__"):
            inner = inner.__get__(method.__self__)
        is_new = signature_of(inner, others) == "new"
        return "new" if is_new else "any"
    if first.name == "ctx" and first.default is not Parameter.empty:
        # Erlen's own, or one that is made alike.
        return "any"
    return "new" if _is_context(first) and _takes(found, 1 + others) else "old"


def reconcile(cls: type) -> None:
    """Let the classes above a class be called by either signature, where both are there: a method
    calls that of its base class by its own."""
    for name, others in WITH_CONTEXT.items():
        having = [base for base in cls.__mro__ if name in vars(base)]
        if len(having) < 3:
            # One of them is Erlen's own.
            continue
        found = [(base, vars(base)[name]) for base in having]
        kinds = [_kind_in_class(function, others) for _, function in found]
        if not {"new", "old"} <= set(kinds):
            continue
        for (base, function), kind in list(zip(found, kinds, strict=True))[1:]:
            if kind == "new":
                setattr(base, name, _with_context(function, name))
            elif kind == "old":
                setattr(base, name, _without_context(function))


def _kind_in_class(function: Any, others: int) -> str:
    # Bound to whatever: only the rest is looked at. Anything else is called as it is.
    is_plain = isinstance(function, FunctionType)
    return signature_of(MethodType(function, function), others) if is_plain else "any"


def _with_context(method: Callable[..., R], name: str) -> Callable[..., R]:
    """A method of the new signature, which takes the current context if it is given none."""

    def run(self: Any, /, *args: Any, **named: Any) -> R:
        try:
            if "ctx" not in named and not (args and isinstance(args[0], AppContext)):
                current = current_context_or(None)
                ctx = current if name in _OF_ANY_CONTEXT else request_context_for(None)
                return method(self, ctx, *args, **named)
            return method(self, *args, **named)
        finally:
            # An error keeps this frame, which must not keep the error.
            del args, named

    return _in_place_of(method, run)


def _without_context(method: Callable[..., R]) -> Callable[..., R]:
    """A method of the old signature, which drops the context if it is given one."""

    def run(self: Any, /, *args: Any, **named: Any) -> R:
        try:
            if args and isinstance(args[0], AppContext):
                return method(self, *args[1:], **named)
            named.pop("ctx", None)
            return method(self, *args, **named)
        finally:
            del args, named

    return _in_place_of(method, run)


def _in_place_of(method: Callable[..., R], run: Callable[..., R]) -> Callable[..., R]:
    update_wrapper(run, method)
    # Whoever asks for its signature is told of both.
    del run.__wrapped__  # type: ignore[attr-defined]
    return run


def _is_context(parameter: Parameter) -> bool:
    annotation = parameter.annotation
    if annotation is parameter.empty:
        return parameter.name == "ctx"
    if isinstance(annotation, str):
        return annotation.rpartition(".")[2] in ("AppContext", "RequestContext")
    return isinstance(annotation, type) and issubclass(annotation, AppContext)


def _takes(found: Signature, count: int) -> bool:
    try:
        found.bind(*range(count))
    except TypeError:
        return False
    return True


def warn_of_old(method: Any, name: str) -> None:
    """Warn of an override that has the signature of Flask 3.1."""
    comma = ", …" if WITH_CONTEXT[name] else ""
    _warn_at(
        method,
        f"{name}() is overridden without the context, which is its first argument in Flask 3.2:"
        f" write def {name}(self, ctx{comma}). Until Flask 4 it is called the old way.",
    )


def warn_of_ignoring(method: Any) -> None:
    """Warn of an override of ``should_ignore_error``."""
    _warn_at(
        method,
        "should_ignore_error() is overridden, and goes with Flask 4: let the teardown functions"
        " look at the error that they are given.",
    )


def _warn_at(method: Any, text: str) -> None:
    """Warn at the line where a function stands, as nobody who could mend it calls this."""
    from warnings import warn_explicit

    code = getattr(method, "__code__", None)
    file, line = ("<unknown>", 1) if code is None else (code.co_filename, code.co_firstlineno)
    # Where each desk would say it again, the module remembers that it was said.
    spoken = getattr(method, "__globals__", {}).setdefault("__warningregistry__", {})
    module = getattr(method, "__module__", None)
    warn_explicit(text, DeprecationWarning, file, line, module, spoken)
