"""Where the time of a request goes."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable
from cProfile import Profile
from pstats import Stats
from typing import IO, Any


class ProfilerMiddleware:
    """Profiles each request of an application and prints or stores what was measured.  For
    development: the body is read at once and everything becomes slower.

    :param app: the WSGI application
    :param stream: where the table of calls is printed; ``None`` prints none
    :param sort_by: the columns to sort by, see :meth:`pstats.Stats.sort_stats`
    :param restrictions: what to show, see :meth:`pstats.Stats.print_stats`
    :param profile_dir: a folder to store each profile in
    :param filename_format: the name of the stored file; ``{method}``, ``{path}``, ``{elapsed}``
        (milliseconds) and ``{time}`` are filled in.  Or a function of the environment, which has
        ``elapsed`` and ``time`` under ``werkzeug.profiler``
    """

    def __init__(
        self,
        app: Any,
        stream: IO[str] | None = sys.stdout,
        sort_by: Iterable[str] = ("time", "calls"),
        restrictions: Iterable[str | int | float] = (),
        profile_dir: str | None = None,
        filename_format: str | Callable[[dict[str, Any]], str] = (
            "{method}.{path}.{elapsed:.0f}ms.{time:.0f}.prof"
        ),
    ) -> None:
        self.app = app
        self.stream = stream
        self.sort_by: tuple[str, ...] = tuple(sort_by)
        self.restrictions: tuple[str | int | float, ...] = tuple(restrictions)
        self.profile_dir = profile_dir
        self.filename_format = filename_format

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body: list[bytes] = []

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            start_response(status, headers, exc_info)
            return body.append

        def run() -> None:
            answer = self.app(environ, start)
            try:
                body.extend(answer)
            finally:
                if hasattr(answer, "close"):
                    answer.close()

        profile = Profile()
        began = time.time()
        profile.runcall(run)
        elapsed = (time.time() - began) * 1000
        if self.profile_dir is not None:
            profile.dump_stats(os.path.join(self.profile_dir, self._filename(environ, elapsed)))
        if self.stream is not None:
            self._print(profile, environ)
        return [b"".join(body)]

    def _filename(self, environ: dict[str, Any], elapsed: float) -> str:
        now = time.time()
        if callable(self.filename_format):
            environ["werkzeug.profiler"] = {"elapsed": elapsed, "time": now}
            return self.filename_format(environ)
        # The path comes from the client: nothing of it may lead out of the folder.
        parts = environ.get("PATH_INFO", "").replace("\\", "/").replace("\0", "").split("/")
        path = ".".join(part for part in parts if part.strip("."))[:100] or "root"
        return self.filename_format.format(
            method=environ["REQUEST_METHOD"], path=path, elapsed=elapsed, time=now
        )

    def _print(self, profile: Profile, environ: dict[str, Any]) -> None:
        stats = Stats(profile, stream=self.stream)
        stats.sort_stats(*self.sort_by)
        line = "-" * 80
        print(f"{line}\nPATH: {environ.get('PATH_INFO', '')!r}", file=self.stream)
        stats.print_stats(*self.restrictions)
        print(f"{line}\n", file=self.stream)
