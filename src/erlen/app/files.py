"""Sending files, with the settings of the current application."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from ..context.contexts import current_context, current_request_context

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import BinaryIO

    from ..context.messages import Response


@cache
def _sending() -> Any:
    """What sends files: an application need not."""
    from ..http import sending

    return sending


def _with_settings(options: dict[str, Any]) -> dict[str, Any]:
    app = current_context().app
    if options.get("max_age") is None:
        options["max_age"] = app.get_send_file_max_age
    ctx = current_request_context()
    # PERF: a file needs no request object.
    options["environ"] = ctx.environ if ctx.made_request is None else ctx.request.environ
    options["use_x_sendfile"] = app.config["USE_X_SENDFILE"]
    options["response_class"] = app.response_class
    options["_root_path"] = app.root_path
    return options


def send_file(
    path_or_file: os.PathLike[str] | str | BinaryIO,
    mimetype: str | None = None,
    as_attachment: bool = False,
    download_name: str | None = None,
    conditional: bool = True,
    etag: bool | str = True,
    last_modified: datetime | int | float | None = None,
    max_age: int | Callable[[str | None], int | None] | None = None,
) -> Response:
    """Answer with a file.

    Never pass a path that a user chose: :func:`send_from_directory` is for those.

    :param path_or_file: the path, relative to the application's ``root_path``, or a file object
        opened in binary mode
    :param mimetype: the media type; by default guessed from the name
    :param as_attachment: offer to save the file rather than show it
    :param download_name: the name to offer; by default that of the path
    :param conditional: answer conditional and range requests
    :param etag: ``False`` for none, or the tag to use
    :param last_modified: the date of the last change, in place of the file's
    :param max_age: for how many seconds clients may keep it; by default
        ``SEND_FILE_MAX_AGE_DEFAULT``
    :raises TypeError: for a file in text mode, or one without a name or media type
    """
    response: Response = _sending().send_file(
        path_or_file,
        **_with_settings(
            {
                "mimetype": mimetype,
                "as_attachment": as_attachment,
                "download_name": download_name,
                "conditional": conditional,
                "etag": etag,
                "last_modified": last_modified,
                "max_age": max_age,
            }
        ),
    )
    return response


def send_from_directory(
    directory: os.PathLike[str] | str, path: os.PathLike[str] | str, **kwargs: Any
) -> Response:
    """Answer with a file inside of ``directory``, at a path that may come from the client.

    :param directory: the folder, relative to the application's ``root_path``
    :param path: the path inside of it; one that leads out is not found
    :param kwargs: the other arguments of :func:`send_file`
    :raises NotFound: (404) if there is no such file inside of the folder
    """
    response: Response = _sending().send_from_directory(directory, path, **_with_settings(kwargs))
    return response
