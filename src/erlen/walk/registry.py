"""What an application knows of its endpoints, and the plans made of it.

The hook tables are public dictionaries that extensions change in place at any time.  Their
containers tell the registry of each change, and the plans are made anew; a request pays nothing
for that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, SupportsIndex

from ..app.config import Config
from ..http.request import Request as HTTPRequest
from ..http.response import Response as HTTPResponse
from ..json.provider import DefaultJSONProvider
from .url_hooks import ANYBODY, URL_METHODS, find_url_hooks
from .watching import WatchedDict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..app.application import Erlen
    from .plan import Plan

# The methods of the application that the walk calls only where they have been overridden.
OVERRIDABLE = (
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


class Registry:
    """The plans of an application, and how its walk is taken.

    Readers ask ``known`` first, and call :meth:`learn` where it is not set.  The registry refers to
    nothing that refers to the application, so that dropping an application frees it at once.
    """

    __slots__ = (
        "checks_hosts",
        "cookies_are_plain",
        "direct",
        "json_is_plain",
        "known",
        "plans",
        "prompt",
        "session_is_lazy",
        "tears_nothing_down",
        "text_pair",
        "traps_nothing",
        "url_hooks",
    )

    def __init__(self) -> None:
        self.plans: dict[str | None, Plan] = {}
        #: Whether the other attributes are up to date.
        self.known = False
        #: Whether no method that the walk stands for is overridden, on the class or the instance.
        self.direct = False
        #: Whether the session may be opened at first touch: Erlen's own interfaces say so, and a
        #: subclass that does not say it again is opened when the request begins, as extensions
        #: expect.
        self.session_is_lazy = False
        #: Whether path and method alone tell the rule, before there is a request object: nothing
        #: of the application's looks at the request first.
        self.prompt = False
        #: Whether that holds for trusted hosts alone.
        self.checks_hosts = False
        #: Whether a request's cookies are what its header says, and can be read before there is a
        #: request object: its class has the constructor and the cookies that it came with.
        self.cookies_are_plain = False
        #: The header of an answer that is text; ``None`` where only a response object of the
        #: application's class knows how it is written.
        self.text_pair: tuple[str, str] | None = None
        #: Whether that holds for JSON too.
        self.json_is_plain = False
        #: Whether no setting makes HTTP errors anything else than answers.
        self.traps_nothing = False
        #: Whether the end of a request calls nothing but the listeners of signals.
        self.tears_nothing_down = False
        #: Who takes part in building URLs; until it is learned, anybody may.
        self.url_hooks = ANYBODY

    def changed(self) -> None:
        """Forget everything that was derived from the tables and the methods."""
        self.plans = {}
        self.forget()

    def forget(self) -> None:
        """Forget what was derived from the configuration."""
        self.known = False
        self.url_hooks = ANYBODY

    def learn(self, app: Erlen) -> None:
        """Derive it anew."""
        own, cls = app.__dict__, type(app)
        self.direct = not any(
            name in own or getattr(cls, name) is not _ORIGINALS[name] for name in OVERRIDABLE
        )
        interface = type(app.session_interface)
        self.session_is_lazy = bool(interface.__dict__.get("opens_lazily", False))
        self.tears_nothing_down = (
            self.direct
            and not app.teardown_appcontext_funcs
            and not any(app.teardown_request_funcs.values())
        )
        config = app.config
        watched = isinstance(config, Config)
        if watched:
            config._on_change = self.forget
        self.url_hooks = find_url_hooks(
            app, watched, lambda name: name in own or getattr(cls, name) is not _ORIGINALS[name]
        )
        requests_are_plain = all(
            getattr(app.request_class, name) is getattr(HTTPRequest, name)
            for name in ("__init__", "__new__")
        )
        self.prompt = (
            self.direct
            and watched
            and app._got_first_request
            and self.session_is_lazy
            and not app.subdomain_matching
            and requests_are_plain
        )
        self.cookies_are_plain = (
            self.direct
            and requests_are_plain
            and not hasattr(app.request_class, "environ")
            and all(
                getattr(app.request_class, name) is getattr(HTTPRequest, name)
                for name in ("__getattribute__", "cookies", "dict_storage_class")
            )
        )
        self.checks_hosts = config["TRUSTED_HOSTS"] is not None
        self.traps_nothing = (
            self.direct
            and watched
            and not config["DEBUG"]
            and not config["TRAP_HTTP_EXCEPTIONS"]
            and not config["TRAP_BAD_REQUEST_ERRORS"]
        )
        self.text_pair = self._find_text_pair(app)
        provider = type(app.json)
        self.json_is_plain = (
            self.text_pair is not None
            and getattr(provider, "response", None) is DefaultJSONProvider.response
        )
        self.known = True

    def _find_text_pair(self, app: Erlen) -> tuple[str, str] | None:
        cls = app.response_class
        cls._prepare()
        if (
            cls._writes_plainly
            and cls.__init__ is HTTPResponse.__init__
            and cls.default_status == 200
            and cls.automatically_set_content_length
            and len(cls._pairs) == 1
        ):
            return cls._pairs[0]
        return None


_ORIGINALS: dict[str, Callable[..., Any]] = {}


def remember_originals(cls: type[Erlen]) -> None:
    """Keep the methods as they were defined, to know an override from them."""
    _ORIGINALS.update({name: getattr(cls, name) for name in (*OVERRIDABLE, *URL_METHODS)})


class HookList(list[Any]):
    """A list of functions that reports its changes."""

    __slots__ = ("_registry",)

    def __init__(self, registry: Registry | None, items: Iterable[Any] = ()) -> None:
        super().__init__(items)
        self._registry = registry

    def _changed(self) -> None:
        if self._registry is not None:
            self._registry.changed()

    def append(self, item: Any) -> None:
        super().append(item)
        self._changed()

    def extend(self, items: Iterable[Any]) -> None:
        super().extend(items)
        self._changed()

    def insert(self, index: SupportsIndex, item: Any) -> None:
        super().insert(index, item)
        self._changed()

    def remove(self, item: Any) -> None:
        super().remove(item)
        self._changed()

    def pop(self, index: SupportsIndex = -1) -> Any:
        item = super().pop(index)
        self._changed()
        return item

    def clear(self) -> None:
        super().clear()
        self._changed()

    def reverse(self) -> None:
        super().reverse()
        self._changed()

    def sort(self, **kwargs: Any) -> None:
        super().sort(**kwargs)
        self._changed()

    def __setitem__(self, index: Any, value: Any) -> None:
        super().__setitem__(index, value)
        self._changed()

    def __delitem__(self, index: Any) -> None:
        super().__delitem__(index)
        self._changed()

    def __iadd__(self, items: Iterable[Any]) -> HookList:  # type: ignore[misc]
        self.extend(items)
        return self

    def __copy__(self) -> list[Any]:
        return list(self)

    def __reduce__(self) -> Any:
        return list, (list(self),)


class RegistryDict(WatchedDict[Any, Any]):
    """A dictionary that reports its changes to a registry."""

    __slots__ = ("_registry",)

    def __init__(self, registry: Registry | None) -> None:
        super().__init__()
        self._registry = registry

    def _changed(self) -> None:
        if self._registry is not None:
            self._registry.changed()

    def __reduce__(self) -> Any:
        return dict, (dict(self),)


class MissingView(KeyError):
    """An endpoint has a URL rule and no view; its text tells how it gets one."""

    def __str__(self) -> str:
        endpoint = self.args[0]
        return (
            f"The endpoint {endpoint!r} has no view. Pass view_func=… to add_url_rule(), or"
            f" decorate a function with @app.endpoint({endpoint!r})."
        )


class ViewDict(RegistryDict):
    """Views by endpoint."""

    __slots__ = ()

    def __missing__(self, key: Any) -> Any:
        raise MissingView(key)


class HookDict(RegistryDict):
    """Lists of functions by blueprint name (``None`` is the application's own); a missing list
    is made when it is asked for."""

    __slots__ = ()

    def _take(self, value: Any) -> HookList:
        return value if isinstance(value, HookList) else HookList(self._registry, value)

    def __missing__(self, key: Any) -> HookList:
        # An empty list changes no plan.
        found = HookList(self._registry)
        dict.__setitem__(self, key, found)
        return found
