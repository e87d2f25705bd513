"""What the application and a blueprint have in common: rules, hooks, error handlers, files."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from ..context.contexts import current_context
from ..http.properties import cached_property
from ..walk.errors import error_class_and_code
from ..walk.hooks import HookDict, ViewDict
from .conveniences import HasCommands
from .files import send_from_directory
from .locations import get_root_path
from .setupmethod import setupmethod
from .websocket_routes import WebsocketRoutes

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

    from jinja2.loaders import BaseLoader

    from .. import typing as ft
    from ..context.messages import Response
    from ..walk.hooks import Changes

F = TypeVar("F", bound="Callable[..., Any]")
T_route = TypeVar("T_route", bound="ft.RouteCallable")
T_before_request = TypeVar("T_before_request", bound="ft.BeforeRequestCallable")
T_after_request = TypeVar("T_after_request", bound="ft.AfterRequestCallable[Any]")
T_teardown = TypeVar("T_teardown", bound="ft.TeardownCallable")
T_error_handler = TypeVar("T_error_handler", bound="ft.ErrorHandlerCallable")
T_url_defaults = TypeVar("T_url_defaults", bound="ft.URLDefaultCallable")
T_url_value_preprocessor = TypeVar(
    "T_url_value_preprocessor", bound="ft.URLValuePreprocessorCallable"
)
T_context_processor = TypeVar("T_context_processor", bound="ft.TemplateContextProcessorCallable")

# PERF: the folders of applications and blueprints, joined once.
_join = lru_cache(maxsize=256)(os.path.join)


class HandlerTable(dict[Any, Any]):
    """Error handlers by scope, status code and exception class; what is missing is made."""

    def __missing__(self, key: Any) -> Any:
        found = self[key] = HandlerCodes()
        return found


class HandlerCodes(dict[Any, Any]):
    """Error handlers of one scope by status code and exception class."""

    def __missing__(self, key: Any) -> Any:
        found: dict[type[Exception], Any] = {}
        self[key] = found
        return found


class Scaffold(WebsocketRoutes, HasCommands):
    """The set-up methods that :class:`Erlen` and :class:`Blueprint` share.

    :param import_name: ``__name__`` of the module that makes it; files are found beside it
    :param static_folder: the folder of static files, relative to ``root_path``
    :param static_url_path: the URL prefix of static files
    :param template_folder: the folder of templates, relative to ``root_path``
    :param root_path: the folder that relative paths start from, if not that of ``import_name``
    """

    _static_folder: str | None = None
    _static_url_path: str | None = None
    # Set by the application, whose tables make its plans; a blueprint has none.
    _changes: Changes | None = None

    def __init__(
        self,
        import_name: str,
        static_folder: str | os.PathLike[str] | None = None,
        static_url_path: str | None = None,
        template_folder: str | os.PathLike[str] | None = None,
        root_path: str | None = None,
    ) -> None:
        self.import_name = import_name
        self.static_folder = static_folder
        self.static_url_path = static_url_path
        self.template_folder = template_folder
        self.root_path: str = get_root_path(import_name) if root_path is None else root_path
        changes = self._changes
        WebsocketRoutes.__init__(self)

        #: Views by endpoint. Fill it through :meth:`route` or :meth:`add_url_rule`.
        self.view_functions: dict[str, ft.RouteCallable] = ViewDict(changes)
        #: Error handlers: ``{scope: {code: {class: function}}}``.
        self.error_handler_spec: dict[
            ft.AppOrBlueprintKey,
            dict[int | None, dict[type[Exception], ft.ErrorHandlerCallable]],
        ] = HandlerTable()
        self.before_request_funcs: dict[ft.AppOrBlueprintKey, list[ft.BeforeRequestCallable]] = (
            HookDict(changes)
        )
        self.after_request_funcs: dict[ft.AppOrBlueprintKey, list[ft.AfterRequestCallable[Any]]] = (
            HookDict(changes)
        )
        self.teardown_request_funcs: dict[ft.AppOrBlueprintKey, list[ft.TeardownCallable]] = (
            HookDict(changes)
        )
        self.template_context_processors: dict[
            ft.AppOrBlueprintKey, list[ft.TemplateContextProcessorCallable]
        ] = HookDict(changes)
        self.url_value_preprocessors: dict[
            ft.AppOrBlueprintKey, list[ft.URLValuePreprocessorCallable]
        ] = HookDict(changes)
        self.url_default_functions: dict[ft.AppOrBlueprintKey, list[ft.URLDefaultCallable]] = (
            HookDict(changes)
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    def _check_setup_finished(self, f_name: str) -> None:
        raise NotImplementedError

    # -- files ---------------------------------------------------------------------------

    @property
    def static_folder(self) -> str | None:
        """The absolute path of the static folder, or ``None``."""
        folder = self._static_folder
        return None if folder is None else _join(self.root_path, folder)

    @static_folder.setter
    def static_folder(self, value: str | os.PathLike[str] | None) -> None:
        self._static_folder = None if value is None else os.fspath(value).rstrip(r"\/")

    @property
    def has_static_folder(self) -> bool:
        """Whether there is a static folder."""
        return self._static_folder is not None

    @property
    def static_url_path(self) -> str | None:
        """The URL prefix of static files; by default made of the folder's name."""
        if self._static_url_path is not None:
            return self._static_url_path
        if self.static_folder is not None:
            return f"/{os.path.basename(self.static_folder)}".rstrip("/")
        return None

    @static_url_path.setter
    def static_url_path(self, value: str | None) -> None:
        self._static_url_path = None if value is None else value.rstrip("/")

    def get_send_file_max_age(self, filename: str | None) -> int | None:
        """For how many seconds clients may keep a file that is sent; ``None`` lets them ask
        each time. Reads ``SEND_FILE_MAX_AGE_DEFAULT``; override it to decide by file."""
        value = current_context().app.config["SEND_FILE_MAX_AGE_DEFAULT"]
        if value is None or isinstance(value, int):
            return value
        return int(value.total_seconds())

    def send_static_file(self, filename: str) -> Response:
        """Answer with a file of the static folder.

        :raises NotFound: (404) if there is no such file inside of it
        """
        folder = self.static_folder
        if folder is None:
            raise RuntimeError("'static_folder' must be set to serve static_files.")
        # Not by a default argument: the method may be overridden.
        return send_from_directory(folder, filename, max_age=self.get_send_file_max_age(filename))

    @cached_property
    def jinja_loader(self) -> BaseLoader | None:
        """The loader of the template folder, or ``None`` without one."""
        if self.template_folder is None:
            return None
        from jinja2 import FileSystemLoader

        return FileSystemLoader(os.path.join(self.root_path, self.template_folder))

    def open_resource(
        self, resource: str, mode: str = "rb", encoding: str | None = None
    ) -> IO[Any]:
        """Open a file beside the module for reading.

        :param resource: the path relative to ``root_path``
        :param mode: ``"rb"``, ``"r"`` or ``"rt"``
        :raises ValueError: for a mode that writes
        """
        if mode not in {"r", "rt", "rb"}:
            raise ValueError("Resources can only be opened for reading.")
        path = os.path.join(self.root_path, resource)
        return open(path, mode) if mode == "rb" else open(path, mode, encoding=encoding)

    # -- rules ---------------------------------------------------------------------------

    def _method_route(
        self, method: str, rule: str, options: dict[str, Any]
    ) -> Callable[[T_route], T_route]:
        if "methods" in options:
            raise TypeError("Use the 'route' decorator to use the 'methods' argument.")
        return self.route(rule, methods=[method], **options)

    @setupmethod
    def get(self, rule: str, **options: Any) -> Callable[[T_route], T_route]:
        """:meth:`route` for GET."""
        return self._method_route("GET", rule, options)

    @setupmethod
    def post(self, rule: str, **options: Any) -> Callable[[T_route], T_route]:
        """:meth:`route` for POST."""
        return self._method_route("POST", rule, options)

    @setupmethod
    def put(self, rule: str, **options: Any) -> Callable[[T_route], T_route]:
        """:meth:`route` for PUT."""
        return self._method_route("PUT", rule, options)

    @setupmethod
    def delete(self, rule: str, **options: Any) -> Callable[[T_route], T_route]:
        """:meth:`route` for DELETE."""
        return self._method_route("DELETE", rule, options)

    @setupmethod
    def patch(self, rule: str, **options: Any) -> Callable[[T_route], T_route]:
        """:meth:`route` for PATCH."""
        return self._method_route("PATCH", rule, options)

    @setupmethod
    def route(self, rule: str, **options: Any) -> Callable[[T_route], T_route]:
        """Decorate a view with the URL rule that it answers.

        The endpoint is the function's name, unless ``endpoint`` names it. The options are those
        of :meth:`add_url_rule`.

        :raises TypeError: without a rule
        """
        if not isinstance(rule, str):
            raise TypeError(
                f"The rule of a view is text, and {rule!r} is none. Write it in parentheses behind"
                ' the decorator: @app.route("/path").'
            )

        def decorator(f: T_route) -> T_route:
            endpoint = options.pop("endpoint", None)
            self.add_url_rule(rule, endpoint, f, **options)
            return f

        return decorator

    @setupmethod
    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: ft.RouteCallable | None = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        """Add a URL rule and, if given, the view of its endpoint.

        :param rule: the path, such as ``"/user/<name>"``
        :param endpoint: its name for :func:`url_for`; by default that of ``view_func``
        :param view_func: the view; without it the endpoint gets one through :meth:`endpoint`
        :param provide_automatic_options: answer OPTIONS by itself
        :param options: ``methods``, ``defaults``, ``strict_slashes``, ``redirect_to``,
            ``subdomain``, ``host`` … of :class:`~erlen.routing.Rule`
        :raises AssertionError: if the endpoint has another view already
        """
        raise NotImplementedError

    @setupmethod
    def endpoint(self, endpoint: str) -> Callable[[F], F]:
        """Decorate the view of an endpoint whose rules were added without one."""

        def decorator(f: F) -> F:
            self.view_functions[endpoint] = f
            return f

        return decorator

    # -- hooks ---------------------------------------------------------------------------

    @setupmethod
    def before_request(self, f: T_before_request) -> T_before_request:
        """Call ``f()`` before each request; what it returns, other than ``None``, is the answer
        in place of the view's."""
        self.before_request_funcs.setdefault(None, []).append(f)
        return f

    @setupmethod
    def after_request(self, f: T_after_request) -> T_after_request:
        """Call ``f(response)`` after each request; it returns the response to send."""
        self.after_request_funcs.setdefault(None, []).append(f)
        return f

    @setupmethod
    def teardown_request(self, f: T_teardown) -> T_teardown:
        """Call ``f(exception)`` when a request ends, with ``None`` if nothing was raised."""
        self.teardown_request_funcs.setdefault(None, []).append(f)
        return f

    @setupmethod
    def context_processor(self, f: T_context_processor) -> T_context_processor:
        """Add the dictionary that ``f()`` returns to what templates see."""
        self.template_context_processors[None].append(f)
        return f

    @setupmethod
    def url_value_preprocessor(self, f: T_url_value_preprocessor) -> T_url_value_preprocessor:
        """Call ``f(endpoint, values)`` before the hooks; it may change the view's arguments."""
        self.url_value_preprocessors[None].append(f)
        return f

    @setupmethod
    def url_defaults(self, f: T_url_defaults) -> T_url_defaults:
        """Call ``f(endpoint, values)`` when a URL is built; it may add values."""
        self.url_default_functions[None].append(f)
        return f

    # -- errors --------------------------------------------------------------------------

    @setupmethod
    def errorhandler(
        self, code_or_exception: type[Exception] | int
    ) -> Callable[[T_error_handler], T_error_handler]:
        """Decorate the function that answers a status code or an exception class.

        :raises TypeError: for something else
        :raises ValueError: for something else
        """
        # At once, and not when the function is there: @app.errorhandler without parentheses would
        # register nothing.
        self._get_exc_class_and_code(code_or_exception)

        def decorator(f: T_error_handler) -> T_error_handler:
            self.register_error_handler(code_or_exception, f)
            return f

        return decorator

    @setupmethod
    def register_error_handler(
        self, code_or_exception: type[Exception] | int, f: ft.ErrorHandlerCallable
    ) -> None:
        """Let ``f(error)`` answer a status code or an exception class."""
        cls, code = self._get_exc_class_and_code(code_or_exception)
        self.error_handler_spec[None][code][cls] = f

    @staticmethod
    def _get_exc_class_and_code(
        exc_class_or_code: type[Exception] | int,
    ) -> tuple[type[Exception], int | None]:
        return error_class_and_code(exc_class_or_code)


def _endpoint_from_view_func(view_func: ft.RouteCallable | None) -> str:
    """The endpoint that a view has by default: its name."""
    if view_func is None:
        raise AssertionError(
            "expected view func if endpoint is not provided: pass view_func=… with the view, or"
            " endpoint=… with the name that the view gets by @app.endpoint."
        )
    return view_func.__name__
