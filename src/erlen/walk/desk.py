"""The desk: all that the walk of a request has to know of its application.

It is made at once, never changed, and thrown away whole when the application changes (a hook, a
view, a setting, a method): the next request makes another one.  Requests on their way keep theirs.
A desk does not hold the application.
"""

from __future__ import annotations

from types import MethodType
from typing import TYPE_CHECKING, Any

from ..context.contexts import opens_lazily
from ..context.messages import Request
from ..http.response import text_pair_of
from ..json.provider import DefaultJSONProvider
from .hooks import HookList
from .signatures import WITH_CONTEXT, signature_of, warn_of_ignoring, warn_of_old
from .url_hooks import find_url_hooks
from .versions import SETTING, follows_next
from .watching import WatchedDict

if TYPE_CHECKING:
    from collections.abc import Callable

    from .application import Application
    from .url_hooks import UrlHooks

# The methods of the application that are steps of the walk. An override replaces the step.
STEPS = (
    "async_to_sync",
    "create_url_adapter",
    "dispatch_request",
    "do_teardown_appcontext",
    "do_teardown_request",
    "ensure_sync",
    "finalize_request",
    "full_dispatch_request",
    "handle_http_exception",
    "handle_user_exception",
    "make_default_options_response",
    "make_response",
    "preprocess_request",
    "process_response",
    "raise_routing_exception",
    "request_context",
    "trap_http_exception",
)
# What a desk asks besides, whether it is overridden.
_ASKED = (
    "__call__",
    "_find_error_handler",
    "app_context",
    "handle_exception",
    "inject_url_defaults",
    "log_exception",
    "should_ignore_error",
    "update_template_context",
    "url_for",
    "wsgi_app",
)
_TABLES = (
    "after_request_funcs",
    "after_websocket_funcs",
    "before_request_funcs",
    "before_websocket_funcs",
    "teardown_request_funcs",
    "teardown_websocket_funcs",
    "url_default_functions",
    "url_value_preprocessors",
)
# The attributes of an application that a desk is made of: assigning to another one changes nothing.
ATTRIBUTES = frozenset(
    {
        *STEPS,
        *_ASKED,
        *_TABLES,
        "_got_first_request",
        "config",
        "json",
        "request_class",
        "response_class",
        "session_interface",
        "subdomain_matching",
        "teardown_appcontext_funcs",
        "url_map",
        "view_functions",
        "websocket_class",
    }
)
# The settings that a desk is made of.
SETTINGS = (
    "DEBUG",
    SETTING,
    "SERVER_NAME",
    "SESSION_REFRESH_EACH_REQUEST",
    "TRAP_BAD_REQUEST_ERRORS",
    "TRAP_HTTP_EXCEPTIONS",
    "TRUSTED_HOSTS",
)

# The framework's own, to know from them what somebody put in their place.
_NAMING = ("blueprint", "blueprints", "endpoint", "routing_exception", "url_rule", "view_args")
_MAKING = ("__init__", "__new__", "close")
_COOKIES = ("__getattribute__", "cookies", "dict_storage_class")
_REQUESTS_CAME_WITH = {name: getattr(Request, name) for name in (*_NAMING, *_MAKING, *_COOKIES)}
_JSON_RESPONSE = DefaultJSONProvider.response
_originals: dict[str, Callable[..., Any]] = {}


def remember_originals(cls: type) -> None:
    """Keep the methods of a class as they were defined, to know an override from them."""
    _originals.update({name: getattr(cls, name) for name in (*STEPS, *_ASKED)})


def _is_overridden(app: Application, name: str) -> bool:
    return name in app.__dict__ or getattr(type(app), name) is not _originals[name]


def is_given_context(app: Application, name: str) -> bool:
    """Whether a method is called with the context as its first argument: Erlen's own, and an
    override that was written for Flask 3.2."""
    if not _is_overridden(app, name):
        return True
    return signature_of(getattr(app, name), WITH_CONTEXT[name]) == "new"


def desk_of(app: Application) -> Desk:
    """The desk of an application as it is now.

    A change that comes while it is made is not lost: then it is made once more.

    :raises Exception: what a broken override or setting raises; the next request tries again
    """
    changes = app._changes
    while True:
        desk: Desk | None = changes.desk
        if desk is not None:
            return desk
        last: Desk | None = changes.last
        if last is not None and last.count == changes.count and last.untold == _untold(app):
            return last
        made = Desk(app, changes.count)
        if changes.keep(made):
            return made


def takes_asgi(wsgi: Any) -> bool:
    """Whether what stands in the place of ``wsgi_app`` takes ASGI connections too.

    A class of middleware says so by ``takes_asgi = True``, where its ``app``, which it wraps, does.
    A subclass with a ``__call__`` of its own has to say it again.
    """
    cls = type(wsgi)
    if hasattr(cls, "asgi_app"):
        # An application.
        return True
    if cls is MethodType:
        return wsgi.__func__ is _originals["wsgi_app"]
    for base in cls.__mro__:
        own = vars(base)
        if "takes_asgi" in own:
            return bool(wsgi.takes_asgi) and takes_asgi(getattr(wsgi, "app", None))
        if "__call__" in own:
            return False
    return False


def _settings_of(app: Application) -> dict[str, Any]:
    settings = {name: app.config[name] for name in SETTINGS}
    trusted = settings["TRUSTED_HOSTS"]
    if trusted is not None and not hasattr(trusted, "__iter__"):
        raise TypeError(
            f"TRUSTED_HOSTS is a list of host names, such as ['example.org'], or None for all; it"
            f" is {trusted!r}."
        )
    return settings


def _untold(app: Application) -> list[Any] | None:
    """What a desk is made of and does not tell of its changes, as it is now; ``None`` where all of
    it tells."""
    found: list[Any] = []
    if not isinstance(app.config, WatchedDict):
        found.append(_settings_of(app))
    if not isinstance(app.view_functions, WatchedDict):
        found.append(dict(app.view_functions))
    if not isinstance(app.teardown_appcontext_funcs, HookList):
        found.append(list(app.teardown_appcontext_funcs))
    for name in _TABLES:
        table = getattr(app, name)
        if isinstance(table, WatchedDict):
            found.extend(
                list(functions)
                for functions in list(table.values())
                if not isinstance(functions, HookList)
            )
        else:
            # A copy is made in one go: others may add scopes meanwhile.
            found.append({scope: list(functions) for scope, functions in dict(table).items()})
    return found or None


class Desk:
    """What requests take.

    :param app: the application, which the desk does not keep
    :param count: how many changes there were when it was begun
    """

    def __init__(self, app: Application, count: int) -> None:
        self.count = count
        #: The plans that were made, by endpoint, kind and names of blueprints.
        self.made: dict[tuple[Any, ...], Any] = {}
        #: Those of walks on a thread, by endpoint; ``None`` is for a request without a rule.
        self.plans: dict[Any, Any] = {}
        #: The methods that somebody replaced, on the instance or the class.
        self.overridden: frozenset[str] = frozenset(
            name for name in _originals if _is_overridden(app, name)
        )
        overridden = self.overridden
        #: Dictionaries and lists of other classes, put in place of those that tell of their
        #: changes, are compared at each request.
        self.untold: list[Any] | None = _untold(app)
        if isinstance(app.config, WatchedDict):
            app.config.on_change = app._changes.changed  # type: ignore[attr-defined]
        settings = _settings_of(app)
        self._learn_version(app, settings)
        #: Hosts that requests may name; ``None`` for all.
        self.trusted_hosts: Any = settings["TRUSTED_HOSTS"]
        #: Whether debug mode is on.
        self.is_debug: Any = settings["DEBUG"]
        #: Whether no setting makes HTTP errors anything else than answers.
        self.traps_nothing: bool = not (
            settings["DEBUG"]
            or settings["TRAP_HTTP_EXCEPTIONS"]
            or settings["TRAP_BAD_REQUEST_ERRORS"]
            or "trap_http_exception" in overridden
        )
        self._learn_sessions(app, settings)
        request_class = app.request_class

        def has_own(names: tuple[str, ...]) -> bool:
            came_with = _REQUESTS_CAME_WITH
            return any(getattr(request_class, name) is not came_with[name] for name in names)

        #: Whether requests say by themselves whose hooks run for them.
        self.requests_name_blueprints: bool = has_own(_NAMING)
        requests_are_plain = not has_own(_MAKING)
        #: Whether path and method alone tell the rule, before there is a request object: nothing
        #: of the application's looks at the request first.
        self.finds_at_once: bool = (
            "create_url_adapter" not in overridden
            and app._got_first_request
            and self.session_is_lazy
            and not app.subdomain_matching
            and not app.url_map.needs_adapter
            and requests_are_plain
            and not self.requests_name_blueprints
        )
        #: The class of requests, if closing one closes its files and no more.
        self.closed_plainly: Any | None = None if has_own(("close",)) else request_class
        #: Whether an override makes the contexts of requests.
        self.makes_contexts: bool = "request_context" in overridden
        #: Whether that may be on the loop, with a context that is made there.
        self.finds_on_loop: bool = self.finds_at_once and not self.makes_contexts
        #: Whether the application has begun to serve.
        self.has_begun: bool = app._got_first_request
        #: Whether a request's cookies are what its header says, and can be read before there is a
        #: request object: its class has the constructor and the cookies that it came with.
        self.cookies_are_plain: bool = (
            requests_are_plain and not hasattr(request_class, "environ") and not has_own(_COOKIES)
        )
        #: Whether WSGI middleware, or an agent in place of ``__call__``, is to see each request: on
        #: ASGI all of it then goes by the WSGI way.
        self.is_wrapped: bool = bool(overridden & {"wsgi_app", "__call__"})
        #: Whether what is around ``wsgi_app`` takes ASGI connections too.
        self.wrapper_takes_asgi: bool = "wsgi_app" in overridden and takes_asgi(app.wsgi_app)
        #: Who takes part in building URLs.
        self.url_hooks: UrlHooks = find_url_hooks(app, overridden, settings)
        #: The header of an answer that is text; ``None`` where only a response object of the
        #: application's class knows how it is written.
        self.text_pair: tuple[str, str] | None = text_pair_of(app.response_class)
        #: The class of responses.
        self.response_class: Any = app.response_class
        #: Whether that holds for JSON too.
        self.json_is_plain: bool = (
            self.text_pair is not None
            and getattr(type(app.json), "response", None) is _JSON_RESPONSE
        )
        #: Whether nobody is asked at the end but the teardown functions.
        self.ends_plainly: bool = overridden.isdisjoint(
            {"do_teardown_request", "do_teardown_appcontext"}
        )
        self.app_teardown: tuple[Any, ...] = tuple(reversed(app.teardown_appcontext_funcs))

    def _learn_version(self, app: Application, settings: dict[str, Any]) -> None:
        #: Whether the application behaves as the next version of Flask.
        self.follows_next: bool = follows_next(settings)
        #: The status of a redirect that names none.
        self.redirect_code: int = 303 if self.follows_next else 302
        found = {
            name: signature_of(getattr(app, name), others)
            for name, others in WITH_CONTEXT.items()
            if name in self.overridden
        }
        #: The methods that are called with the context as their first argument.
        self.given_context: frozenset[str] = frozenset(
            name for name in WITH_CONTEXT if found.get(name, "new") == "new"
        )
        if not self.follows_next:
            return
        for name, kind in found.items():
            if kind == "old":
                warn_of_old(getattr(app, name), name)
        if "should_ignore_error" in self.overridden:
            warn_of_ignoring(app.should_ignore_error)

    def _learn_sessions(self, app: Application, settings: dict[str, Any]) -> None:
        interface = app.session_interface
        #: Whether the session may be opened at first touch: Erlen's own interfaces say so, and a
        #: subclass that does not say it again is opened when the request begins, as extensions
        #: expect.
        self.session_is_lazy: bool = opens_lazily(interface)
        #: Whether saving it may wait for a disk or a network.
        self.saves_io: bool = bool(interface.does_io)
        #: Whether a session that nobody touched is opened all the same, to prolong it.
        self.prolongs_sessions: bool = bool(
            interface.refreshes_untouched and settings["SESSION_REFRESH_EACH_REQUEST"]
        )
