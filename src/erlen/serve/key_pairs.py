"""Why HTTPS cannot be served with a certificate and its key, and what to write instead."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import os

# The label of RFC 7468, section 2, in a line of its own.
_LABEL = re.compile(rb"^-----BEGIN ([A-Z0-9 ]{1,40})-----", re.MULTILINE)
# A SEQUENCE of ASN.1, as certificates and keys begin that are not text (X.690, 8.1).
_DER = b"\x30"


class KeyPairError(Exception):
    """They cannot be used; the text is one line, and says what to do about it."""


class _EncryptedError(Exception):
    """The key wants a password."""


def check_pair(
    certificate: str | os.PathLike[str],
    key: str | os.PathLike[str],
    options: tuple[str, str] = ("--certfile", "--keyfile"),
    asks: bool = False,
) -> None:
    """See that a server can use two files.

    :param options: what people name them by
    :param asks: whether the server asks for the password of an encrypted key
    :raises KeyPairError: if it cannot
    """
    import ssl

    of_certificate, of_key = options
    labels = _labels(certificate, "certificate", of_certificate)
    if b"CERTIFICATE" not in labels and b"TRUSTED CERTIFICATE" not in labels:
        raise _misplaced(certificate, "certificate", "x509", labels, options)
    labels = _labels(key, "key", of_key)
    if not any(label.endswith(b"PRIVATE KEY") for label in labels):
        raise _misplaced(key, "key", "pkey", labels, options)
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key, _refuse_password)
    except _EncryptedError:
        if not asks:
            raise KeyPairError(
                f"The key {key} is encrypted, and nobody is there to type its password when a"
                f" server starts. Write it without one: openssl pkey -in {key} -out server.key"
            ) from None
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise KeyPairError(
                f"The key {key} does not belong to the certificate {certificate}. Name the key that"
                f" the certificate was made for, by {of_key}; of several certificates in a file,"
                " the server's own has to be the first."
            ) from None
        raise KeyPairError(
            f"The certificate {certificate} and the key {key} cannot be used:"
            f" {error.reason or error}. Name two PEM files that belong together, by"
            f" {of_certificate} and {of_key}."
        ) from None


def _refuse_password() -> Any:
    raise _EncryptedError()


def _labels(path: str | os.PathLike[str], what: str, option: str) -> list[bytes]:
    """What a PEM file has, as ``CERTIFICATE``; ``DER`` for one that is in that form."""
    try:
        content = Path(path).read_bytes()
    except PermissionError as error:
        raise KeyPairError(
            f"The {what} {path} cannot be read: {error.strerror}. Let the user that the server runs"
            " as read the file, or start it as one who may."
        ) from None
    except OSError as error:
        raise KeyPairError(
            f"The {what} {path} cannot be read: {error.strerror}. Name the file that has it, by"
            f" {option}."
        ) from None
    found = _LABEL.findall(content)
    return [b"DER"] if not found and content.startswith(_DER) else found


def _misplaced(
    path: str | os.PathLike[str],
    what: str,
    command: str,
    labels: list[bytes],
    options: tuple[str, str],
) -> KeyPairError:
    """What to tell of a file that has something else."""
    if labels == [b"DER"]:
        hint = (
            "is in DER form. Make PEM of it:"
            f" openssl {command} -inform der -in {path} -out {path}.pem"
        )
    elif labels:
        has = ", ".join(label.decode().lower() for label in dict.fromkeys(labels))
        hint = (
            f"has no {what}, but: {has}. Name the certificate by {options[0]}, and its private key"
            f" by {options[1]}."
        )
    else:
        label = "CERTIFICATE" if what == "certificate" else "PRIVATE KEY"
        hint = f"has no {what} in PEM form. Name a file with a line -----BEGIN {label}-----"
    return KeyPairError(f"{path} {hint}")
