"""The application as a server sees it: its interfaces, start-up and shut-down."""

from __future__ import annotations

from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from ..gateways.detection import mark_as_asgi
from ..gateways.wsgi_app import wsgi_app
from ..workers.background import BackgroundTasks
from ..workers.loop import run_blocking
from .agents import KeepingInterfaces
from .asgi_entry import make_entry
from .setupmethod import setupmethod

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

    from ..routing import Map
    from ..typing import Receive, Scope, Send

    ServingFunction = Callable[[], Awaitable[None] | None]
    ServingGenerator = Callable[[], AsyncIterator[None]]

T_serving = TypeVar("T_serving", bound="ServingFunction")
T_while = TypeVar("T_while", bound="ServingGenerator")


def _asgi_app(app: Any, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
    """Import what ASGI needs: asyncio takes as long as the rest of Erlen."""
    from ..gateways.asgi_app import asgi_app

    mark_as_asgi(asgi_app)
    # PERF: from now on the function itself is the method.
    ServerInterfaces.asgi_app = asgi_app
    return asgi_app(app, scope, receive, send)


class ServerInterfaces(metaclass=KeepingInterfaces):
    """What servers call, and the functions that run when serving begins and ends; a mix-in."""

    _got_first_request = False
    _is_serving = False
    _was_warned = False

    if TYPE_CHECKING:
        url_map: Map

    def __init__(self) -> None:
        self.before_first_request_funcs: list[Callable[[], Any]] = []
        self.before_serving_funcs: list[ServingFunction] = []
        self.after_serving_funcs: list[ServingFunction] = []
        self.while_serving_gens: list[ServingGenerator] = []
        self._serving_gens: list[AsyncIterator[None]] = []
        self._background = BackgroundTasks()
        self._begin_lock = Lock()
        mark_as_asgi(type(self).__call__)
        mark_as_asgi(type(self).asgi_app)

    # -- the interfaces ------------------------------------------------------------------

    def __call__(
        self,
        environ: Any = None,
        start_response: Any = None,
        send: Any = None,
        *,
        scope: Any = None,
        receive: Any = None,
    ) -> Any:
        """The WSGI application ``(environ, start_response)`` (PEP 3333) and the ASGI application
        ``(scope, receive, send)``. Middleware wraps :attr:`wsgi_app` and :attr:`asgi_app`."""
        if start_response is None:
            scope, start_response = environ if scope is None else scope, receive
            if scope is None:
                # Servers call what may be a factory with nothing, and see by this that it is none.
                raise TypeError(
                    f"{type(self).__name__} is called with (environ, start_response) or with"
                    " (scope, receive, send)."
                )
            if send is None:
                # ASGI 2, which servers fall back to that do not see the other signature.
                return partial(self.asgi_app, scope)
            environ = scope
        if send is None:
            return self.wsgi_app(environ, start_response)
        return self.asgi_app(environ, start_response, send)

    # PERF: the function itself is the method, which saves a call for each request.
    #: Answer one WSGI request; ``app.wsgi_app = Middleware(app.wsgi_app)`` wraps it.
    wsgi_app: Callable[..., Iterable[bytes]] = wsgi_app

    #: Serve one ASGI connection; ``app.asgi_app = Middleware(app.asgi_app)`` wraps it.
    asgi_app: Callable[..., Awaitable[None]] = _asgi_app

    def _serve_unwrapped(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        # Behind middleware around wsgi_app that passes ASGI connections on.
        from ..gateways.asgi_app import asgi_app

        return asgi_app(self, scope, receive, send, is_unwrapped=True)  # type: ignore[arg-type]

    @property
    def asgi(self) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
        """The ASGI application, for servers that cannot tell by themselves: ``module:app.asgi``."""
        return make_entry(self)

    def wsgi(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The WSGI application, for servers that cannot tell by themselves: ``module:app.wsgi``."""
        return self.__call__(environ, start_response)  # type: ignore[no-any-return]

    @property
    def wraps_asgi(self) -> bool:
        """Whether something stands in the place of :attr:`asgi_app`."""
        cls = type(self)
        return "asgi_app" in self.__dict__ or cls.asgi_app is not ServerInterfaces.asgi_app

    def _warn_of_gaps(self, on_asgi: bool) -> None:
        if not self._was_warned:
            from .coverage import warn_of_gaps

            self._was_warned = True
            warn_of_gaps(self, on_asgi)

    def has_websockets(self) -> bool:
        """Whether a rule is a WebSocket's, so that only ASGI serves all of the application."""
        return any(rule.websocket for rule in self.url_map.iter_rules())

    # -- start-up and shut-down ----------------------------------------------------------

    @setupmethod
    def before_serving(self, f: T_serving) -> T_serving:
        """Call ``f()``, which may be async, before the first request is served: when the server
        starts on ASGI, in front of the first request on WSGI."""
        self.before_serving_funcs.append(f)
        return f

    @setupmethod
    def after_serving(self, f: T_serving) -> T_serving:
        """Call ``f()``, which may be async, when the server stops; on WSGI, when the process
        ends."""
        self.after_serving_funcs.append(f)
        return f

    @setupmethod
    def while_serving(self, f: T_while) -> T_while:
        """Run an async generator with one ``yield``: up to it when serving begins, from there on
        when it ends.

        >>> @app.while_serving
        ... async def pool():
        ...     app.extensions["pool"] = await connect()
        ...     yield
        ...     await app.extensions["pool"].close()
        """
        self.while_serving_gens.append(f)
        return f

    def add_background_task(self, func: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Run ``func(*args, **kwargs)`` behind the response, in an application context: on the
        event loop if it is async, on a thread if it is not.

        What it raises is logged. When the server stops, it may go on for
        ``BACKGROUND_TASK_SHUTDOWN_TIMEOUT`` seconds.
        """
        self._background.add(self, func, *args, **kwargs)  # type: ignore[arg-type]
        self._shut_down_at_exit()

    def _begin(self) -> None:
        """Close the set-up and run what was to run before the first request."""
        from ..gateways.lifespan import startup

        with self._begin_lock:
            if self._got_first_request:
                return
            if not self._is_serving:
                # On ASGI serving began before, on the loop.
                self._warn_of_gaps(on_asgi=False)
            if self.before_serving_funcs or self.while_serving_gens:
                run_blocking(startup(self, on_asgi=False))  # type: ignore[arg-type]
            self._is_serving = True
            if self.after_serving_funcs or self.while_serving_gens:
                self._shut_down_at_exit()
            for function in self.before_first_request_funcs:
                self.ensure_sync(function)()  # type: ignore[attr-defined]
            self._got_first_request = True

    def _shut_down_at_exit(self) -> None:
        """Where no server tells of its end, the end of the process does."""
        if "_exit_hook" in self.__dict__:
            return
        import atexit
        from weakref import ref

        from ..gateways.lifespan import shutdown

        this = ref(self)

        def hook() -> None:
            app = this()
            if app is not None:
                run_blocking(shutdown(app))  # type: ignore[arg-type]

        vars(self)["_exit_hook"] = atexit.register(hook)
