"""Several applications under one address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..gateways.detection import mark_as_asgi
from ..http.urls import mount_point
from ..walk.desk import takes_asgi

if TYPE_CHECKING:
    from collections.abc import Awaitable, MutableMapping

    Scope = MutableMapping[str, Any]


class DispatcherMiddleware:
    """Passes a request to the application that is mounted at the longest prefix of its path.

    >>> application = DispatcherMiddleware(site, {"/api": api, "/admin": admin})

    The prefix moves from the path to ``SCRIPT_NAME``, on ASGI to ``root_path``, so that each
    application builds URLs that lead back to it.

    Called with two arguments it is a WSGI application, with three an ASGI application, as those
    that it passes requests to have to be; Erlen's are both, and then ``takes_asgi`` says so. The
    lifespan events of a server go to ``app``; a mounted application of Erlen's runs its
    ``before_serving`` functions before its first request.

    :param app: the application for every other path
    :param mounts: the applications by prefix, without a slash at the end
    """

    def __init__(self, app: Any, mounts: dict[str, Any] | None = None) -> None:
        mark_as_asgi(DispatcherMiddleware.__call__)
        self.app = app
        self.mounts: dict[str, Any] = mounts or {}

    @property
    def takes_asgi(self) -> bool:
        """Whether each of the applications takes ASGI connections."""
        return all(map(takes_asgi, (self.app, *self.mounts.values())))

    def __call__(self, environ: Any, start_response: Any, send: Any = None) -> Any:
        if send is not None:
            return self._serve(environ, start_response, send)
        path = environ.get("PATH_INFO", "")
        prefix, app = self._find(path)
        if prefix:
            environ["SCRIPT_NAME"] = mount_point(environ.get("SCRIPT_NAME", "")) + prefix
            environ["PATH_INFO"] = path[len(prefix) :]
        return app(environ, start_response)

    def _serve(self, scope: Scope, receive: Any, send: Any) -> Awaitable[None]:
        if scope["type"] in ("http", "websocket"):
            root, path = mount_point(scope.get("root_path") or ""), scope["path"]
            # Servers differ on whether the path begins with the root.
            if root and (path == root or path.startswith(f"{root}/")):
                path = path[len(root) :]
            prefix, app = self._find(path)
            if prefix:
                scope = {**scope, "root_path": root + prefix, "path": root + path}
        else:
            app = self.app
        served: Awaitable[None] = app(scope, receive, send)
        return served

    def _find(self, path: str) -> tuple[str, Any]:
        """The prefix and the application that is mounted there; an empty prefix without one."""
        # By mount and not by each prefix of the path: a path of many slashes costs no more.
        for prefix in sorted(self.mounts, key=len, reverse=True):
            if path == prefix or path.startswith(f"{prefix}/") or not prefix:
                return prefix, self.mounts[prefix]
        return "", self.app
