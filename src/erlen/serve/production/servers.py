"""The servers that ``erlen serve`` can start, each with its own words for the same options."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from .granian_server import start_granian
from .options import ServeError, refuse
from .worker import wsgi_application

if TYPE_CHECKING:
    from collections.abc import Callable

    from .options import Options

    # Takes a function that announces the start, which wants the server's version.
    Start = Callable[[Options, Callable[[str], None]], None]


def _uvicorn(options: Options, announce: Callable[[str], None]) -> None:
    # Not by an import statement: type checkers need not have them.
    uvicorn = import_module("uvicorn")
    refuse(options, "respawn", "worker_lifetime", "worker_memory", "header_timeout", "http2")
    if options.max_requests is not None and options.workers == 1:
        raise ServeError(
            "uvicorn replaces a worker after --max-requests only where it has several: use"
            " --workers 2 or more, or --server gunicorn."
        )
    announce(uvicorn.__version__)
    uvicorn.run(
        "erlen.serve.production.worker:asgi_application",
        factory=True,
        interface="asgi3",
        host=options.host,
        port=options.port,
        uds=options.uds,
        workers=options.workers,
        backlog=options.backlog,
        ssl_certfile=options.certfile,
        ssl_keyfile=options.keyfile,
        access_log=options.access_log,
        log_level="info" if options.access_log else "warning",
        timeout_graceful_shutdown=options.graceful_timeout,
        limit_max_requests=options.max_requests,
        # ProxyFix alone believes what a proxy adds, and no one else.
        proxy_headers=False,
        server_header=False,
    )


def _hypercorn(options: Options, announce: Callable[[str], None]) -> None:
    make_config = import_module("hypercorn.config").Config
    run = import_module("hypercorn.run").run
    refuse(options, "respawn", "worker_lifetime", "worker_memory", "header_timeout")
    announce(version("hypercorn"))
    config = make_config()
    config.application_path = "asgi:erlen.serve.production.worker:asgi_application()"
    if options.uds is None:
        config.bind = [f"{options.bracketed_host}:{options.port}"]
    else:
        config.bind = [f"unix:{options.uds}"]
    config.workers = options.workers
    config.backlog = options.backlog
    config.certfile = options.certfile
    config.keyfile = options.keyfile
    config.accesslog = "-" if options.access_log else None
    config.loglevel = "INFO" if options.access_log else "WARNING"
    config.graceful_timeout = options.graceful_timeout
    config.max_requests = options.max_requests
    config.alpn_protocols = ["h2", "http/1.1"] if options.http2 else ["http/1.1"]
    config.include_server_header = False
    code = run(config)
    if code:
        raise SystemExit(code)


def _gunicorn(options: Options, announce: Callable[[str], None]) -> None:
    base: Any = import_module("gunicorn.app.base").BaseApplication
    refuse(options, "respawn", "worker_lifetime", "worker_memory", "header_timeout", "http2")
    announce(version("gunicorn"))

    class Server(base):  # type: ignore[misc]
        def load_config(self) -> None:
            settings = {
                "bind": f"{options.bracketed_host}:{options.port}"
                if options.uds is None
                else f"unix:{options.uds}",
                "workers": options.workers,
                "worker_class": "gthread",
                "threads": options.count_threads(),
                "backlog": options.backlog,
                "certfile": options.certfile,
                "keyfile": options.keyfile,
                "accesslog": "-" if options.access_log else None,
                "graceful_timeout": options.graceful_timeout,
                "max_requests": options.max_requests,
                "max_requests_jitter": (options.max_requests or 0) // 10,
                "loglevel": "warning",
                # As on the other servers, ProxyFix alone believes what a proxy adds.
                "forwarded_allow_ips": "",
            }
            for key, value in settings.items():
                if value is not None:
                    self.cfg.set(key, value)

        def load(self) -> Any:
            return wsgi_application()

    Server().run()


def _waitress(options: Options, announce: Callable[[str], None]) -> None:
    waitress = import_module("waitress")
    refuse(
        options,
        "workers",
        "respawn",
        "worker_lifetime",
        "worker_memory",
        "max_requests",
        "header_timeout",
        "http2",
        "certfile",
        "access_log",
        "graceful_timeout",
    )
    where: dict[str, Any] = (
        {"host": options.host, "port": options.port}
        if options.uds is None
        else {"unix_socket": options.uds}
    )
    application = wsgi_application()
    announce(version("waitress"))
    waitress.serve(
        application,
        threads=options.count_threads(),
        backlog=options.backlog,
        ident=None,
        _quiet=True,
        **where,
    )


#: Who starts it, and its interfaces, the usual one first.
SERVERS: dict[str, tuple[Start, tuple[str, ...]]] = {
    "granian": (start_granian, ("asgi", "wsgi")),
    "uvicorn": (_uvicorn, ("asgi",)),
    "hypercorn": (_hypercorn, ("asgi",)),
    "gunicorn": (_gunicorn, ("wsgi",)),
    "waitress": (_waitress, ("wsgi",)),
}
