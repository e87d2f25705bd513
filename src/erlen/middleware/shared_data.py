"""Static files beside an application."""

from __future__ import annotations

import os
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any

from ..http.exceptions import NotFound
from ..http.sending import send_from_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class SharedDataMiddleware:
    """Serves folders, and asks the application for everything else.

    :param app: the WSGI application
    :param exports: folders (or files) by URL prefix; a pair is a package and a folder inside it
    :param disallow: a pattern of file names that are not served
    :param cache_timeout: for how many seconds clients may keep a file
    """

    def __init__(
        self,
        app: Callable[..., Iterable[bytes]],
        exports: dict[str, str | tuple[str, str]] | Iterable[tuple[str, str | tuple[str, str]]],
        disallow: str | None = None,
        cache: bool = True,
        cache_timeout: int = 60 * 60 * 12,
        fallback_mimetype: str = "application/octet-stream",
    ) -> None:
        self.app = app
        self.disallow = disallow
        self.max_age = cache_timeout if cache else None
        self.fallback_mimetype = fallback_mimetype
        items = exports.items() if isinstance(exports, dict) else exports
        self.exports: list[tuple[str, str]] = []
        for prefix, target in items:
            if isinstance(target, tuple):
                from importlib.util import find_spec

                spec = find_spec(target[0])
                if spec is None or spec.origin is None:
                    raise ValueError(f"There is no package {target[0]!r}.")
                target = os.path.join(os.path.dirname(spec.origin), target[1])
            self.exports.append((prefix, target))

    def is_allowed(self, filename: str) -> bool:
        """Whether a file is served; override it to decide."""
        return self.disallow is None or not fnmatch(filename, self.disallow)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
        for prefix, target in self.exports:
            if path == prefix and os.path.isfile(target):
                folder, name = os.path.split(target)
            elif path.startswith(prefix.rstrip("/") + "/"):
                folder, name = target, path[len(prefix.rstrip("/")) + 1 :]
            else:
                continue
            if not self.is_allowed(os.path.basename(name)):
                continue
            try:
                response = send_from_directory(folder, name, environ, max_age=self.max_age)
            except NotFound:
                continue
            return response(environ, start_response)
        return self.app(environ, start_response)


