"""Files served in front of an application."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any
from zlib import crc32

from ..http.conditional_response import failed_condition
from ..http.dates import http_date
from ..http.etags import quote_etag
from ..http.media_types import guess_type
from ..http.paths import is_inside, safe_join
from ..http.request import decode_wsgi
from ..http.response_fields import content_type_for
from ..http.status import HTTP_STATUS_CODES
from ..http.streams import wrap_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    # An open file, when it was changed, its size.
    Opened = tuple[IO[bytes], datetime, int]
    Opener = Callable[[], Opened]
    # From the rest of a path to the name of a file and what opens it, or to nothing.
    Loader = Callable[[str | None], tuple[str | None, Opener | None]]


class SharedDataMiddleware:
    """Answers requests below some URL paths with files, and passes on all others.

    >>> application = SharedDataMiddleware(app, {"/shared": "/srv/shared", "/ui": ("pkg", "ui")})

    :param app: the WSGI application
    :param exports: what is served, by URL path: a folder, a file, or a package and a folder in it
    :param disallow: a file name pattern (:mod:`fnmatch`) that is not served
    :param cache: send validators and a lifetime
    :param cache_timeout: the lifetime in seconds
    :param fallback_mimetype: the type of files whose name does not tell it
    """

    def __init__(
        self,
        app: Any,
        exports: (
            Mapping[str, str | tuple[str, str]] | Iterable[tuple[str, str | tuple[str, str]]]
        ),
        disallow: str | None = None,
        cache: bool = True,
        cache_timeout: int = 60 * 60 * 12,
        fallback_mimetype: str = "application/octet-stream",
    ) -> None:
        self.app = app
        self.cache = cache
        self.cache_timeout = cache_timeout
        self.disallow = disallow
        self.fallback_mimetype = fallback_mimetype
        self.exports: list[tuple[str, Loader]] = [
            (path, self._loader_of(source)) for path, source in dict(exports).items()
        ]

    def _loader_of(self, source: str | tuple[str, str]) -> Loader:
        if isinstance(source, tuple):
            return self.get_package_loader(*source)
        if not isinstance(source, str):
            raise TypeError(
                f"{source!r} cannot be exported: give the path of a folder or file, or a tuple of"
                " a package and a folder in it."
            )
        is_file = os.path.isfile(source)
        return self.get_file_loader(source) if is_file else self.get_directory_loader(source)

    def is_allowed(self, filename: str) -> bool:
        """Whether a file may be served; override it for rules of your own."""
        if self.disallow is None:
            return True
        from fnmatch import fnmatch

        return not fnmatch(filename, self.disallow)

    def get_file_loader(self, filename: str) -> Loader:
        """A loader of one file."""
        return lambda path: (os.path.basename(filename), _opener(filename))

    def get_directory_loader(self, directory: str) -> Loader:
        """A loader of the files below a folder."""

        def load(path: str | None) -> tuple[str | None, Opener | None]:
            found = directory if path is None else safe_join(directory, path)
            # A path with NUL is no path for the operating system.
            if found is None or "\0" in found or not os.path.isfile(found):
                return None, None
            if not is_inside(directory, found):
                return None, None
            return os.path.basename(found), _opener(found)

        return load

    def get_package_loader(self, package: str, package_path: str) -> Loader:
        """A loader of the files below a folder of an importable package."""
        from importlib.util import find_spec

        spec = find_spec(package)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(f"No package {package!r} to export files of.", name=package)
        return self.get_directory_loader(os.path.join(os.path.dirname(spec.origin), package_path))

    def generate_etag(self, mtime: datetime, file_size: int, real_filename: str) -> str:
        """A validator that changes with the file."""
        return f"{mtime.timestamp()}-{file_size}-{crc32(os.fsencode(real_filename))}"

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        found = self._find(decode_wsgi(environ.get("PATH_INFO", "")))
        if found is None:
            answer: Iterable[bytes] = self.app(environ, start_response)
            return answer
        name, opener = found
        file, mtime, size = opener()
        headers = [("Date", http_date())]
        if self.cache:
            etag = self.generate_etag(mtime, size, name)
            headers += [
                ("Etag", quote_etag(etag)),
                ("Cache-Control", f"max-age={self.cache_timeout}, public"),
            ]
            code = failed_condition(environ, quote_etag(etag), mtime)
            if code is not None:
                file.close()
                if code == 412:
                    headers.append(("Content-Length", "0"))
                start_response(f"{code} {HTTP_STATUS_CODES[code]}", headers)
                return []
            headers.append(("Expires", http_date(time.time() + self.cache_timeout)))
        else:
            headers.append(("Cache-Control", "public"))
        headers += [
            ("Content-Type", self._content_type(name)),
            ("Content-Length", str(size)),
            ("Last-Modified", http_date(mtime)),
        ]
        start_response("200 OK", headers)
        if environ.get("REQUEST_METHOD") == "HEAD":
            file.close()
            return []
        return wrap_file(environ, file)

    def _find(self, path: str) -> tuple[str, Opener] | None:
        for prefix, loader in self.exports:
            below = prefix if prefix.endswith("/") else f"{prefix}/"
            if path == prefix:
                name, opener = loader(None)
            elif path.startswith(below):
                name, opener = loader(path[len(below) :])
            else:
                continue
            if name is not None and opener is not None and self.is_allowed(name):
                return name, opener
        return None

    def _content_type(self, name: str) -> str:
        return content_type_for(guess_type(name)[0] or self.fallback_mimetype)


def _opener(path: str) -> Opener:
    def opens() -> Opened:
        file = open(path, "rb")  # noqa: SIM115 - closed with the answer
        stat = os.fstat(file.fileno())
        return file, datetime.fromtimestamp(stat.st_mtime, UTC), stat.st_size

    return opens
