"""The application object."""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar
from weakref import ref

from ..context import real_flask
from ..context.contexts import (
    AppContext,
    RequestContext,
    _AppCtxGlobals,
    context_var,
)
from ..context.messages import Request, Response
from ..http.exceptions import Aborter, SecurityError
from ..http.hosts import check_host
from ..http.immutable import ImmutableDict
from ..http.properties import cached_property
from ..http.redirects import DEFAULT_CODE, redirect
from ..json.provider import DefaultJSONProvider, JSONProvider
from ..routing import Map, Rule
from ..routing.exceptions import BuildError
from ..sessions.base import SessionInterface
from ..sessions.secure_cookie import SecureCookieSessionInterface
from ..templating.render import _default_template_ctx_processor, update_template_context
from ..walk.desk import ATTRIBUTES, desk_of, remember_originals
from ..walk.hooks import Changes, HookList
from ..walk.methods import RequestMethods
from ..walk.signatures import either_signature
from ..walk.versions import NOW, SETTING, follows_next
from . import urls
from .config import Config, ConfigAttribute
from .conveniences import Conveniences
from .debugflag import get_debug_flag
from .locations import find_instance_path
from .scaffold import Scaffold, _endpoint_from_view_func
from .server_interfaces import ServerInterfaces
from .setupmethod import setupmethod
from .template_functions import TemplateFunctions
from .view_adapter import view_adapter

if TYPE_CHECKING:
    from collections.abc import Callable, ValuesView
    from logging import Logger
    from typing import IO

    from .. import typing as ft
    from ..routing.adapter import MapAdapter
    from ..templating.environment import DispatchingJinjaLoader, Environment
    from .blueprint import Blueprint

T_shell_context_processor = TypeVar(
    "T_shell_context_processor", bound="ft.ShellContextProcessorCallable"
)
T_teardown = TypeVar("T_teardown", bound="ft.TeardownCallable")
T_first = TypeVar("T_first", bound="Callable[[], Any]")


_set = object.__setattr__


def _make_timedelta(value: Any) -> Any:
    return value if value is None or isinstance(value, timedelta) else timedelta(seconds=value)


class _LateEnvironment:
    """Imports Jinja2 when the class attribute is asked for."""

    def __get__(self, obj: Any, owner: Any = None) -> type[Environment]:
        from ..templating.environment import Environment

        return Environment


class _LateWebsocket:
    """Imports asyncio when the class attribute is asked for."""

    def __get__(self, obj: Any, owner: Any = None) -> Any:
        from ..context.websocket import Websocket

        return Websocket


class Erlen(RequestMethods, ServerInterfaces, TemplateFunctions, Conveniences, Scaffold):
    """A web application: a WSGI callable with Flask's names.

    >>> app = Erlen(__name__)
    >>> @app.route("/")
    ... def index():
    ...     return "Hello!"

    :param import_name: ``__name__`` of the module; templates and static files are beside it
    :param static_url_path: the URL prefix of static files, by default the folder's name
    :param static_folder: the folder of static files; ``None`` serves none
    :param static_host: the host of static files, with ``host_matching``
    :param host_matching: let rules name their host
    :param subdomain_matching: let rules name their sub-domain of ``SERVER_NAME``
    :param template_folder: the folder of templates
    :param instance_path: the absolute path of the folder for what belongs to one installation
    :param instance_relative_config: read configuration files from there
    :param root_path: the folder that relative paths start from
    :param follow_flask: the version of Flask whose behaviour it has, ``"3.1"`` or ``"3.2"``: the
        setting ``FOLLOW_FLASK``
    """

    # Classes and defaults that subclasses replace.
    request_class: type[Request] = Request
    response_class: type[Response] = Response
    websocket_class: Any = _LateWebsocket()
    aborter_class: type[Aborter] = Aborter
    app_ctx_globals_class: type[Any] = _AppCtxGlobals
    config_class: type[Config] = Config
    url_rule_class: type[Rule] = Rule
    url_map_class: type[Map] = Map
    json_provider_class: type[JSONProvider] = DefaultJSONProvider
    session_interface: SessionInterface = SecureCookieSessionInterface()
    jinja_environment: type[Environment] = _LateEnvironment()  # type: ignore[assignment]
    jinja_options: dict[str, Any] = {}  # noqa: RUF012 - Flask's name, replaced by subclasses

    testing: ConfigAttribute[bool] = ConfigAttribute("TESTING")
    secret_key: ConfigAttribute[str | bytes | None] = ConfigAttribute["str | bytes | None"](
        "SECRET_KEY"
    )
    permanent_session_lifetime: ConfigAttribute[timedelta] = ConfigAttribute[timedelta](
        "PERMANENT_SESSION_LIFETIME",
        get_converter=_make_timedelta,
    )

    default_config: ImmutableDict[str, Any] = ImmutableDict(
        {
            "DEBUG": None,
            "TESTING": False,
            "PROPAGATE_EXCEPTIONS": None,
            "SECRET_KEY": None,
            "SECRET_KEY_FALLBACKS": None,
            "PERMANENT_SESSION_LIFETIME": timedelta(days=31),
            "USE_X_SENDFILE": False,
            "TRUSTED_HOSTS": None,
            "SERVER_NAME": None,
            "APPLICATION_ROOT": "/",
            "SESSION_COOKIE_NAME": "session",
            "SESSION_COOKIE_DOMAIN": None,
            "SESSION_COOKIE_PATH": None,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SECURE": False,
            "SESSION_COOKIE_PARTITIONED": False,
            "SESSION_COOKIE_SAMESITE": None,
            "SESSION_REFRESH_EACH_REQUEST": True,
            "MAX_CONTENT_LENGTH": None,
            "MAX_FORM_MEMORY_SIZE": 500_000,
            "MAX_FORM_PARTS": 1_000,
            "SEND_FILE_MAX_AGE_DEFAULT": None,
            "TRAP_BAD_REQUEST_ERRORS": None,
            "TRAP_HTTP_EXCEPTIONS": False,
            "EXPLAIN_TEMPLATE_LOADING": False,
            "PREFERRED_URL_SCHEME": "http",
            "TEMPLATES_AUTO_RELOAD": None,
            "MAX_COOKIE_SIZE": 4093,
            "PROVIDE_AUTOMATIC_OPTIONS": True,
            # The version of Flask whose behaviour it has: "3.2" is the next one.
            SETTING: NOW,
            # On ASGI: the threads of synchronous views, and how many requests may wait for one.
            "THREAD_POOL_SIZE": 32,
            "THREAD_POOL_MAX_WAITING": 1_024,
            # Origins of pages that may open a WebSocket; None is this host alone.
            "WEBSOCKET_ORIGINS": None,
            # Bytes.
            "WEBSOCKET_MAX_MESSAGE_SIZE": 65_536,
            # Seconds. A client that sends 4 KiB in a second is never too slow.
            "BODY_TIMEOUT": 60,
            "BACKGROUND_TASK_SHUTDOWN_TIMEOUT": 5,
        }
    )

    _changes: Changes

    def __init__(
        self,
        import_name: str,
        static_url_path: str | None = None,
        static_folder: str | os.PathLike[str] | None = "static",
        static_host: str | None = None,
        host_matching: bool = False,
        subdomain_matching: bool = False,
        template_folder: str | os.PathLike[str] | None = "templates",
        instance_path: str | None = None,
        instance_relative_config: bool = False,
        root_path: str | None = None,
        *,
        follow_flask: str | None = None,
    ) -> None:
        vars(self)["_changes"] = Changes()
        Scaffold.__init__(
            self, import_name, static_folder, static_url_path, template_folder, root_path
        )
        ServerInterfaces.__init__(self)
        if instance_path is None:
            instance_path = self.auto_find_instance_path()
        elif not os.path.isabs(instance_path):
            raise ValueError(
                "If an instance path is provided it must be absolute."
                " A relative path was given instead."
            )
        self.instance_path = instance_path
        self.config: Config = self.make_config(instance_relative_config)
        if follow_flask is not None:
            self.config[SETTING] = follow_flask
            follows_next(self.config)
        self.aborter: Aborter = self.make_aborter()
        #: What encodes and decodes JSON.
        self.json: JSONProvider = self.json_provider_class(self)
        #: Called with ``(error, endpoint, values)`` when a URL cannot be built.
        self.url_build_error_handlers: list[Callable[[Exception, str, dict[str, Any]], str]] = []
        self.teardown_appcontext_funcs: list[ft.TeardownCallable] = HookList(self._changes)
        self.shell_context_processors: list[ft.ShellContextProcessorCallable] = []
        self.blueprints: dict[str, Blueprint] = {}
        #: Where extensions keep their state, by their name.
        self.extensions: dict[str, Any] = {}
        self.url_map: Map = self.url_map_class(host_matching=host_matching)
        self.subdomain_matching = subdomain_matching
        self.template_context_processors[None].append(_default_template_ctx_processor)
        if self.has_static_folder:
            if bool(static_host) != host_matching:
                raise AssertionError(
                    "Invalid static_host/host_matching combination: pass both or neither, or"
                    " static_folder=None."
                )
            # By a weak reference, so that dropping the application frees it at once.
            this: Any = ref(self)
            view = lambda **kw: this().send_static_file(**kw)  # noqa: E731
            # Extensions know it as "flask.app.<lambda>": by that Flask-WTF exempts views.
            view.__module__ = "flask.app"
            self.add_url_rule(
                f"{self.static_url_path}/<path:filename>",
                endpoint="static",
                host=static_host,
                view_func=view,
            )
        elif static_host:
            raise AssertionError("'static_host' is given, but there is no static folder.")

    if not TYPE_CHECKING:
        # Unseen by checkers, to whom a misspelled attribute shall be an error.

        def __setattr__(self, name: str, value: Any) -> None:
            # A method that is set on the instance counts as an override.
            _set(self, name, value)
            # A subclass may set it before this class is initialised.
            if name in ATTRIBUTES and self._changes is not None:
                self._changes.changed()

        def __delattr__(self, name: str) -> None:
            object.__delattr__(self, name)
            if name in ATTRIBUTES and self._changes is not None:
                self._changes.changed()

        # PERF: where the class had a __getattr__, each look-up of an attribute would ask for it.
        @cached_property
        def test(self) -> NoReturn:
            kind = type(self).__name__
            raise AttributeError(
                f"{kind!r} object has no attribute 'test': did you mean 'testing'?"
            )

    def _check_setup_finished(self, f_name: str) -> None:
        if self._got_first_request:
            raise AssertionError(
                f"The setup method '{f_name}' can no longer be called on the application. It has"
                " already handled its first request, so the change would come too late for some."
                " Do all set-up (imports, extensions, blueprints) before running the application."
            )

    # -- what it is made of --------------------------------------------------------------

    @cached_property
    def name(self) -> str:
        """The name of the application: that of its module, or of the script that runs."""
        if self.import_name == "__main__":
            file: str | None = getattr(sys.modules["__main__"], "__file__", None)
            if file is None:
                return "__main__"
            return os.path.splitext(os.path.basename(file))[0]
        return self.import_name

    @cached_property
    def logger(self) -> Logger:
        """The logger with the application's name; it writes to ``wsgi.errors`` if nothing else
        is configured, and everything from DEBUG on in debug mode."""
        from ..logging import create_logger

        return create_logger(self)

    @cached_property
    def jinja_env(self) -> Environment:
        """The Jinja environment, made at first use; configure ``jinja_options`` before."""
        # Of threads that ask at once, each gets the one that is kept.
        made = self.create_jinja_environment()
        return self.__dict__.setdefault("jinja_env", made)  # type: ignore[no-any-return]

    @property
    def got_first_request(self) -> bool:
        """Whether the application has begun to serve."""
        return self._got_first_request

    @property
    def debug(self) -> bool:
        """Whether debug mode is on. ``erlen --debug run`` sets it before the application is
        made."""
        debug: bool = self.config["DEBUG"]
        return debug

    @debug.setter
    def debug(self, value: bool) -> None:
        self.config["DEBUG"] = value
        if self.config["TEMPLATES_AUTO_RELOAD"] is None and "jinja_env" in self.__dict__:
            self.jinja_env.auto_reload = value

    def make_config(self, instance_relative: bool = False) -> Config:
        """The configuration with its defaults."""
        root_path = self.instance_path if instance_relative else self.root_path
        defaults = dict(self.default_config)
        defaults["DEBUG"] = get_debug_flag()
        return self.config_class(root_path, defaults)

    def make_aborter(self) -> Aborter:
        """What :func:`abort` calls."""
        return self.aborter_class()

    def auto_find_instance_path(self) -> str:
        """The instance folder where none was given."""
        return find_instance_path(self.import_name)

    def open_instance_resource(
        self, resource: str, mode: str = "rb", encoding: str | None = "utf-8"
    ) -> IO[Any]:
        """Open a file of the instance folder, for reading or writing."""
        path = os.path.join(self.instance_path, resource)
        return open(path, mode) if "b" in mode else open(path, mode, encoding=encoding)

    def create_jinja_environment(self) -> Environment:
        """A Jinja environment with the application's options, globals and filters."""
        from ..templating.environment import create_environment

        return create_environment(self, urls.url_for_of(self))

    def create_global_jinja_loader(self) -> DispatchingJinjaLoader:
        """The loader that looks into the application's and the blueprints' folders."""
        from ..templating.environment import DispatchingJinjaLoader

        return DispatchingJinjaLoader(self)

    def select_jinja_autoescape(self, filename: str | None) -> bool:
        """Whether a template is escaped by default: HTML, XML, SVG, and strings."""
        return filename is None or filename.endswith((".html", ".htm", ".xml", ".xhtml", ".svg"))

    update_template_context: Any = either_signature(update_template_context)

    def make_shell_context(self) -> dict[str, Any]:
        """What an interactive shell sees: ``app``, ``g`` and what the processors add."""
        from ..context.proxies import g

        context: dict[str, Any] = {"app": self, "g": g}
        for processor in self.shell_context_processors:
            context.update(processor())
        return context

    # -- set-up --------------------------------------------------------------------------

    @setupmethod
    def register_blueprint(self, blueprint: Blueprint, **options: Any) -> None:
        """Add what ``blueprint`` recorded.

        :param options: ``url_prefix``, ``subdomain``, ``url_defaults`` and ``name`` win over the
            blueprint's own
        :raises TypeError: for something that is no blueprint
        :raises ValueError: if the name is taken
        """
        if not hasattr(blueprint, "register"):
            raise TypeError(
                f"register_blueprint() takes a Blueprint, and was given {blueprint!r}. If it is the"
                " module of the blueprint, write app.register_blueprint(module.name)."
            )
        if real_flask.is_real(blueprint):
            raise TypeError(
                f"The blueprint {blueprint.name!r} of {blueprint.import_name!r} is of the real"
                " Flask, which is imported beside Erlen and knows nothing of this application.\n"
                + real_flask.WHAT_TO_WRITE
            )
        blueprint.register(self, options)

    def iter_blueprints(self) -> ValuesView[Blueprint]:
        """The blueprints, in the order of their registration."""
        return self.blueprints.values()

    @setupmethod
    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: ft.RouteCallable | None = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        """Add a URL rule and, if given, the view of its endpoint; see
        :meth:`Scaffold.add_url_rule`."""
        if endpoint is None:
            endpoint = _endpoint_from_view_func(view_func)
        options["endpoint"] = endpoint
        methods = options.pop("methods", None)
        if methods is None:
            methods = getattr(view_func, "methods", None) or ("GET",)
        if isinstance(methods, str):
            raise TypeError(
                "Allowed methods must be a list of strings, for example:"
                ' @app.route(..., methods=["POST"])'
            )
        methods = {method.upper() for method in methods}
        required: set[str] = set(getattr(view_func, "required_methods", ()))
        if provide_automatic_options is None:
            provide_automatic_options = getattr(view_func, "provide_automatic_options", None)
        if provide_automatic_options is None:
            provide_automatic_options = (
                "OPTIONS" not in methods and self.config["PROVIDE_AUTOMATIC_OPTIONS"]
            )
        if provide_automatic_options:
            required.add("OPTIONS")
        rule_object = self.url_rule_class(rule, methods=methods | required, **options)
        rule_object.provide_automatic_options = provide_automatic_options  # type: ignore[attr-defined]
        if view_func is not None and view_adapter.adapt is not None:
            view_func = view_adapter.adapt(self, rule_object, view_func)
        if view_func is not None:
            known = self.view_functions.get(endpoint)
            if known is not None and known != view_func:
                raise AssertionError(
                    "View function mapping is overwriting an existing endpoint function:"
                    f" {endpoint}. Give one of the two views another name, or pass endpoint=… to"
                    " its route; a decorator around views keeps their names by functools.wraps."
                )
        self.url_map.add(rule_object)
        if view_func is not None:
            self.view_functions[endpoint] = view_func

    @setupmethod
    def before_first_request(self, f: T_first) -> T_first:
        """Call ``f()`` once, before the first request is handled."""
        self.before_first_request_funcs.append(f)
        return f

    @setupmethod
    def teardown_appcontext(self, f: T_teardown) -> T_teardown:
        """Call ``f(exception)`` when an application context ends: behind each request and each
        command."""
        self.teardown_appcontext_funcs.append(f)
        return f

    @setupmethod
    def shell_context_processor(self, f: T_shell_context_processor) -> T_shell_context_processor:
        """Add the dictionary that ``f()`` returns to what ``erlen shell`` sees."""
        self.shell_context_processors.append(f)
        return f

    # -- contexts ------------------------------------------------------------------------

    def app_context(self) -> AppContext:
        """An application context: ``with app.app_context(): ...``."""
        return AppContext(self)

    # An override's contexts are made around requests too.
    app_context.makes_plain_ones = True  # type: ignore[attr-defined]

    def request_context(self, environ: dict[str, Any]) -> RequestContext:
        """A request context for a WSGI environment."""
        return RequestContext(self, environ)

    # -- URLs ----------------------------------------------------------------------------

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """The URL map bound to a request, or to ``SERVER_NAME`` without one.

        :raises SecurityError: (400) for a host that is malformed or not in ``TRUSTED_HOSTS``
        """
        server_name = self.config["SERVER_NAME"]
        if request is None:
            if server_name is None:
                return None
            return self.url_map.bind(
                server_name,
                script_name=self.config["APPLICATION_ROOT"],
                url_scheme=self.config["PREFERRED_URL_SCHEME"],
            )
        if not check_host(request.environ.get("HTTP_HOST", "")):
            raise SecurityError(
                "The Host header is malformed: it must be a host name or address"
                " with an optional port."
            )
        trusted = self.config["TRUSTED_HOSTS"]
        if trusted is not None:
            request.trusted_hosts = trusted
            # Checks it: a host that is not trusted raises here.
            request.host  # noqa: B018
        subdomain = None
        if self.url_map.host_matching:
            server_name = None
        elif not self.subdomain_matching:
            # Any host is served; only sub-domain matching compares it to SERVER_NAME.
            subdomain = self.url_map.default_subdomain or ""
        return self.url_map.bind_to_environ(
            request.environ, server_name=server_name, subdomain=subdomain
        )

    def url_for(
        self,
        /,
        endpoint: str,
        *,
        _anchor: str | None = None,
        _method: str | None = None,
        _scheme: str | None = None,
        _external: bool | None = None,
        **values: Any,
    ) -> str:
        """The URL of an endpoint.

        :param endpoint: its name; ``".name"`` is one of the current blueprint
        :param _anchor: what stands behind ``#``
        :param _method: build the rule of this method
        :param _scheme: the scheme of an external URL
        :param _external: with scheme and host; the default outside of a request
        :param values: the variables of the rule; the rest becomes the query
        :raises BuildError: if no rule fits and no ``url_build_error_handlers`` helps
        :raises RuntimeError: outside of a request without ``SERVER_NAME``
        """
        hooks = (self._changes.desk or desk_of(self)).url_hooks
        context = context_var.get(None)
        return urls.url_for(
            self, hooks, context, endpoint, _anchor, _method, _scheme, _external, values
        )

    def inject_url_defaults(self, endpoint: str, values: dict[str, Any]) -> None:
        """Let the ``url_defaults`` functions add to ``values``."""
        urls.inject_url_defaults(self, endpoint, values)

    def handle_url_build_error(
        self, error: BuildError, endpoint: str, values: dict[str, Any]
    ) -> str:
        """The URL from the first of ``url_build_error_handlers`` that knows one.

        :raises BuildError: if none does
        """
        for handler in self.url_build_error_handlers:
            try:
                url = handler(error, endpoint, values)
            except BuildError as raised:
                # The name is unbound behind the block.
                error = raised
            else:
                if url is not None:
                    return url
        if error is sys.exc_info()[1]:
            raise
        raise error

    def redirect(self, location: str, code: int = DEFAULT_CODE) -> Response:
        """A redirect; override it to change what :func:`redirect` does."""
        if code is DEFAULT_CODE:
            code = (self._changes.desk or desk_of(self)).redirect_code
        return redirect(location, code=code, Response=self.response_class)  # type: ignore[return-value]


remember_originals(Erlen)
