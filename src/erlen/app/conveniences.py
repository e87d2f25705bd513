"""What tests call on an application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..context.contexts import RequestContext
    from ..context.messages import Response
    from ..testing import FlaskClient, FlaskCliRunner
    from ..testing.async_client import AsyncErlenClient


class Conveniences:
    """Clients, runners and made-up requests; a mix-in."""

    #: What :meth:`test_client` makes; by default :class:`erlen.testing.ErlenClient`.
    test_client_class: type[FlaskClient] | None = None
    #: What :meth:`test_cli_runner` makes; by default :class:`erlen.testing.ErlenCliRunner`.
    test_cli_runner_class: type[FlaskCliRunner] | None = None

    if TYPE_CHECKING:
        response_class: type[Response]

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
        return cls(self, **kwargs)  # type: ignore[arg-type]

    def test_request_context(self, *args: Any, **kwargs: Any) -> RequestContext:
        """A request context for a made-up request, for tests and the shell; the arguments are
        those of :class:`erlen.testing.EnvironBuilder`."""
        from ..testing import EnvironBuilder

        builder = EnvironBuilder(self, *args, **kwargs)  # type: ignore[arg-type]
        try:
            return self.request_context(builder.get_environ())
        finally:
            builder.close()
