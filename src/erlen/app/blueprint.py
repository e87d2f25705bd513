"""Blueprints: parts of an application that are recorded first and registered later."""

from __future__ import annotations

import os
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeVar, overload

from .scaffold import Scaffold, _endpoint_from_view_func
from .setupmethod import setupmethod
from .template_functions import decorator_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .. import typing as ft
    from .application import Erlen

    DeferredSetupFunction = Callable[["BlueprintSetupState"], None]

T_websocket_hook = TypeVar("T_websocket_hook", bound="Callable[..., Any]")
T_after_request = TypeVar("T_after_request", bound="ft.AfterRequestCallable[Any]")
T_before_request = TypeVar("T_before_request", bound="ft.BeforeRequestCallable")
T_error_handler = TypeVar("T_error_handler", bound="ft.ErrorHandlerCallable")
T_teardown = TypeVar("T_teardown", bound="ft.TeardownCallable")
T_context_processor = TypeVar("T_context_processor", bound="ft.TemplateContextProcessorCallable")
T_template_filter = TypeVar("T_template_filter", bound="ft.TemplateFilterCallable")
T_template_global = TypeVar("T_template_global", bound="ft.TemplateGlobalCallable")
T_template_test = TypeVar("T_template_test", bound="ft.TemplateTestCallable")
T_url_defaults = TypeVar("T_url_defaults", bound="ft.URLDefaultCallable")
T_url_value_preprocessor = TypeVar(
    "T_url_value_preprocessor", bound="ft.URLValuePreprocessorCallable"
)

# "The group has the blueprint's name": None merges the commands into the application's.
_OWN_NAME: Any = object()


class BlueprintSetupState:
    """One registration of a blueprint: what the recorded functions get.

    The options of the registration win over those of the blueprint.
    """

    def __init__(
        self, blueprint: Blueprint, app: Erlen, options: Any, first_registration: bool
    ) -> None:
        self.app = app
        self.blueprint = blueprint
        self.options = options
        #: Whether this application sees the blueprint for the first time.
        self.first_registration = first_registration
        subdomain = options.get("subdomain")
        self.subdomain: str | None = blueprint.subdomain if subdomain is None else subdomain
        prefix = options.get("url_prefix")
        self.url_prefix: str | None = blueprint.url_prefix if prefix is None else prefix
        self.name: str = options.get("name", blueprint.name)
        self.name_prefix: str = options.get("name_prefix", "")
        self.url_defaults: dict[str, Any] = {
            **blueprint.url_values_defaults,
            **(options.get("url_defaults") or {}),
        }

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: ft.RouteCallable | None = None,
        **options: Any,
    ) -> None:
        """Add a rule to the application, below the prefix, with the blueprint's name before the
        endpoint."""
        if self.url_prefix is not None:
            rule = f"{self.url_prefix.rstrip('/')}/{rule.lstrip('/')}" if rule else self.url_prefix
        options.setdefault("subdomain", self.subdomain)
        if endpoint is None:
            endpoint = _endpoint_from_view_func(view_func)
        defaults = self.url_defaults
        if "defaults" in options:
            defaults = {**defaults, **options.pop("defaults")}
        self.app.add_url_rule(
            rule,
            f"{self.name_prefix}.{self.name}.{endpoint}".lstrip("."),
            view_func,
            defaults=defaults,
            **options,
        )


class Blueprint(Scaffold):
    """A part of an application: rules, hooks, templates and static files under one name.

    :param name: what its endpoints begin with; no dots
    :param import_name: ``__name__`` of its module
    :param static_folder: its static files, served below ``url_prefix``
    :param static_url_path: the URL prefix of them
    :param template_folder: its templates; the application's own come first
    :param url_prefix: what its URLs begin with
    :param subdomain: the sub-domain of its URLs
    :param url_defaults: values that its rules have by default
    :param root_path: the folder that relative paths start from
    :param cli_group: the command group of its commands: by default its name, ``None`` for none
    """

    _got_registered_once = False
    # The same, by the name by which Flask-WTF and other extensions exempt it.
    send_static_file: Any = FunctionType(
        Scaffold.send_static_file.__code__, Scaffold.send_static_file.__globals__
    )
    send_static_file.__module__ = "flask.blueprints"
    send_static_file.__doc__ = Scaffold.send_static_file.__doc__

    def __init__(
        self,
        name: str,
        import_name: str,
        static_folder: str | os.PathLike[str] | None = None,
        static_url_path: str | None = None,
        template_folder: str | os.PathLike[str] | None = None,
        url_prefix: str | None = None,
        subdomain: str | None = None,
        url_defaults: dict[str, Any] | None = None,
        root_path: str | None = None,
        cli_group: str | None = _OWN_NAME,
    ) -> None:
        super().__init__(import_name, static_folder, static_url_path, template_folder, root_path)
        if not name:
            raise ValueError("'name' may not be empty.")
        if "." in name:
            raise ValueError(
                "'name' may not contain a dot '.' character: dots separate the names"
                " of nested blueprints."
            )
        self.name = name
        self.url_prefix = url_prefix
        self.subdomain = subdomain
        self.deferred_functions: list[DeferredSetupFunction] = []
        self.url_values_defaults: dict[str, Any] = {} if url_defaults is None else url_defaults
        self.cli_group = cli_group
        self._blueprints: list[tuple[Blueprint, dict[str, Any]]] = []

    def _check_setup_finished(self, f_name: str) -> None:
        if self._got_registered_once:
            raise AssertionError(
                f"The setup method '{f_name}' can no longer be called on the blueprint"
                f" '{self.name}'. It was registered already, so the change would be lost. Do all"
                " set-up of a blueprint before registering it."
            )

    @setupmethod
    def record(self, func: DeferredSetupFunction) -> None:
        """Call ``func(state)`` at each registration."""
        self.deferred_functions.append(func)

    @setupmethod
    def record_once(self, func: DeferredSetupFunction) -> None:
        """Call ``func(state)`` at the first registration in an application."""

        def once(state: BlueprintSetupState) -> None:
            if state.first_registration:
                func(state)

        self.record(once)

    def make_setup_state(
        self, app: Erlen, options: dict[str, Any], first_registration: bool = False
    ) -> BlueprintSetupState:
        """The state that the recorded functions get."""
        return BlueprintSetupState(self, app, options, first_registration)

    @setupmethod
    def register_blueprint(self, blueprint: Blueprint, **options: Any) -> None:
        """Nest ``blueprint`` in this one: it is registered with it, below its prefix and name.

        :raises ValueError: for this blueprint itself
        """
        if blueprint is self:
            raise ValueError("Cannot register a blueprint on itself")
        self._blueprints.append((blueprint, options))

    def register(self, app: Erlen, options: dict[str, Any]) -> None:
        """What :meth:`Erlen.register_blueprint` calls: add everything that was recorded."""
        name_prefix = options.get("name_prefix", "")
        self_name = options.get("name", self.name)
        name = f"{name_prefix}.{self_name}".lstrip(".")
        if name in app.blueprints:
            same = app.blueprints[name] is self
            other = "this" if same else "a different"
            raise ValueError(
                f"The name '{self_name}' is already registered for {other} blueprint"
                f"{'' if self_name == name else f' {name!r}'}. Use 'name=' to provide a unique"
                " name."
            )
        first_bp_registration = all(bp is not self for bp in app.blueprints.values())
        app.blueprints[name] = self
        self._got_registered_once = True
        state = self.make_setup_state(app, options, first_bp_registration)
        if self.has_static_folder:
            state.add_url_rule(
                f"{self.static_url_path}/<path:filename>",
                view_func=self.send_static_file,
                endpoint="static",
            )
        self._merge_blueprint_funcs(app, name)
        for deferred in self.deferred_functions:
            deferred(state)
        self._register_commands(app, options, name)
        for blueprint, own_options in self._blueprints:
            app.register_blueprint(
                blueprint, **self._nested_options(state, name, blueprint, own_options)
            )

    def _nested_options(
        self, state: BlueprintSetupState, name: str, blueprint: Blueprint, options: dict[str, Any]
    ) -> dict[str, Any]:
        """The options of a nested blueprint, with the prefix and sub-domain of this one."""
        options = options.copy()
        prefix = options.get("url_prefix")
        if prefix is None:
            prefix = blueprint.url_prefix
        if prefix is not None and state.url_prefix is not None:
            prefix = f"{state.url_prefix.rstrip('/')}/{prefix.lstrip('/')}"
        elif prefix is None:
            prefix = state.url_prefix
        if prefix is not None:
            options["url_prefix"] = prefix
        subdomain = options.get("subdomain")
        if subdomain is None:
            subdomain = blueprint.subdomain
        if subdomain is not None and state.subdomain is not None:
            subdomain = f"{subdomain}.{state.subdomain}"
        elif subdomain is None:
            subdomain = state.subdomain
        if subdomain is not None:
            options["subdomain"] = subdomain
        options["name_prefix"] = name
        return options

    def _register_commands(self, app: Erlen, options: dict[str, Any], name: str) -> None:
        own = self.__dict__.get("cli")
        if own is None or not own.commands:
            return
        group = options.get("cli_group", self.cli_group)
        if group is None:
            app.cli.commands.update(own.commands)
            return
        own.name = name if group is _OWN_NAME else group
        app.cli.add_command(own)

    def _merge_blueprint_funcs(self, app: Erlen, name: str) -> None:
        """Add the hooks, handlers and views of this blueprint to the tables of ``app``."""

        def scoped(key: str | None) -> str:
            return name if key is None else f"{name}.{key}"

        for key, codes in self.error_handler_spec.items():
            for code, handlers in codes.items():
                app.error_handler_spec[scoped(key)][code].update(handlers)
        for endpoint, view in self.view_functions.items():
            app.view_functions[endpoint] = view
        for table in (
            "before_request_funcs",
            "after_request_funcs",
            "teardown_request_funcs",
            "before_websocket_funcs",
            "after_websocket_funcs",
            "teardown_websocket_funcs",
            "url_default_functions",
            "url_value_preprocessors",
            "template_context_processors",
        ):
            target = getattr(app, table)
            for key, functions in getattr(self, table).items():
                target[scoped(key)].extend(functions)

    @setupmethod
    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: ft.RouteCallable | None = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        """Record a URL rule; see :meth:`Scaffold.add_url_rule`.

        :raises ValueError: for a dot in the endpoint or in the name of the view
        """
        if endpoint and "." in endpoint:
            raise ValueError("'endpoint' may not contain a dot '.' character.")
        if view_func is not None and "." in getattr(view_func, "__name__", ""):
            raise ValueError("'view_func' name may not contain a dot '.' character.")
        self.record(
            lambda state: state.add_url_rule(
                rule,
                endpoint,
                view_func,
                provide_automatic_options=provide_automatic_options,
                **options,
            )
        )

    # -- for the whole application -------------------------------------------------------

    @overload
    def app_template_filter(self, name: T_template_filter) -> T_template_filter: ...

    @overload
    def app_template_filter(
        self, name: str | None = None
    ) -> Callable[[T_template_filter], T_template_filter]: ...

    @setupmethod
    def app_template_filter(self, name: Any = None) -> Any:
        """Decorate a template filter of the whole application."""
        return decorator_of(self.add_app_template_filter, name)

    @setupmethod
    def add_app_template_filter(
        self, f: ft.TemplateFilterCallable, name: str | None = None
    ) -> None:
        """Add a template filter to the whole application."""
        self.record_once(lambda state: state.app.add_template_filter(f, name))

    @overload
    def app_template_test(self, name: T_template_test) -> T_template_test: ...

    @overload
    def app_template_test(
        self, name: str | None = None
    ) -> Callable[[T_template_test], T_template_test]: ...

    @setupmethod
    def app_template_test(self, name: Any = None) -> Any:
        """Decorate a template test of the whole application."""
        return decorator_of(self.add_app_template_test, name)

    @setupmethod
    def add_app_template_test(self, f: ft.TemplateTestCallable, name: str | None = None) -> None:
        """Add a template test to the whole application."""
        self.record_once(lambda state: state.app.add_template_test(f, name))

    @overload
    def app_template_global(self, name: T_template_global) -> T_template_global: ...

    @overload
    def app_template_global(
        self, name: str | None = None
    ) -> Callable[[T_template_global], T_template_global]: ...

    @setupmethod
    def app_template_global(self, name: Any = None) -> Any:
        """Decorate a template global of the whole application."""
        return decorator_of(self.add_app_template_global, name)

    @setupmethod
    def add_app_template_global(
        self, f: ft.TemplateGlobalCallable, name: str | None = None
    ) -> None:
        """Add a template global to the whole application."""
        self.record_once(lambda state: state.app.add_template_global(f, name))

    @setupmethod
    def before_app_request(self, f: T_before_request) -> T_before_request:
        """``before_request`` for every request of the application."""
        self.record_once(lambda s: s.app.before_request_funcs.setdefault(None, []).append(f))
        return f

    @setupmethod
    def after_app_request(self, f: T_after_request) -> T_after_request:
        """``after_request`` for every request of the application."""
        self.record_once(lambda s: s.app.after_request_funcs.setdefault(None, []).append(f))
        return f

    @setupmethod
    def teardown_app_request(self, f: T_teardown) -> T_teardown:
        """``teardown_request`` for every request of the application."""
        self.record_once(lambda s: s.app.teardown_request_funcs.setdefault(None, []).append(f))
        return f

    @setupmethod
    def before_app_websocket(self, f: T_websocket_hook) -> T_websocket_hook:
        """``before_websocket`` for every WebSocket of the application."""
        self.record_once(lambda s: s.app.before_websocket_funcs.setdefault(None, []).append(f))
        return f

    @setupmethod
    def after_app_websocket(self, f: T_websocket_hook) -> T_websocket_hook:
        """``after_websocket`` for every WebSocket of the application."""
        self.record_once(lambda s: s.app.after_websocket_funcs.setdefault(None, []).append(f))
        return f

    @setupmethod
    def teardown_app_websocket(self, f: T_websocket_hook) -> T_websocket_hook:
        """``teardown_websocket`` for every WebSocket of the application."""
        self.record_once(lambda s: s.app.teardown_websocket_funcs.setdefault(None, []).append(f))
        return f

    @setupmethod
    def before_app_first_request(self, f: Callable[[], Any]) -> Callable[[], Any]:
        """``before_first_request`` of the application."""
        self.record_once(lambda s: s.app.before_first_request_funcs.append(f))
        return f

    @setupmethod
    def app_context_processor(self, f: T_context_processor) -> T_context_processor:
        """``context_processor`` for every template of the application."""
        self.record_once(lambda s: s.app.template_context_processors.setdefault(None, []).append(f))
        return f

    @setupmethod
    def app_errorhandler(
        self, code: type[Exception] | int
    ) -> Callable[[T_error_handler], T_error_handler]:
        """``errorhandler`` for every request of the application."""

        def decorator(f: T_error_handler) -> T_error_handler:
            def register(state: BlueprintSetupState) -> None:
                state.app.errorhandler(code)(f)

            self.record_once(register)
            return f

        return decorator

    @setupmethod
    def app_url_value_preprocessor(self, f: T_url_value_preprocessor) -> T_url_value_preprocessor:
        """``url_value_preprocessor`` for every request of the application."""
        self.record_once(lambda s: s.app.url_value_preprocessors.setdefault(None, []).append(f))
        return f

    @setupmethod
    def app_url_defaults(self, f: T_url_defaults) -> T_url_defaults:
        """``url_defaults`` for every URL of the application."""
        self.record_once(lambda s: s.app.url_default_functions.setdefault(None, []).append(f))
        return f
