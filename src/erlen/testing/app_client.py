"""The client, builder and command runner that know their application."""

from __future__ import annotations

import os
import sys
from base64 import b64encode
from contextlib import ExitStack, closing, contextmanager
from copy import copy
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from click.testing import CliRunner

from ..app.script_info import ScriptInfo
from ..context.contexts import JOINS
from .builder import EnvironBuilder as BaseBuilder
from .client import Client, TestResponse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager

    from click.testing import Result

    from ..app.application import Erlen
    from ..http.request import Request
    from ..sessions.base import SessionMixin
    from .websocket import TestWebsocket

# Set to "1" by the project's own suite: every answer goes through wsgiref.validate.
VALIDATE = "ERLEN_VALIDATE_WSGI"
# Which interface clients call that were not told: "wsgi" or "asgi".
INTERFACE = "ERLEN_TEST_INTERFACE"


class EnvironBuilder(BaseBuilder):
    """A builder with the defaults of an application: ``SERVER_NAME``, ``APPLICATION_ROOT``,
    ``PREFERRED_URL_SCHEME``, and its JSON provider.

    :param app: the application
    :param path: the path, or a whole URL
    :param base_url: scheme, host and mount point; not with the two that follow
    :param subdomain: the sub-domain of ``SERVER_NAME``
    :param url_scheme: the scheme
    :param args: as for :class:`erlen.http.environ_builder.EnvironBuilder`
    """

    def __init__(
        self,
        app: Erlen,
        path: str = "/",
        base_url: str | None = None,
        subdomain: str | None = None,
        url_scheme: str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        if base_url and (subdomain or url_scheme):
            raise AssertionError("Cannot pass 'subdomain' or 'url_scheme' if 'base_url' is given.")
        if base_url is None:
            host = app.config.get("SERVER_NAME") or "localhost"
            if subdomain:
                host = f"{subdomain}.{host}"
            url = urlsplit(path)
            scheme = url_scheme or url.scheme or app.config["PREFERRED_URL_SCHEME"]
            root = app.config["APPLICATION_ROOT"]
            base_url = f"{scheme}://{url.netloc or host}/{root.lstrip('/')}"
            path = url.path
            if url.query:
                path = f"{path}?{url.query}"
        self.app = app
        super().__init__(path, base_url, *args, **kwargs)

    def json_dumps(self, obj: Any, **kwargs: Any) -> str:
        """``obj`` as the application writes JSON; what that does not know, as typed views take
        it."""
        try:
            return self.app.json.dumps(obj, **kwargs)
        except TypeError:
            # Loaded, if there is anything of it to send.
            msgspec = sys.modules.get("msgspec")
            if msgspec is None:
                raise
            return msgspec.json.encode(obj).decode()  # type: ignore[no-any-return]


def _user_agent() -> str:
    """What existing test suites expect where Werkzeug answers for its version."""
    from importlib.metadata import PackageNotFoundError, version

    for name, distribution in (("Werkzeug", "werkzeug"), ("Erlen", "erlen")):
        try:
            return f"{name}/{version(distribution)}"
        except PackageNotFoundError:
            continue
    return "Erlen"


class ErlenClient(Client):
    """Calls an application in this process; ``app.test_client()`` makes it.

    In a ``with`` block the context of the last request stays, so that ``request`` and ``session``
    can be looked at.

    :param interface: ``"wsgi"``, or ``"asgi"``; every message of the latter is checked against the
        specification
    """

    application: Erlen

    def __init__(self, *args: Any, interface: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if interface is None:
            interface = os.environ.get(INTERFACE, "wsgi")
        if interface not in ("wsgi", "asgi"):
            raise ValueError(f"The interface is 'wsgi' or 'asgi', not {interface!r}.")
        #: Which of the application's interfaces is called.
        self.interface = interface
        self.preserve_context: bool = False
        self._new_contexts: list[AbstractContextManager[Any]] = []
        self._context_stack = ExitStack()
        self.environ_base: dict[str, str] = {
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_USER_AGENT": _user_agent(),
        }

    @contextmanager
    def session_transaction(self, *args: Any, **kwargs: Any) -> Iterator[SessionMixin]:
        """The session that the next request will see, to read and change it.

        The arguments are those of a request.

        :raises TypeError: if the client keeps no cookies
        """
        self._jar()
        app = self.application
        ctx = app.test_request_context(*args, **kwargs)
        self._add_cookies_to_wsgi(ctx.request.environ)
        with ctx:
            session = app.session_interface.open_session(app, ctx.request)
        if session is None:
            raise RuntimeError("Session backend did not open a session.")
        yield session
        response = app.response_class()
        if app.session_interface.is_null_session(session):
            return
        with ctx:
            app.session_interface.save_session(app, session, response)
        self._update_cookies_from_response(
            ctx.request.environ, response.headers.getlist("Set-Cookie")
        )

    def _copy_environ(self, other: dict[str, Any]) -> dict[str, Any]:
        environ = {**self.environ_base, **other, JOINS: True}
        if self.preserve_context:
            environ["werkzeug.debug.preserve_context"] = self._new_contexts.append
        return environ

    def _request_from_builder_args(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Request:
        # Flask's private name, which the test client of Flask-SocketIO calls.
        from ..http.request import Request

        if not kwargs and args and isinstance(args[0], (BaseBuilder, dict, Request)):
            first = args[0]
            if isinstance(first, BaseBuilder):
                builder = copy(first)
                builder.environ_base = self._copy_environ(dict(builder.environ_base or {}))
                request = builder.get_request()
                # The copy shares its files with the builder, which closes them.
                builder.closed = True
                return request
            if isinstance(first, dict):
                return EnvironBuilder.from_environ(
                    first, app=self.application, environ_base=self._copy_environ({})
                ).get_request()
            request = copy(first)
            request.environ = self._copy_environ(request.environ)
            return request
        kwargs["environ_base"] = self._copy_environ(kwargs.get("environ_base", {}))
        with closing(EnvironBuilder(self.application, *args, **kwargs)) as made:
            return made.get_request()

    def _builder_request(self, builder: BaseBuilder) -> Request:
        builder.environ_base = self._copy_environ(dict(builder.environ_base or {}))
        return builder.get_request()

    def _call(self, environ: dict[str, Any], buffered: bool) -> Any:
        if self.interface == "asgi":
            from ..workers.loop import run_blocking
            from .asgi import call_asgi

            return run_blocking(call_asgi(self.application, environ))
        if os.environ.get(VALIDATE) != "1":
            return super()._call(environ, buffered)
        from .validation import run_validated

        return run_validated(self.application, environ, buffered)

    def websocket(
        self, *args: Any, subprotocols: Iterable[str] = (), **kwargs: Any
    ) -> TestWebsocket:
        """Open a WebSocket: ``with client.websocket("/path") as socket: ...``.

        :param subprotocols: what to offer
        :param args: as for a request
        :raises WebsocketRefused: when it is entered, if the application answers by HTTP
        """
        from .websocket import AsyncTestWebsocket, TestWebsocket

        environ = self._request_from_builder_args(args, kwargs).environ
        self._add_cookies_to_wsgi(environ)
        # What a client asks by (RFC 6455, 4.1), which servers hand on.
        handshake = {
            "HTTP_CONNECTION": "Upgrade",
            "HTTP_UPGRADE": "websocket",
            "HTTP_SEC_WEBSOCKET_VERSION": "13",
            "HTTP_SEC_WEBSOCKET_KEY": b64encode(os.urandom(16)).decode(),
        }
        environ = {**handshake, **environ}
        if subprotocols:
            environ["HTTP_SEC_WEBSOCKET_PROTOCOL"] = ", ".join(subprotocols)
        return TestWebsocket(AsyncTestWebsocket(self.application, environ))

    def open(
        self,
        *args: Any,
        buffered: bool = False,
        follow_redirects: bool = False,
        **kwargs: Any,
    ) -> TestResponse:
        """Make a request; see :meth:`Client.open`."""
        # The contexts of the last request end here.
        self._context_stack.close()
        response = super().open(
            *args, buffered=buffered, follow_redirects=follow_redirects, **kwargs
        )
        response.json_module = self.application.json
        while self._new_contexts:
            self._context_stack.enter_context(self._new_contexts.pop(0))
        return response

    def _after_redirect(self) -> None:
        # Of a chain of redirects the last context is kept.
        del self._new_contexts[:-1]

    def __enter__(self) -> Self:
        if self.preserve_context:
            raise RuntimeError("Cannot nest client invocations")
        self.preserve_context = True
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.preserve_context = False
        self._context_stack.close()


class ErlenCliRunner(CliRunner):
    """Runs the application's commands; ``app.test_cli_runner()`` makes it.

    :param app: the application
    """

    def __init__(self, app: Erlen, **kwargs: Any) -> None:
        self.app = app
        super().__init__(**kwargs)

    def invoke(  # type: ignore[override]
        self, cli: Any = None, args: Any = None, **kwargs: Any
    ) -> Result:
        """Run a command.

        :param cli: the command, by default the application's group
        :param args: its arguments
        :param kwargs: those of :meth:`click.testing.CliRunner.invoke`; ``obj`` is a
            :class:`ScriptInfo` of the application unless it is given
        """
        if cli is None:
            cli = self.app.cli
        if "obj" not in kwargs:
            kwargs["obj"] = ScriptInfo(create_app=lambda: self.app)
        return super().invoke(cli, args, **kwargs)
