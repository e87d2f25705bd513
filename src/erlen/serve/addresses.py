"""Why nobody can listen on an address, and what to write instead."""

from __future__ import annotations

import errno
import os
import re
import socket

_LAST_PORT = 65535
# Below it, the system's administrator gives ports away.
_FIRST_FREE_PORT = 1024
# A scheme, or a port behind a name or an IPv4 address.
_HAS_MORE = re.compile(r"/|^[^:]*:[0-9]*$")


class AddressError(OSError):
    """Nobody can listen there; the text is one line, and says what to do about it."""

    def __str__(self) -> str:
        return str(self.strerror)


def check_port(port: int) -> None:
    """
    :raises AddressError: for a number that is no port
    """
    if not 0 <= port <= _LAST_PORT:
        raise AddressError(
            errno.EINVAL,
            f"{port} is no port: choose one from 1 to {_LAST_PORT}, or 0 for any that is free,"
            " with --port.",
        )


def address_error(host: str, port: int, error: OSError | UnicodeError) -> AddressError:
    """What to tell of an error of ``bind()`` or ``getaddrinfo()``.

    :param host: a name or an address, or ``unix://PATH``
    """
    if host.startswith("unix://"):
        where, hint = host, "Choose another path."
    else:
        where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        if host.startswith("[") or _HAS_MORE.search(host):
            where = f"the host {host!r}"
        hint = _hint(port, error)
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    number = error.errno if isinstance(error, OSError) else errno.EINVAL
    return AddressError(number, f"Cannot listen on {where}: {reason}. {hint}")


def _hint(port: int, error: OSError | UnicodeError) -> str:
    number = getattr(error, "errno", None)
    if isinstance(error, UnicodeError | socket.gaierror) or number == errno.EADDRNOTAVAIL:
        return (
            "Choose a name or an address of this machine with --host, without scheme, brackets and"
            " port: 127.0.0.1, or 0.0.0.0 for all of its addresses."
        )
    if number in (errno.EACCES, errno.EPERM) and port < _FIRST_FREE_PORT:
        return (
            f"Ports below {_FIRST_FREE_PORT} need rights of an administrator: choose another one,"
            f" as --port {8000 + port}."
        )
    other = port + 1 if port < _LAST_PORT else port - 1
    return f"Stop the program that uses the port, or choose another one, as --port {other}."


def listen(host: str, port: int, backlog: int) -> socket.socket:
    """A socket that listens.

    :param host: a name or an address, or ``unix://PATH``
    :param port: 0 takes a free one
    :raises AddressError: if that cannot be
    """
    check_port(port)
    is_path = host.startswith("unix://")
    family: int
    if is_path:
        family = socket.AF_UNIX
        address: str | tuple[str, int] = os.path.abspath(host.removeprefix("unix://"))
    else:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        address = (host, port)
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name != "nt":
            # Connections that have just ended do not count.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(backlog)
    except (OSError, UnicodeError) as error:
        listening.close()
        raise address_error(host, port, error) from None
    return listening
