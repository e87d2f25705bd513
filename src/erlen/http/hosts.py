"""The host that a request was sent to (RFC 9110, section 7.2; RFC 3986, section 3.2.2)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .exceptions import SecurityError
from .urls import uri_to_iri

if TYPE_CHECKING:
    from collections.abc import Iterable

# A name (also one that is not encoded yet, as letters of any script), an IPv4 or bracketed IPv6
# address, and a port.  Delimiters of a URL, blanks and controls are outside of it.
_HOST = re.compile(r"(?:[\w.\-~!$&'()*+,;=%]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{0,5})?\Z")
# A server without a name of its own and HTTP/1.0 clients send none.
_known_hosts: set[str] = {""}
_MOST_KNOWN = 1024


def check_host(host: str) -> bool:
    """Whether a ``Host`` header is well-formed; an empty one is."""
    if host in _known_hosts:
        return True
    if _HOST.match(host) is None or not host.isprintable():
        return False
    # PERF: the hosts of a server are few; a client that sends many pays for the check each time.
    if len(_known_hosts) < _MOST_KNOWN:
        _known_hosts.add(host)
    return True


def host_is_trusted(hostname: str | None, trusted_list: str | Iterable[str]) -> bool:
    """Whether a host is in the list; ``".example.org"`` covers its sub-domains too, and the port
    counts only if the list names one."""
    if not hostname:
        return False
    if isinstance(trusted_list, str):
        trusted_list = [trusted_list]

    def split(name: str) -> tuple[str, str]:
        if name.startswith("["):
            host, _, rest = name.partition("]")
            return host + "]", rest.lstrip(":")
        host, _, port = name.partition(":")
        return host, port

    def encode(name: str) -> str:
        return name.encode("idna").decode("ascii").lower()

    if not check_host(hostname):
        return False
    host, port = split(hostname)
    try:
        host = encode(host)
    except UnicodeError:
        return False
    for trusted in trusted_list:
        suffix = trusted.startswith(".")
        name, trusted_port = split(trusted[1:] if suffix else trusted)
        try:
            name = encode(name)
        except UnicodeError:
            return False
        if trusted_port and trusted_port != port:
            continue
        if name == host or (suffix and host.endswith("." + name)):
            return True
    return False


def get_host(
    scheme: str,
    host_header: str | None,
    server: tuple[str, int | None] | None = None,
    trusted_hosts: Iterable[str] | None = None,
) -> str:
    """The host of a request, without the port that the scheme has by default.

    :param host_header: the ``Host`` header; without it the server's own address is used
    :param server: the address and port of the server
    :param trusted_hosts: see :func:`host_is_trusted`
    :returns: ``""`` for a malformed host
    :raises SecurityError: (400) for a host that is not trusted
    """
    host = ""
    if host_header is not None:
        host = host_header
    elif server is not None:
        # The path of a Unix socket is no host.
        if not server[0].startswith("/"):
            host = f"[{server[0]}]" if ":" in server[0] and server[0][0] != "[" else server[0]
            if server[1] is not None:
                host = f"{host}:{server[1]}"
    if not check_host(host):
        host = ""
    if scheme in {"http", "ws"} and host.endswith(":80"):
        host = host[:-3]
    elif scheme in {"https", "wss"} and host.endswith(":443"):
        host = host[:-4]
    if trusted_hosts is not None and not host_is_trusted(host, trusted_hosts):
        raise SecurityError(f"Host {host!r} is not trusted.")
    return host


def get_environ_host(environ: dict[str, Any], trusted_hosts: Iterable[str] | None = None) -> str:
    """:func:`get_host` of a WSGI environment."""
    server = None
    if environ.get("SERVER_NAME"):
        port = environ.get("SERVER_PORT")
        number = int(port) if port and str(port).isdigit() else None
        server = (environ["SERVER_NAME"], number)
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
