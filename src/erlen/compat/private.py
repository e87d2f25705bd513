"""What extensions and tools import of Flask's and Werkzeug's privates, and Erlen has otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def iter_encoded(iterable: Iterable[str | bytes], charset: str = "utf-8") -> Iterator[bytes]:
    """The pieces of a body as bytes."""
    for item in iterable:
        yield item.encode(charset) if isinstance(item, str) else item


def get_server(environ: dict[str, Any]) -> tuple[str, int | None] | None:
    """Name and port of the server that an environment tells of."""
    name = environ.get("SERVER_NAME")
    if name is None:
        return None
    try:
        return name, int(environ["SERVER_PORT"])
    except (KeyError, ValueError):
        return name, None


def prepare_send_file_kwargs(**kwargs: Any) -> dict[str, Any]:
    """The arguments of ``send_file``, with the settings of the current application."""
    from erlen.app.files import _with_settings

    return _with_settings(kwargs)
