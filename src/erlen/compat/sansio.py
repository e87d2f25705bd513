"""Requests and responses of no interface, made of their parts, as ``werkzeug.sansio`` has them."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from erlen.context.asgi import make_environ
from erlen.http.request import Request as _Request
from erlen.http.response import Response as _Response

if TYPE_CHECKING:
    from http import HTTPStatus

    from erlen.http.headers import Headers
    from erlen.http.response import HeadersLike


class Request(_Request):
    """A request without a body.

    :param server: the address and port of the server, or the path of its socket and ``None``
    :param root_path: the prefix under which the application is mounted
    :param path: below the prefix, decoded
    """

    def __init__(
        self,
        method: str,
        scheme: str,
        server: tuple[str, int | None] | None,
        root_path: str,
        path: str,
        query_string: bytes,
        headers: Headers,
        remote_addr: str | None,
    ) -> None:
        root_path = root_path.rstrip("/")
        path = f"/{path.lstrip('/')}"
        scope: dict[str, Any] = {
            "method": method,
            "scheme": scheme,
            "server": server,
            "root_path": root_path,
            "path": root_path + path,
            "query_string": query_string,
            "http_version": "1.1",
            "headers": [(key.lower().encode(), value.encode()) for key, value in headers],
        }
        environ = make_environ(scope, BytesIO())
        if remote_addr is not None:
            environ["REMOTE_ADDR"] = remote_addr
        super().__init__(environ, populate_request=False)
        # What the environment cannot say, or not as it was given.
        vars(self).update(
            headers=headers, query_string=query_string, root_path=root_path, server=server
        )


class Response(_Response):
    """The head of a response; the body is for a subclass to add."""

    def __init__(
        self,
        status: int | str | HTTPStatus | None = None,
        headers: HeadersLike | None = None,
        mimetype: str | None = None,
        content_type: str | None = None,
    ) -> None:
        super().__init__(None, status, headers, mimetype, content_type)
