"""What an application does by rooms above it: serve, be tested, have commands.

Each room is imported when it is asked for, and nothing else of the application looks upward.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, cast

from ..http.properties import cached_property
from .debugflag import get_debug_flag, get_load_dotenv

if TYPE_CHECKING:
    from click import Group

    from ..context.contexts import RequestContext
    from ..context.messages import Response
    from ..testing import FlaskClient, FlaskCliRunner
    from ..testing.async_client import AsyncErlenClient
    from .application import Erlen
    from .config import Config


class HasCommands:
    """What an application and a blueprint have in common; a mix-in."""

    name: str

    @cached_property
    def cli(self) -> Group:
        """The commands: ``@app.cli.command("name")``."""
        # Click takes a tenth of the import time and only commands need it.
        from ..cli import AppGroup

        return AppGroup(self.name)


class Conveniences:
    """A server, clients, runners and made-up requests; a mix-in."""

    #: What :meth:`test_client` makes; by default :class:`erlen.testing.ErlenClient`.
    test_client_class: type[FlaskClient] | None = None
    #: What :meth:`test_cli_runner` makes; by default :class:`erlen.testing.ErlenCliRunner`.
    test_cli_runner_class: type[FlaskCliRunner] | None = None

    if TYPE_CHECKING:
        name: str
        config: Config
        debug: bool
        response_class: type[Response]
        _got_first_request: bool

        def request_context(self, environ: dict[str, Any]) -> RequestContext: ...

    def test_client(self, use_cookies: bool = True, **kwargs: Any) -> FlaskClient:
        """A client that calls the application in this process; see
        :class:`erlen.testing.ErlenClient`."""
        cls = self.test_client_class
        if cls is None:
            from ..testing import FlaskClient

            cls = FlaskClient
        return cls(self, self.response_class, use_cookies=use_cookies, **kwargs)

    def async_test_client(
        self, use_cookies: bool = True, *, interface: str = "asgi", **kwargs: Any
    ) -> AsyncErlenClient:
        """A client for async tests, whose requests are awaited; the application runs on the event
        loop of the test."""
        from ..testing.async_client import AsyncErlenClient

        return AsyncErlenClient(self.test_client(use_cookies, interface=interface, **kwargs))

    def test_cli_runner(self, **kwargs: Any) -> FlaskCliRunner:
        """A runner for the application's commands; see :class:`erlen.testing.ErlenCliRunner`."""
        cls = self.test_cli_runner_class
        if cls is None:
            from ..testing import FlaskCliRunner

            cls = FlaskCliRunner
        return cls(cast("Erlen", self), **kwargs)

    def test_request_context(self, *args: Any, **kwargs: Any) -> RequestContext:
        """A request context for a made-up request, for tests and the shell; the arguments are
        those of :class:`erlen.testing.EnvironBuilder`."""
        from ..testing import EnvironBuilder

        builder = EnvironBuilder(cast("Erlen", self), *args, **kwargs)
        try:
            return self.request_context(builder.get_environ())
        finally:
            builder.close()

    def run(
        self,
        host: str | None = None,
        port: int | None = None,
        debug: bool | None = None,
        load_dotenv: bool = True,
        **options: Any,
    ) -> None:
        """Serve the application for development.  ``erlen serve`` is for production.

        :param host: the address to listen on: ``"0.0.0.0"`` for all; by default that of
            ``SERVER_NAME``, or ``127.0.0.1``
        :param port: by default that of ``SERVER_NAME``, or 5000
        :param debug: switch debug mode on or off
        :param load_dotenv: read ``.env`` and ``.flaskenv`` first
        :param options: those of :func:`erlen.serve.development.run_simple`
        """
        from .. import cli
        from ..serve import development

        if os.environ.get("FLASK_RUN_FROM_CLI") == "true":
            # The command line serves it; a call at module level must not block the import.
            cli.warn_ignored_run()
            return
        if get_load_dotenv(load_dotenv):
            cli.load_dotenv()
            if "FLASK_DEBUG" in os.environ or "ERLEN_DEBUG" in os.environ:
                self.debug = get_debug_flag()
        if debug is not None:
            self.debug = bool(debug)
        server_name: str | None = self.config.get("SERVER_NAME")
        name = configured_port = ""
        if server_name:
            name, _, configured_port = server_name.partition(":")
        if not host:
            host = name or "127.0.0.1"
        port = int(port if port or port == 0 else configured_port or 5000)
        options.setdefault("use_reloader", self.debug)
        options.setdefault("use_debugger", self.debug)
        options.setdefault("threaded", True)
        cli.show_server_banner(self.debug, self.name)
        try:
            development.run_simple(host, port, cast("Erlen", self), **options)
        finally:
            # Set-up is open again for a second run, as in an interactive shell.
            self._got_first_request = False
