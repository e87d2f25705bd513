"""The contexts: what the current activity belongs to.

One context variable holds the current context.  A request context *is* an application context
with a request, so a request pushes once.  Code inside the framework takes the context as an
argument; the proxies of :mod:`erlen.context.proxies` are for applications.
"""

from __future__ import annotations

import sys
from contextvars import Context, ContextVar, Token
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ..http.cookies import SentCookies
from ..http.exceptions import HTTPException
from ..routing.exceptions import WebsocketNeedsASGI
from ..signals import appcontext_popped, appcontext_pushed
from ..workers.variables import Variables
from . import variable
from .teardown import IN_CONTEXT, attempt, raise_together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType
    from typing import Self

    from ..routing.adapter import MapAdapter
    from ..routing.rules import Rule
    from .application import Application
    from .messages import Request, Response
    from .session import SessionMixin

F = TypeVar("F", bound="Callable[..., Any]")
T = TypeVar("T")

context_var: ContextVar[AppContext | None] = variable.context_var
#: The current context, or what is passed where there is none.
current_context_or: Callable[[None], Any] = context_var.get
#: Make a context the current one, until :data:`leave` gets the token.
enter: Callable[[AppContext], Token[AppContext | None]] = context_var.set
leave: Callable[[Token[AppContext | None]], None] = context_var.reset

# Set in the environment of a request that is made by code inside of a context, as by the test
# client: it joins that context.
JOINS = "erlen.joins_context"
# A function in the environment or scope of a request that keeps its context (Werkzeug's key).
PRESERVE = "werkzeug.debug.preserve_context"
# "Take the exception that is being handled": None means that there is none.
CURRENT_EXCEPTION: Any = object()
NOT_MADE: Any = object()
_MISSING: Any = object()

NO_APP_MESSAGE = """\
Working outside of application context.

The code that ran needs to know the current application (current_app, g, url_for, or an
extension), and no context is active here. Views, hooks and commands have one. Elsewhere, write:

    with app.app_context():
        ...
"""

NO_REQUEST_MESSAGE = """\
Working outside of request context.

The code that ran needs an active HTTP request (request, session, or what reads them), and none
is being handled here. Call it from a view or a hook. In a test, write:

    with app.test_request_context("/path"):
        ...

In a thread that a view starts, wrap the function with copy_current_request_context.
"""

NO_WEBSOCKET_MESSAGE = """\
Working outside of a WebSocket.

The code that ran needs an open WebSocket, and none is being served here. Use websocket in a view
that is decorated with @app.websocket, or in a before_websocket hook; a view that is decorated with
@app.route has request.
"""


class _AppCtxGlobals:
    """A plain namespace for the length of one context: what ``g`` is."""

    # Which name its repr tells; the flask module tells its own.
    _shown_as = "erlen.g"

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"g has no attribute {name!r} in this context: set g.{name} first,"
            f" or read it with g.get({name!r})."
        )

    if TYPE_CHECKING:

        def __setattr__(self, name: str, value: Any) -> None: ...

        def __delattr__(self, name: str) -> None: ...

    def get(self, name: str, default: Any = None) -> Any:
        """The attribute ``name``, or ``default``."""
        return self.__dict__.get(name, default)

    def pop(self, name: str, default: Any = _MISSING) -> Any:
        """Remove the attribute ``name`` and return it.

        :raises KeyError: if it is not set and there is no ``default``
        """
        if default is _MISSING:
            return self.__dict__.pop(name)
        return self.__dict__.pop(name, default)

    def setdefault(self, name: str, default: Any = None) -> Any:
        """The attribute ``name``, set to ``default`` first if it is not there."""
        return self.__dict__.setdefault(name, default)

    def __contains__(self, name: str) -> bool:
        return name in self.__dict__

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dict__)

    def __repr__(self) -> str:
        context = context_var.get(None)
        name = "unbound" if context is None else context.app.name
        return f"<{self._shown_as} of {name!r}>"


class WrongContext(AssertionError, RuntimeError):
    """A context was popped that is not the current one: an ``AssertionError`` in Flask 3.1, and a
    ``RuntimeError`` in Flask 3.2."""


class AppContext:
    """The application that the current activity belongs to, and its ``g``.

    Pushed by requests and commands; elsewhere ``with app.app_context():`` pushes one.
    """

    #: The application. Whoever reads it knows more names of it than a context needs.
    app: Any

    # PERF: what most contexts never change stands on the class.
    made_g: Any = None
    bound_adapter: MapAdapter | None = NOT_MADE
    # The request that is visible from here.
    request_context: RequestContext | None = None
    # The application context that this request joined.
    _joined: AppContext | None = None
    # Popped, while a request that had joined it was current: left with that one.
    _is_over = False
    # One for each time that it is pushed. PERF: the list is made by the first push.
    tokens: list[Token[AppContext | None]] = ()  # type: ignore[assignment]
    # What the asynchronous functions have set that threads waited for here.
    set_on_loop: Variables | None = None

    def __init__(self, app: Application) -> None:
        self.app = app

    @property
    def g(self) -> Any:
        """A namespace that lives as long as this context."""
        g = self.made_g
        if g is None:
            g = self.made_g = self.app.app_ctx_globals_class()
        return g

    @g.setter
    def g(self, value: Any) -> None:
        self.made_g = value

    @property
    def url_adapter(self) -> MapAdapter | None:
        """The URL map bound to this context; ``None`` if no server name is configured."""
        adapter = self.bound_adapter
        if adapter is NOT_MADE:
            adapter = self.bound_adapter = self.app.create_url_adapter(None)
        return adapter

    @url_adapter.setter
    def url_adapter(self, value: MapAdapter | None) -> None:
        self.bound_adapter = value

    @property
    def variables(self) -> Variables:
        """The context variables of the asynchronous functions that threads wait for here."""
        owner = self.request_context or self
        variables = owner.set_on_loop
        if variables is None:
            variables = owner.set_on_loop = Variables()
        return variables

    @property
    def has_request(self) -> bool:
        """Whether a request is visible from here."""
        return request_context_of(self) is not None

    @property
    def request(self) -> Request:
        """The request.

        :raises RuntimeError: without one, with what to write
        """
        return _request_context_of(self).request

    @property
    def session(self) -> SessionMixin:
        """The session of the request.

        :raises RuntimeError: without one, with what to write
        """
        return _request_context_of(self).session

    @staticmethod
    def from_environ(app: Application, environ: dict[str, Any], /) -> RequestContext:
        """The context of a request that a WSGI environment tells."""
        return RequestContext(app, environ)

    def push(self) -> None:
        """Make this the current context; :meth:`pop` must follow."""
        outer = context_var.get(None)
        if outer is not None and not self.app.follows_next_flask:
            self.request_context = outer.request_context
        self._is_over = False
        self.tokens = [*self.tokens, context_var.set(self)]
        if appcontext_pushed.receivers:
            appcontext_pushed.send(self.app, _async_wrapper=self.app.ensure_sync)

    def pop(self, exc: BaseException | None = CURRENT_EXCEPTION) -> None:
        """Leave the context; the last pop runs the teardown functions.

        :param exc: the exception that ended the activity, ``None`` if none did
        """
        failed: list[BaseException] | None = [] if self.app.follows_next_flask else None
        try:
            if len(self.tokens) == 1:
                if exc is CURRENT_EXCEPTION:
                    exc = sys.exc_info()[1]
                attempt(failed, self.app.call_by_signature, "do_teardown_appcontext", self, exc)
        finally:
            self.leave()
        self._tell_popped(failed)

    def _tell_popped(self, failed: list[BaseException] | None) -> None:
        """Send the signal, and raise what was raised before and by now."""
        try:
            if appcontext_popped.receivers:
                send = appcontext_popped.send
                attempt(failed, send, self.app, _async_wrapper=self.app.ensure_sync)
            if failed:
                raise_together(failed, IN_CONTEXT)
        finally:
            del failed

    def leave(self) -> None:
        current = context_var.get(None)
        if current is not self or not self.tokens:
            if not self.tokens or self._is_over:
                raise RuntimeError(
                    "This context is not pushed: pop() was called more often than push()."
                )
            if current is not None and current._joined is self and len(self.tokens) == 1:
                # A request that joined this context may end after it, as Flask's two stacks allow.
                self._is_over = True
                return
            raise WrongContext(
                f"Popped the wrong context: {self!r} in place of {current!r}."
                " Pop contexts in the opposite order of their pushing."
            )
        token = self.tokens.pop()
        try:
            context_var.reset(token)
        except ValueError:
            _put_back(token)
        # It has the context, which must not have it any more.
        self.set_on_loop = None
        joined = self._joined
        if joined is not None and joined._is_over and context_var.get(None) is joined:
            _put_back(joined.tokens.pop())
            joined._is_over = False

    def __enter__(self) -> Self:
        self.push()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.pop(value)


def _put_back(token: Token[AppContext | None]) -> None:
    """What a token would do that is of another ``contextvars.Context``: that of a generator, say,
    which is finished in this one."""
    old = token.old_value
    context_var.set(None if old is Token.MISSING else old)


class RequestContext(AppContext):
    """A request and its session, in the application that handles it.

    :param app: the application
    :param environ: the WSGI environment
    :param request: a request to use in place of a new one of ``app.request_class``
    :param session: a session to use in place of opening the request's
    """

    after_request_functions: list[Callable[[Any], Any]] | tuple[()] = ()
    owns_app: bool = True
    made_g: Any
    tokens: list[Token[AppContext | None]]
    request_context: RequestContext | None
    opened_session: SessionMixin | None = None
    # The hooks have run and the session is saved; what is left is to send the body.
    is_answered = False
    # Whether an after hook that fails is logged and passed over: an error is being answered.
    passes_failures = False
    # Whether a context of the same application around this one is joined: by a request that code
    # pushes, yes; by one that a server brings, never.
    joins = True
    flashes: list[tuple[str, str]] | None = None
    # PERF: the request is made when it is first asked for. Until then what matching found is kept
    # here, afterwards it is the request's.
    made_request: Request | None = None
    takes_websockets = False
    method: str = "GET"
    found_rule: Rule | None = None
    found_values: dict[str, Any] | None = None
    found_error: HTTPException | None = None
    # The application context that was made around it, where an override makes them.
    _made: AppContext | None = None
    # What runs for it; made by whoever matched it.
    plan: Any = None
    has_cookie = False
    # Whether messages of the server are awaited, to hear that the client is gone.
    is_watched = False
    # The error that its teardown is to be told, once that is due behind a body.
    due: list[BaseException | None] | None = None
    #: What ends the request alone, and is answered by 500.
    caught: Any = Exception
    # What failed before the walk had begun.
    failure: BaseException | None = None
    #: That of its walk on a thread, if an event loop started it there.
    thread_context: Context | None = None

    def __init__(
        self,
        app: Application,
        environ: dict[str, Any],
        request: Request | None = None,
        session: SessionMixin | None = None,
    ) -> None:
        self.app = app
        self.environ = environ
        if request is not None:
            self.made_request = request
        if session is not None:
            self.opened_session = session

    @property
    def request(self) -> Request:
        """The request, made at first touch."""
        request = self.made_request
        if request is None:
            app = self.app
            self.made_request = request = app.request_class(self.environ)
            request.json_module = app.json
            if self.found_rule is not None:
                request.url_rule = self.found_rule
                if self.found_values is None:
                    self.found_values = {}
                request.view_args = self.found_values
                request.routing_exception = None
            elif self.found_error is not None:
                request.routing_exception = self.found_error
        return request

    @request.setter
    def request(self, value: Request) -> None:
        self.made_request = value

    @property
    def url_adapter(self) -> MapAdapter | None:
        """The URL map bound to this request; ``None`` if the request's host is refused, which
        is then its ``routing_exception``."""
        adapter = self.bound_adapter
        if adapter is NOT_MADE:
            try:
                adapter = self.app.create_url_adapter(self.request)
            except HTTPException as error:
                adapter = None
                self.request.routing_exception = error
            self.bound_adapter = adapter
        return adapter

    @url_adapter.setter
    def url_adapter(self, value: MapAdapter | None) -> None:
        self.bound_adapter = value

    def open_session(self) -> SessionMixin:
        """The session, opened at first touch, without a mark that it was read."""
        session = self.opened_session
        if session is None:
            app = self.app
            if self.plan is not None:
                self.plan.uses_session = True
            interface = app.session_interface
            open_session = interface.open_session
            if (
                self.made_request is None
                and self.plan is not None
                and self.plan.desk.cookies_are_plain
                and not self.takes_websockets
                and open_session == getattr(interface, "_opens_by_cookies", None)
            ):
                # PERF: the header in place of a request that would be made for one cookie. (An app
                # has another class for its WebSockets.)
                session = open_session(app, SentCookies(self.environ))
            else:
                session = open_session(app, self.request)
            if session is None:
                session = interface.make_null_session(app)
            self.opened_session = session
        return session

    def _put_session(self, value: SessionMixin) -> None:
        self.opened_session = value

    # Flask's private name: Flask-SocketIO puts the session of a connection in its place.
    _session = property(open_session, _put_session)

    @property
    def session(self) -> SessionMixin:
        """The session; reading it marks it as accessed, so that the answer varies by cookie."""
        session = self.opened_session
        if session is None:
            session = self.open_session()
        session.accessed = True
        return session

    @session.setter
    def session(self, value: SessionMixin) -> None:
        self.opened_session = value

    @property
    def _after_request_functions(self) -> list[Callable[[Any], Any]]:
        # Flask's private name, which extensions append to.
        functions = self.after_request_functions
        if not functions:
            functions = self.after_request_functions = []
        return functions

    @_after_request_functions.setter
    def _after_request_functions(self, value: list[Callable[[Any], Any]]) -> None:
        self.after_request_functions = value

    def copy(self) -> RequestContext:
        """A context with the same request and session, to be pushed in another thread or
        greenlet."""
        return type(self)(
            self.app,
            environ=self.request.environ,
            request=self.request,
            session=self.open_session(),
        )

    def match_request(self) -> None:
        """Find the rule of the request, or the exception to raise in place of a view."""
        adapter = self.url_adapter
        if adapter is None:
            return
        request = self.request
        try:
            rule, request.view_args = adapter.match(return_rule=True)
            if rule.websocket and not self.takes_websockets:
                raise WebsocketNeedsASGI()
            request.url_rule = rule
        except HTTPException as error:
            # It is kept for later: with its frames it would keep itself.
            error.__traceback__ = error.__context__ = None
            request.routing_exception = error

    def push(self) -> None:
        """Make this the current context, open the session and match the request."""
        self.enter()
        if self.owns_app and appcontext_pushed.receivers and len(self.tokens) == 1:
            appcontext_pushed.send(self.app, _async_wrapper=self.app.ensure_sync)
        self.prepare()

    def enter(self) -> None:
        """Make this the current context, and no more; :meth:`pop` must follow."""
        # Until it is left: a context that refers to itself would wait for the garbage collector.
        self.request_context = self
        if not self.tokens:
            outer = context_var.get(None)
            if outer is not None and (
                not self.joins or outer.app is not self.app or self.app.follows_next_flask
            ):
                outer = None
            if outer is None and not getattr(self.app.app_context, "makes_plain_ones", False):
                # An override's own kind of context is around the request.
                outer = self._made = self.app.app_context()
                outer.push()
            if outer is not None:
                # Inside a context of the same application the request joins it, and its g.
                self.owns_app = False
                self._joined = outer._joined or outer
                self.made_g = outer.g
        self.tokens = [*self.tokens, context_var.set(self)]

    def prepare(self) -> None:
        """Open the session, unless it may be opened when it is touched, and match the request.

        Either may look at the request, so the context is current already.
        """
        if self.opened_session is None and not opens_lazily(self.app.session_interface):
            self.open_session()
        request = self.request
        if request.url_rule is None and request.routing_exception is None:
            self.match_request()

    def pop(self, exc: BaseException | None = CURRENT_EXCEPTION) -> None:
        """Leave the context; the last pop runs the teardown functions and closes the request.

        :param exc: the exception that ended the request, ``None`` if none did
        """
        if len(self.tokens) != 1:
            self.leave()
            return
        if exc is CURRENT_EXCEPTION:
            exc = sys.exc_info()[1]
        if self.plan is not None and self.plan.is_on_loop:
            # A body that held it has ended, on a thread; its teardown belongs to the loop.
            self.due = [exc]
            self.leave()
            return
        # Whoever pops it in another place is told so below, behind a teardown that has its request.
        token = None if context_var.get(None) is self else context_var.set(self)
        failed: list[BaseException] | None = [] if self.app.follows_next_flask else None
        try:
            self._tear_down(exc, failed)
        finally:
            if token is not None:
                context_var.reset(token)
            self.leave_all(exc)
        if self.owns_app:
            self._tell_popped(failed)
        elif failed:
            raise_together(failed, IN_CONTEXT)

    def leave_all(self, exc: BaseException | None) -> None:
        """Leave the context, and one that was made around it."""
        self.leave()
        self.request_context = None
        if self._made is not None:
            self._made.pop(exc)

    @property
    def receive(self) -> Callable[[], Any] | None:
        """Where the server tells that the client is gone; ``None`` where nobody tells."""
        return None

    def close_receiver(self) -> None:
        """Await no more messages of the server."""

    def hold(self) -> None:
        """Keep the context from its end, the teardown, until :meth:`release`."""
        # Whoever leaves it last finds that it is pushed once more.
        self.tokens.insert(0, None)  # type: ignore[arg-type]

    def release(self) -> bool:
        """Undo :meth:`hold`.

        :returns: whether that was the last, behind the end of the request: then the teardown is due
        """
        if None not in self.tokens:
            return False
        self.tokens.remove(None)  # type: ignore[arg-type]
        return not self.tokens

    def drop_holds(self) -> None:
        """Undo every :meth:`hold`."""
        self.tokens = [token for token in self.tokens if token is not None]

    def close(self, answer: Any) -> None:
        """Close what :meth:`write` gave, which is not sent."""
        close = getattr(answer, "close", None)
        if close is not None:
            close()

    def _tear_down(self, exc: BaseException | None, failed: list[BaseException] | None) -> None:
        """Run the teardown functions, and close the request.

        :param failed: keeps what they raise; without it, that is raised
        """
        try:
            attempt(failed, self._run_teardown, exc)
        finally:
            if self.made_request is not None:
                attempt(failed, self.close_request)
            if self.owns_app:
                if failed is None:
                    # The request is over for the application's teardown.
                    self.request_context = None
                attempt(failed, self.app.call_by_signature, "do_teardown_appcontext", self, exc)

    def _run_teardown(self, exc: BaseException | None) -> None:
        self.app.call_by_signature("do_teardown_request", self, exc)

    def close_request(self) -> None:
        request: Any = self.made_request
        request.close()
        # The environment must not keep the request alive, nor the request itself.
        request.environ["werkzeug.request"] = None

    def __repr__(self) -> str:
        request = self.request
        return f"<{type(self).__name__} {request.url!r} [{request.method}] of {self.app.name}>"


def request_context_of(context: AppContext) -> RequestContext | None:
    """The context of the request that is visible from a context, if there is one."""
    if not issubclass(type(context), AppContext):
        # What stands for one.
        context = cast("Any", context)._get_current_object()
    if isinstance(context, RequestContext):
        return context
    current = context_var.get(None)
    if current is not None and current._joined is context:
        # The request joined it.
        return current.request_context
    return context.request_context


def _request_context_of(context: AppContext) -> RequestContext:
    found = request_context_of(context)
    if found is None:
        raise RuntimeError(NO_REQUEST_MESSAGE)
    return found


def opens_lazily(interface: Any) -> bool:
    """Whether a session interface may open the session when it is touched: its own class says so,
    and nobody put other methods into it or the instance."""
    return (
        bool(type(interface).__dict__.get("opens_lazily", False))
        and not interface.is_replaced
        and vars(interface).keys().isdisjoint(interface._came_with)
    )


def current_context() -> AppContext:
    """The current context.

    :raises RuntimeError: outside of any, with what to write
    """
    context = context_var.get(None)
    if context is None:
        raise RuntimeError(NO_APP_MESSAGE)
    return context


def current_app_context() -> AppContext:
    """The current application context: where a request joined one, that one.

    :raises RuntimeError: outside of any, with what to write
    """
    context = current_context()
    return context._joined or context


def current_request_context() -> RequestContext:
    """The context of the current request.

    :raises RuntimeError: outside of a request, with what to write
    """
    context = context_var.get(None)
    request_context = None if context is None else context.request_context
    if request_context is None:
        raise RuntimeError(NO_REQUEST_MESSAGE)
    return request_context


def find_request_context() -> RequestContext | None:
    """The context of the current request, if there is one."""
    context = context_var.get(None)
    return None if context is None else context.request_context


def has_app_context() -> bool:
    """Whether an application context is active, so that ``current_app`` can be used."""
    context = context_var.get(None)
    return context is not None and not (context._joined and context._joined._is_over)


def has_request_context() -> bool:
    """Whether a request is being handled, so that ``request`` can be used."""
    return find_request_context() is not None


def after_this_request(f: Callable[[Response], T]) -> Callable[[Response], T]:
    """Run ``f`` with the response of this request, before it is sent; it returns the response
    to send.  A decorator for functions inside a view or hook.

    :raises RuntimeError: outside of a request
    """
    request_context = find_request_context()
    if request_context is None:
        raise RuntimeError(
            "after_this_request was called where no request is being handled."
            " Call it inside a view or a hook."
        )
    request_context._after_request_functions.append(f)
    return f


def copy_current_request_context(f: F) -> F:
    """A function that runs ``f`` in a copy of the current request context, for threads and
    greenlets that a view starts.  ``request`` and ``session`` are the same objects.

    :raises RuntimeError: outside of a request
    """
    context = find_request_context()
    if context is None:
        raise RuntimeError(
            "copy_current_request_context was called where no request is being handled."
            " Wrap the function inside the view that starts the thread."
        )
    copied = context.copy()

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with copied:
            return copied.app.ensure_sync(f)(*args, **kwargs)

    return cast("F", update_wrapper(wrapper, f))
