"""Some paths answered by another server, for development."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlsplit

from ..http.conditional import is_hop_by_hop_header
from ..http.exceptions import BadGateway
from ..http.headers import EnvironHeaders
from ..http.streams import get_content_length, get_input_stream

# RFC 3986, section 3.3: what stands unquoted in a path.
_SAFE_IN_PATH = "!$&'()*+,/:;=@"


class ProxyMiddleware:
    """Passes the requests below some prefixes on to other servers.  For development: it opens a
    connection for each request, and passes no WebSockets on.

    >>> application = ProxyMiddleware(app, {"/static/": {"target": "http://127.0.0.1:5001/"}})

    For each prefix a dictionary has:

    - ``target``: the URL of the server; the path of the request is put behind it
    - ``remove_prefix``: whether the prefix is taken off that path first; ``False``
    - ``host``: the ``Host`` header: ``"<auto>"``, the default, is the host of the target, ``None``
      what the client sent, anything else is sent as it is
    - ``headers``: further headers for the server
    - ``ssl_context``: how the server is verified; by default as browsers do

    A server that does not answer properly becomes a 502.

    :param app: the WSGI application for every other path
    :param targets: the dictionaries by prefix
    :param chunk_size: how many bytes to pass on at once
    :param timeout: how many seconds the server may be silent
    """

    def __init__(
        self,
        app: Any,
        targets: Mapping[str, dict[str, Any]],
        chunk_size: int = 2 << 13,
        timeout: int = 10,
    ) -> None:
        self.app = app
        self.chunk_size = chunk_size
        self.timeout = timeout
        defaults = {"remove_prefix": False, "host": "<auto>", "headers": {}, "ssl_context": None}
        self.targets: dict[str, dict[str, Any]] = {
            f"/{k.strip('/')}/": {**defaults, **v} for k, v in targets.items()
        }

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        app = self.app
        for prefix in sorted(self.targets, key=len, reverse=True):
            if path.startswith(prefix) or path == prefix[:-1]:
                app = self.proxy_to(self.targets[prefix], path, prefix)
                break
        answer: Iterable[bytes] = app(environ, start_response)
        return answer

    def proxy_to(
        self, opts: Mapping[str, Any], path: str, prefix: str
    ) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
        """The WSGI application that asks the server of ``opts`` for ``path``."""
        target = urlsplit(opts["target"])
        rest = f"/{path[len(prefix) :]}" if opts["remove_prefix"] else path
        url = target.path.rstrip("/") + quote(rest.encode("latin-1"), safe=_SAFE_IN_PATH)

        def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            query = quote(
                environ.get("QUERY_STRING", ""), safe=f"{_SAFE_IN_PATH}?%", encoding="latin-1"
            )
            connection = self._connect(target.scheme, target.netloc, opts["ssl_context"])
            try:
                connection.connect()
                answer = self._ask(
                    connection,
                    f"{url}?{query}" if query else url,
                    environ,
                    _request_headers(environ, opts, target.hostname or ""),
                )
            except (OSError, HTTPException, ValueError):
                connection.close()
                return BadGateway()(environ, start_response)
            headers = [(k, v) for k, v in answer.headers.items() if not is_hop_by_hop_header(k)]
            start_response(f"{answer.status} {answer.reason}", headers)
            return self._read(connection, answer)

        return application

    def _connect(self, scheme: str, netloc: str, ssl_context: Any) -> HTTPConnection:
        netloc = netloc.rpartition("@")[2]
        if scheme == "http":
            return HTTPConnection(netloc, timeout=self.timeout)
        if scheme == "https":
            return HTTPSConnection(netloc, timeout=self.timeout, context=ssl_context)
        raise RuntimeError(
            f"{scheme!r} is no scheme that a request can be passed on to: the target of"
            " ProxyMiddleware must be an http or https URL."
        )

    def _ask(
        self,
        connection: HTTPConnection,
        url: str,
        environ: dict[str, Any],
        headers: list[tuple[str, str]],
    ) -> HTTPResponse:
        connection.putrequest(
            environ["REQUEST_METHOD"], url, skip_host=True, skip_accept_encoding=True
        )
        for name, value in headers:
            connection.putheader(name, value)
        chunked = False
        length = get_content_length(environ)
        if length is not None:
            connection.putheader("Content-Length", str(length))
        elif environ.get("wsgi.input_terminated"):
            chunked = True
            connection.putheader("Transfer-Encoding", "chunked")
        connection.putheader("Connection", "close")
        connection.endheaders()
        stream = get_input_stream(environ)
        while data := stream.read(self.chunk_size):
            connection.send(b"%x\r\n%b\r\n" % (len(data), data) if chunked else data)
        if chunked:
            connection.send(b"0\r\n\r\n")
        return connection.getresponse()

    def _read(self, connection: HTTPConnection, answer: HTTPResponse) -> Iterator[bytes]:
        try:
            while data := answer.read(self.chunk_size):
                yield data
        finally:
            answer.close()
            connection.close()


def _request_headers(
    environ: dict[str, Any], opts: Mapping[str, Any], target_host: str
) -> list[tuple[str, str]]:
    """The headers for the server, but for those of the body and of the connection."""
    sent = EnvironHeaders(environ)
    # RFC 9110, section 7.6.1.
    own = {name.strip().lower() for name in sent.get("Connection", "").split(",")}
    own |= {"content-length", "host"} | {name.lower() for name in opts["headers"]}
    headers = [(k, v) for k, v in sent if k.lower() not in own and not is_hop_by_hop_header(k)]
    host = opts["host"]
    if host == "<auto>":
        host = f"[{target_host}]" if ":" in target_host else target_host
    elif host is None:
        host = sent.get("Host", "")
    return [("Host", host), *headers, *opts["headers"].items()]
