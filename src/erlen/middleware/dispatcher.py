"""Several applications under one address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


class DispatcherMiddleware:
    """Passes a request to the application that is mounted at the longest prefix of its path.

    >>> application = DispatcherMiddleware(site, {"/api": api, "/admin": admin})

    The prefix moves from ``PATH_INFO`` to ``SCRIPT_NAME``, so that each application builds URLs
    that lead back to it.

    :param app: the WSGI application for every other path
    :param mounts: the WSGI applications by prefix, without a slash at the end
    """

    def __init__(self, app: Any, mounts: dict[str, Any] | None = None) -> None:
        self.app = app
        self.mounts = mounts or {}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        # By mount and not by each prefix of the path: a path of many slashes costs no more.
        for prefix in sorted(self.mounts, key=len, reverse=True):
            if path == prefix or path.startswith(f"{prefix}/") or not prefix:
                app = self.mounts[prefix]
                environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix
                environ["PATH_INFO"] = path[len(prefix) :]
                break
        else:
            app = self.app
        answer: Iterable[bytes] = app(environ, start_response)
        return answer
