"""``--cert`` and ``--key`` of ``erlen run``, and one line for what they may not be."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    _ParamType = click.ParamType[Any]
else:
    # Before Click 8.2 it has no parameters.
    _ParamType = click.ParamType


class CertificateOptionError(click.BadParameter):
    """What is asked for cannot be done; the usage of the command would not help with it."""

    exit_code = 1

    def format_message(self) -> str:
        return self.message

    def show(self, file: IO[Any] | None = None) -> None:
        click.ClickException.show(self, file)


class CertParamType(_ParamType):
    """``--cert``: a file, ``adhoc``, or the import name of an ``ssl.SSLContext``."""

    name = "path"

    def __init__(self) -> None:
        # What may not be read is told by who reads it.
        self.path_type: click.Path[Any] = click.Path(
            exists=True, dir_okay=False, readable=False, resolve_path=True
        )

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            import ssl
        except ImportError:
            raise CertificateOptionError(
                "--cert needs a Python that was compiled with OpenSSL: this one has no ssl module."
                " Leave --cert out, or use another Python.",
                ctx,
                param,
            ) from None
        try:
            return self.path_type(value, param, ctx)
        except click.BadParameter:
            text = str(click.STRING(value, param, ctx)).lower()
            if text == "adhoc":
                try:
                    import cryptography  # noqa: F401
                except ImportError:
                    raise CertificateOptionError(
                        "--cert adhoc needs the cryptography library: pip install cryptography",
                        ctx,
                        param,
                    ) from None
                return text
            from ..app.importing import import_string

            found = import_string(value, silent=True)
            if isinstance(found, ssl.SSLContext):
                return found
            raise CertificateOptionError(
                f"There is no certificate file {value}. Name one by --cert, with its key by --key;"
                " or --cert adhoc for one that is made now, or the import name of an"
                " ssl.SSLContext.",
                ctx,
                param,
            ) from None


def validate_key(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    """``--key`` belongs to a ``--cert`` that is a file, in either order."""
    cert = ctx.params.get("cert")
    is_file = isinstance(cert, str) and cert != "adhoc"
    if value is None:
        if is_file:
            raise CertificateOptionError(
                f"--cert {cert} needs the key of the certificate: name it by --key; where one file"
                " has both, name it twice.",
                ctx,
                param,
            )
        return value
    if not cert:
        raise CertificateOptionError(
            "--key is the key of a certificate: name that too, by --cert.", ctx, param
        )
    if not is_file:
        has = "adhoc makes a key" if cert == "adhoc" else "names an SSLContext, which has a key"
        raise CertificateOptionError(f"Leave --key out: --cert {has} of its own.", ctx, param)
    ctx.params["cert"] = cert, value
    return value
