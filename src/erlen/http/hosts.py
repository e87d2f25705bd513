"""The host that a request was sent to (RFC 9110, section 7.2; RFC 3986, section 3.2.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from .exceptions import SecurityError
from .urls import uri_to_iri

# RFC 3986's reg-name, cut down to what names machines: labels of ASCII letters (other scripts come
# as IDNA), digits, "-" and the "_" of container networks, with single dots between them, and one
# behind them. Or a bracketed address. Then a port without leading zeros, which may be empty.
_HOST = re.compile(
    r"(?:(?!\.|[^:]*\.\.)[A-Za-z0-9_.\-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])"
    r"(?::(?P<port>[1-9][0-9]{0,4})?)?\Z"
)
#: Hosts that were found well-formed. An empty one is not among them, as the version of HTTP says
#: whether it may be.
known_hosts: set[str | bytes] = set()
_MOST_KNOWN = 1024


def check_host(host: str | bytes) -> bool:
    """Whether a ``Host`` header is well-formed; an empty one is."""
    if not host or host in known_hosts:
        return True
    text = host if isinstance(host, str) else host.decode("latin-1")
    if not text.isascii():
        # Bytes beyond ASCII are no host; what no byte can be was decoded from IDNA by a server.
        try:
            text = _name_of(text) if max(text) > "\xff" else ""
        except UnicodeError:
            text = ""
        if not text:
            return False
    match = _HOST.match(text)
    if match is None or int(match["port"] or 0) > 65535:
        return False
    # PERF: the hosts of a server are few; a client that sends many pays for the check each time.
    if len(known_hosts) < _MOST_KNOWN:
        known_hosts.add(host)
    return True


def _name_of(host: str) -> str:
    """A host in lower case and IDNA, without its port.

    :raises UnicodeError: for what IDNA cannot encode
    """
    if host.startswith("["):
        return host.partition("]")[0].lower() + "]"
    name = host.partition(":")[0].lower()
    return name if name.isascii() else name.encode("idna").decode("ascii")


def host_is_trusted(hostname: str | None, trusted_list: str | Iterable[str] | None = None) -> bool:
    """Whether a host is in the list.

    :param trusted_list: names; ``".example.org"`` covers its sub-domains too. Case and ports
        are not compared. An empty list trusts every well-formed host.

    >>> host_is_trusted("a.example.org:8080", [".example.org"])
    True
    """
    if not hostname:
        return False
    try:
        name = _name_of(hostname)
    except UnicodeError:
        return False
    if not check_host(hostname if hostname.isascii() else name):
        return False
    trusted_names = [trusted_list] if isinstance(trusted_list, str) else list(trusted_list or ())
    for trusted in trusted_names:
        try:
            wanted = _name_of(trusted.removeprefix("."))
        except UnicodeError:
            continue
        if name == wanted or (trusted[:1] == "." and wanted and name.endswith(f".{wanted}")):
            return True
    return not trusted_names


def get_host(
    scheme: str,
    host_header: str | None,
    server: tuple[str, int | None] | None = None,
    trusted_hosts: Iterable[str] | None = None,
) -> str:
    """The host of a request, without the port that the scheme has by default.

    :param host_header: the ``Host`` header; without it the server's own address is used
    :param server: the address and port of the server; without a port, it is a Unix socket
    :param trusted_hosts: see :func:`host_is_trusted`
    :returns: ``""`` for a malformed host
    :raises SecurityError: (400) for a host that is not trusted

    >>> get_host("https", "example.org:443")
    'example.org'
    """
    host = ""
    if host_header is not None:
        host = host_header
    elif server is not None and server[1] is not None:
        name, port = server
        host = f"[{name}]:{port}" if ":" in name and name[0] != "[" else f"{name}:{port}"
    given = host
    if not check_host(host) or host.endswith(":"):
        host = ""
    elif scheme in ("http", "ws") and host.endswith(":80"):
        host = host[:-3]
    elif scheme in ("https", "wss") and host.endswith(":443"):
        host = host[:-4]
    if trusted_hosts is not None and not host_is_trusted(host, trusted_hosts):
        raise SecurityError(f"Host {(host or given)[:80]!r} is not trusted.")
    return host


def get_environ_host(environ: dict[str, Any], trusted_hosts: Iterable[str] | None = None) -> str:
    """:func:`get_host` of a WSGI environment."""
    server = None
    if environ.get("SERVER_NAME"):
        port = str(environ.get("SERVER_PORT", ""))
        server = (environ["SERVER_NAME"], int(port) if port.isdecimal() else None)
    return get_host(
        environ.get("wsgi.url_scheme", "http"), environ.get("HTTP_HOST"), server, trusted_hosts
    )


def get_current_url(
    environ: dict[str, Any],
    root_only: bool = False,
    strip_querystring: bool = False,
    host_only: bool = False,
    trusted_hosts: Iterable[str] | None = None,
) -> str:
    """The URL of a request, as an IRI.

    :param root_only: up to where the application is mounted
    :param strip_querystring: without the query
    :param host_only: scheme and host
    """
    scheme = environ.get("wsgi.url_scheme", "http")
    url = f"{scheme}://{get_environ_host(environ, trusted_hosts)}"
    if host_only:
        return uri_to_iri(f"{url}/")
    safe = "!$&'()*+,/:;=@"
    root = environ.get("SCRIPT_NAME", "").encode("latin-1")
    url = f"{url}{quote(root.rstrip(b'/'), safe=safe)}/"
    if root_only:
        return uri_to_iri(url)
    path = environ.get("PATH_INFO", "").encode("latin-1")
    url = url + quote(path.lstrip(b"/"), safe=safe)
    query = environ.get("QUERY_STRING", "")
    if query and not strip_querystring:
        url = f"{url}?{quote(query.encode('latin-1'), safe=safe + '?%')}"
    return uri_to_iri(url)
