"""Requests made up for tests."""

from __future__ import annotations

from ..http.environ_builder import EnvironBuilder as Builder
from ..http.environ_builder import create_environ as create_environ
from ..http.request import Request


class EnvironBuilder(Builder):
    """Makes a WSGI environment, or a request of it.

    The arguments are those of :class:`erlen.http.environ_builder.EnvironBuilder`.
    """

    request_class = Request

    def get_request(self, cls: type[Request] | None = None) -> Request:
        """A request of the environment."""
        return (cls or self.request_class)(self.get_environ())
