"""TLS for the development server: contexts, and certificates that nobody trusts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl


class CertificateError(TypeError):
    """HTTPS cannot be served with what was given; the text says what can."""


def certificate_files(value: Any, host: str, folder: str) -> tuple[Path, Path] | tuple[None, None]:
    """The certificate and the key, as files, of what ``ssl_context`` may be.

    :param value: nothing, a pair of files, a file with both, or ``"adhoc"``
    :param host: the name in a certificate that is made for it
    :param folder: where it is written
    :raises CertificateError: for a context, whose key cannot be read
    :raises ssl.SSLError: if they do not belong together, or are none
    """
    if value is None:
        return None, None
    if value == "adhoc":
        value = make_ssl_devcert(os.path.join(folder, "adhoc"), host)
    elif isinstance(value, str | os.PathLike):
        value = value, None
    elif not isinstance(value, tuple):
        raise CertificateError(
            "An application with WebSockets is served for development with 'adhoc', or with a"
            " certificate and a key file: pass ssl_context=(certificate, key), or --cert and --key."
        )
    certificate, key = value
    # Granian would tell of what it cannot read when it serves.
    load_ssl_context(certificate, key)
    return Path(certificate), Path(key or certificate)


def make_context(value: Any, host: str) -> ssl.SSLContext:
    """The context of what ``ssl_context`` may be.

    :param value: a context, a pair of certificate and key file, a file with both, or ``"adhoc"``
    :param host: the name in a certificate that is made for it
    """
    import ssl

    if isinstance(value, ssl.SSLContext):
        return value
    if value == "adhoc":
        return generate_adhoc_ssl_context(host)
    if isinstance(value, tuple):
        return load_ssl_context(*value)
    return load_ssl_context(value)


def load_ssl_context(
    cert_file: str, pkey_file: str | None = None, protocol: int | None = None
) -> ssl.SSLContext:
    """A server's context with a certificate.

    :param protocol: by default the best that both sides have
    """
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if protocol is None else protocol)
    context.load_cert_chain(cert_file, pkey_file)
    return context


def generate_adhoc_ssl_pair(cn: str | None = None) -> tuple[Any, Any]:
    """A new certificate and its key, as objects of the cryptography library.

    :param cn: the host name
    :raises TypeError: without that library
    """
    try:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import rsa
    except ImportError:
        raise TypeError(
            "Using ad-hoc certificates requires the cryptography library: pip install cryptography."
        ) from None
    from datetime import UTC, datetime, timedelta
    from ipaddress import ip_address

    host = cn or "localhost"
    try:
        alternative: x509.GeneralName = x509.IPAddress(ip_address(host))
    except ValueError:
        alternative = x509.DNSName(host)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    # X.520 has at most 64 characters in a common name.
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host[:64])])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([x509.OID_SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate, key


def make_ssl_devcert(
    base_path: str, host: str | None = None, cn: str | None = None
) -> tuple[str, str]:
    """Write a certificate to ``base_path.crt`` and its key to ``base_path.key``.

    :param host: the host name
    :param cn: the host name, if ``host`` is not given
    :returns: the two paths, for ``ssl_context``
    """
    certificate, key = generate_adhoc_ssl_pair(host or cn)
    from cryptography.hazmat.primitives import serialization

    cert_file, key_file = f"{base_path}.crt", f"{base_path}.key"
    with open(cert_file, "wb") as file:
        file.write(certificate.public_bytes(serialization.Encoding.PEM))
    with open(os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
    return cert_file, key_file


def generate_adhoc_ssl_context(host: str | None = None) -> ssl.SSLContext:
    """A server's context with a new certificate.

    :raises TypeError: without the cryptography library
    """
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        return load_ssl_context(*make_ssl_devcert(os.path.join(folder, "adhoc"), host))
