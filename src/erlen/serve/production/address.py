"""The address to listen on: whether it is free."""

from __future__ import annotations

import os
import socket
import stat
from typing import TYPE_CHECKING

from ..addresses import AddressError, address_error, check_port
from .options import ServeError

if TYPE_CHECKING:
    from .options import Options


def claim(options: Options) -> None:
    """See that the address is free, and find what stands behind a name or port 0.

    Servers whose workers listen each for itself would share a port with another program of the
    same user, and say nothing.

    :raises ServeError: if it is not
    """
    if options.uds is not None:
        _claim_path(options.uds)
        return
    try:
        check_port(options.port)
        found = socket.getaddrinfo(options.host, options.port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            if os.name != "nt":
                # Connections that have just ended do not count.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            options.ip_address = str(probe.getsockname()[0])
            options.port = int(probe.getsockname()[1])
    except AddressError as error:
        raise ServeError(str(error)) from None
    except (OSError, UnicodeError) as error:
        raise ServeError(str(address_error(options.host, options.port, error))) from None


def _claim_path(path: str) -> None:
    """Remove a socket that a server left behind; one that answers is another's."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            if os.path.exists(path) and not stat.S_ISSOCK(os.stat(path).st_mode):
                raise ServeError(f"{path} is no socket: choose another path for --uds.")
            probe.connect(path)
        except FileNotFoundError:
            pass
        except ConnectionRefusedError:
            os.unlink(path)
        except OSError as error:
            raise _cannot(path, error) from None
        else:
            raise ServeError(
                f"Another program listens on {path}: stop it, or choose another --uds."
            )
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.bind(path)
            os.unlink(path)
        except OSError as error:
            raise _cannot(path, error) from None


def _cannot(path: str, error: OSError) -> ServeError:
    return ServeError(f"Cannot listen on {path}: {error.strerror}. Choose another path for --uds.")
