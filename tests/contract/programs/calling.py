"""Sends requests to an application, so that many are inside at once."""

import asyncio
import threading

from werkzeug.test import create_environ


def many(app, interface, paths):
    """The bodies of the answers, in the order of the paths."""
    return asyncio.run(_asgi(app, paths)) if interface == "asgi" else _wsgi(app, paths)


def _wsgi(app, paths):
    found = {}

    def ask(part):
        for n in part:
            body = app(create_environ(paths[n]), lambda status, headers, exc_info=None: None)
            found[n] = b"".join(body).decode()
            if hasattr(body, "close"):
                body.close()

    threads = [threading.Thread(target=ask, args=(range(k, len(paths), 16),)) for k in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [found[n] for n in range(len(paths))]


async def _asgi(app, paths):
    async def ask(path):
        body = []
        told = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive():
            if told:
                return told.pop()
            await asyncio.Event().wait()

        async def send(message):
            body.append(message.get("body", b""))

        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "http",
            "method": "GET",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(b"host", b"localhost")],
            "server": ("localhost", 80),
            "client": ("127.0.0.1", 50000),
            "extensions": {},
        }
        await app(scope, receive, send)
        return b"".join(body).decode()

    # As servers do: a task of its own for each.
    return await asyncio.gather(*(asyncio.create_task(ask(path)) for path in paths))
