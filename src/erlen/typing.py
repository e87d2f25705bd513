"""The types of what applications hand to the framework."""

from __future__ import annotations

import sys
from collections.abc import (
    AsyncIterable,
    Awaitable,
    Callable,
    Iterator,
    Mapping,
    MutableMapping,
    Sequence,
)
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeAlias, TypeVar, Union

if TYPE_CHECKING:
    if sys.version_info >= (3, 14):
        from string.templatelib import Template
    else:
        from typing import Never as Template

    from _typeshed.wsgi import WSGIApplication

    from .http.headers import Headers
    from .http.response import Response

# What can become a response by itself.
ResponseValue: TypeAlias = Union[
    "Response",
    "Template",
    str,
    bytes,
    list[Any],
    # A TypedDict is a Mapping, not a dict.
    Mapping[str, Any],
    Iterator[str],
    Iterator[bytes],
    AsyncIterable[str],
    AsyncIterable[bytes],
]

HeaderValue: TypeAlias = str | list[str] | tuple[str, ...]

HeadersValue: TypeAlias = Union[
    "Headers",
    Mapping[str, HeaderValue],
    Sequence[tuple[str, HeaderValue]],
]

# None is that of an HTTPException without a code of its own.
StatusCode: TypeAlias = int | None

# What a view may return.
ResponseReturnValue: TypeAlias = Union[
    ResponseValue,
    tuple[ResponseValue, HeadersValue],
    tuple[ResponseValue, StatusCode],
    tuple[ResponseValue, StatusCode, HeadersValue],
    "WSGIApplication",
]

# A hook or view that takes a subclass accepts less than the class; hence the variable.
ResponseClass = TypeVar("ResponseClass", bound="Response")

# ``None`` is the application's own scope.
AppOrBlueprintKey: TypeAlias = str | None

AfterRequestCallable: TypeAlias = (
    Callable[[ResponseClass], "Response"] | Callable[[ResponseClass], Awaitable["Response"]]
)
BeforeFirstRequestCallable: TypeAlias = Callable[[], None] | Callable[[], Awaitable[None]]
BeforeRequestCallable: TypeAlias = (
    Callable[[], ResponseReturnValue | None] | Callable[[], Awaitable[ResponseReturnValue | None]]
)
ShellContextProcessorCallable: TypeAlias = Callable[[], dict[str, Any]]
TeardownCallable: TypeAlias = (
    Callable[[BaseException | None], None] | Callable[[BaseException | None], Awaitable[None]]
)
TemplateContextProcessorCallable: TypeAlias = (
    Callable[[], dict[str, Any]] | Callable[[], Awaitable[dict[str, Any]]]
)
TemplateFilterCallable: TypeAlias = Callable[..., Any]
TemplateGlobalCallable: TypeAlias = Callable[..., Any]
TemplateTestCallable: TypeAlias = Callable[..., bool]
URLDefaultCallable: TypeAlias = Callable[[str, dict[str, Any]], None]
URLValuePreprocessorCallable: TypeAlias = Callable[[str | None, dict[str, Any] | None], None]

# The parameter is Any, because a handler names the exception class it was registered for.
ErrorHandlerCallable: TypeAlias = (
    Callable[[Any], ResponseReturnValue] | Callable[[Any], Awaitable[ResponseReturnValue]]
)


class StructLike(Protocol):
    """An object with fields, as msgspec has it."""

    __struct_fields__: ClassVar[tuple[str, ...]]


class DataclassLike(Protocol):
    """An object with fields, as the standard library has it."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


class AttrsLike(Protocol):
    """An object with fields, as attrs has it."""

    __attrs_attrs__: ClassVar[Any]


# What a view may return that says so, where erlen.api is imported. None is with it, since a view
# may answer that there is nothing.
TypedValue: TypeAlias = StructLike | DataclassLike | AttrsLike
TypedReturnValue: TypeAlias = (
    TypedValue
    | ResponseReturnValue
    | tuple[TypedValue, HeadersValue]
    | tuple[TypedValue, StatusCode]
    | tuple[TypedValue, StatusCode, HeadersValue]
    | None
)

RouteCallable: TypeAlias = (
    Callable[..., TypedReturnValue] | Callable[..., Awaitable[TypedReturnValue]]
)

# ASGI 3: what a server passes, and middleware passes on.
Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

__all__ = [
    "AfterRequestCallable",
    "AppOrBlueprintKey",
    "AttrsLike",
    "BeforeFirstRequestCallable",
    "BeforeRequestCallable",
    "DataclassLike",
    "ErrorHandlerCallable",
    "HeaderValue",
    "HeadersValue",
    "ResponseClass",
    "ResponseReturnValue",
    "ResponseValue",
    "RouteCallable",
    "ShellContextProcessorCallable",
    "StatusCode",
    "StructLike",
    "TeardownCallable",
    "TemplateContextProcessorCallable",
    "TemplateFilterCallable",
    "TemplateGlobalCallable",
    "TemplateTestCallable",
    "TypedReturnValue",
    "TypedValue",
    "URLDefaultCallable",
    "URLValuePreprocessorCallable",
]
