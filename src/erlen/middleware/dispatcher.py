"""Several applications under one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class DispatcherMiddleware:
    """Sends a request to the application that is mounted at its path.

    :param app: the application of all other paths
    :param mounts: applications by path prefix: ``{"/admin": admin}``
    """

    def __init__(
        self,
        app: Callable[..., Iterable[bytes]],
        mounts: dict[str, Callable[..., Iterable[bytes]]] | None = None,
    ) -> None:
        self.app = app
        self.mounts = mounts or {}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        script = environ.get("PATH_INFO", "")
        rest = ""
        app = self.app
        # The longest prefix wins.
        while "/" in script:
            if script in self.mounts:
                app = self.mounts[script]
                break
            script, last = script.rsplit("/", 1)
            rest = f"/{last}{rest}"
        else:
            app = self.mounts.get(script, self.app)
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + script
        environ["PATH_INFO"] = rest
        return app(environ, start_response)
