"""HTTPS: whether it can be served with what was given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..key_pairs import KeyPairError, check_pair
from .options import ServeError

if TYPE_CHECKING:
    from .options import Options


def check_https(options: Options) -> None:
    """
    :raises ServeError: if it cannot; servers would tell of it one by one, each in its own way
    """
    certificate, key = options.certfile, options.keyfile
    if certificate is None:
        if key is not None:
            raise ServeError("--keyfile has the key of a certificate: name that by --certfile.")
        if options.http2:
            raise ServeError(
                "--http2 needs HTTPS, where alone browsers speak it: add --certfile and --keyfile,"
                " or leave it to the proxy in front."
            )
        return
    if key is None:
        raise ServeError(
            f"--certfile {certificate} needs the key of the certificate: name it by --keyfile;"
            " where one file has both, name it twice."
        )
    try:
        check_pair(certificate, key)
    except KeyPairError as error:
        raise ServeError(str(error)) from None
