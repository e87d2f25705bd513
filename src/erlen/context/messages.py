"""The request and response of an application: the HTTP ones, with what the application knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..http.exceptions import BadRequest
from ..http.request import Request as HTTPRequest
from ..http.response import Response as HTTPResponse
from ..http.streams import AsyncBodyIterator
from ..workers.loop import make_runner
from .variable import context_var

if TYPE_CHECKING:
    from ..http.exceptions import HTTPException
    from ..routing.rules import Rule


class Request(HTTPRequest):
    """The request that views get: it knows its rule, its endpoint and its blueprint.

    Subclass it and set ``app.request_class`` to change what requests can do.
    """

    url_rule: Rule | None = None
    view_args: dict[str, Any] | None = None
    # Raised in place of calling a view.
    routing_exception: HTTPException | None = None
    strict_forms = True

    _max_content_length: int | None = None
    _max_form_memory_size: int | None = None
    _max_form_parts: int | None = None

    # A limit set on the request wins over the configuration; without a context the limits of the
    # HTTP request hold.

    @property
    def max_content_length(self) -> int | None:
        """The most bytes a body may have: 413 beyond it. From ``MAX_CONTENT_LENGTH``, unless
        set on this request; ``None`` is no limit."""
        if self._max_content_length is not None:
            return self._max_content_length
        context = context_var.get(None)
        return None if context is None else context.app.config["MAX_CONTENT_LENGTH"]

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        self._max_content_length = value

    @property
    def max_form_memory_size(self) -> int | None:
        """The most bytes that the text fields of a form may have together: 413 beyond it. From
        ``MAX_FORM_MEMORY_SIZE``, unless set on this request."""
        if self._max_form_memory_size is not None:
            return self._max_form_memory_size
        context = context_var.get(None)
        return 500_000 if context is None else context.app.config["MAX_FORM_MEMORY_SIZE"]

    @max_form_memory_size.setter
    def max_form_memory_size(self, value: int | None) -> None:
        self._max_form_memory_size = value

    @property
    def max_form_parts(self) -> int | None:
        """The most fields and files that a form may have: 413 beyond it. From
        ``MAX_FORM_PARTS``, unless set on this request."""
        if self._max_form_parts is not None:
            return self._max_form_parts
        context = context_var.get(None)
        return 1_000 if context is None else context.app.config["MAX_FORM_PARTS"]

    @max_form_parts.setter
    def max_form_parts(self, value: int | None) -> None:
        self._max_form_parts = value

    @property
    def endpoint(self) -> str | None:
        """The endpoint of the rule that matched; ``None`` if none did."""
        rule = self.url_rule
        return None if rule is None else rule.endpoint

    @property
    def blueprint(self) -> str | None:
        """The name under which the blueprint of the endpoint was registered, or ``None``."""
        endpoint = self.endpoint
        return endpoint.rpartition(".")[0] if endpoint is not None and "." in endpoint else None

    @property
    def blueprints(self) -> list[str]:
        """The blueprint and its parents, innermost first."""
        name = self.blueprint
        return [] if name is None else blueprint_path(name)

    def _load_form_data(self) -> None:
        super()._load_form_data()
        context = context_var.get(None)
        if (
            context is not None
            and context.app.debug
            and self.mimetype != "multipart/form-data"
            and not self.__dict__["files"]
        ):
            from .mistakes import attach_enctype_error_multidict

            attach_enctype_error_multidict(self)

    def on_json_loading_failed(self, e: ValueError | None) -> Any:
        """Answer 400 or 415; what was wrong is told in debug mode alone."""
        try:
            return super().on_json_loading_failed(e)
        except BadRequest as error:
            context = context_var.get(None)
            if e is None or context is None or context.app.debug:
                raise
            raise BadRequest() from error


AsyncBodyIterator.make_runner = staticmethod(make_runner)


class Response(HTTPResponse):
    """The response that views return; HTML unless it is told otherwise.

    Subclass it and set ``app.response_class`` to change what answers can do.
    """

    default_mimetype: str | None = "text/html"
    autocorrect_location_header = False
    strict_status = True

    _json_module: Any = None

    @property
    def json_module(self) -> Any:
        """What decodes JSON: by default the provider of the current application."""
        if self._json_module is not None:
            return self._json_module
        context = context_var.get(None)
        return None if context is None else context.app.json

    @json_module.setter
    def json_module(self, value: Any) -> None:
        self._json_module = value

    @property
    def max_cookie_size(self) -> int:  # type: ignore[override]
        """The size in bytes from which a cookie is warned about: ``MAX_COOKIE_SIZE``."""
        context = context_var.get(None)
        if context is None:
            return HTTPResponse.max_cookie_size
        return context.app.config["MAX_COOKIE_SIZE"]  # type: ignore[no-any-return]


def blueprint_path(name: str) -> list[str]:
    """A blueprint's name and those of its parents, innermost first.

    >>> blueprint_path("shop.cart")
    ['shop.cart', 'shop']
    """
    path = [name]
    while "." in name:
        name = name.rpartition(".")[0]
        path.append(name)
    return path
