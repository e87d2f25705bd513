"""The answer to an error: its page, in the form that the client takes."""

from __future__ import annotations

import re
import traceback as stdlib_traceback
from typing import TYPE_CHECKING, Any

from .details import Details
from .error_page import as_json, own_frames, render_error_page
from .formats import answer, wanted_format
from .masks import Masks

if TYPE_CHECKING:
    from ..http.response import Response
    from .tracebacks import DebugTraceback

# What would colour a terminal or move its cursor.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
#: What is logged where the page cannot be shown.
TOO_LATE = "The response had begun already, so that the browser cannot be shown the error.\n"
_HIDDEN = (
    "Variables, request and session are shown only where the host of the address is one of the"
    " debugger's, such as localhost."
)


def printable(text: str) -> str:
    """Text for a terminal, of many lines."""
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def explain_error(
    traceback: DebugTraceback,
    environ: dict[str, Any],
    context: Any,
    app: Any,
    *,
    shows_values: bool,
    evalex: bool = False,
    secret: str = "",
    is_unlocked: bool = False,
) -> Response:
    """The response that tells an error.

    :param context: the request context, if there was one
    :param app: the application, if it is known
    :param shows_values: with variables, request and session
    """
    kind = wanted_format(environ)
    masks = Masks()
    try:
        details = Details(environ, context, app)
        masks = details.masks
        frames = [frame for shown in own_frames(traceback.root).values() for frame in shown]
        # What they say is secret is not in the rest either.
        variables = details.variables_of(frames)
        sections = details.sections()
        text = masks.hide_traceback(traceback.render_traceback_text())
        content: Any
        if kind == "json":
            content = as_json(traceback.root, text, masks)
        elif kind == "text":
            content = text
        else:
            content = render_error_page(
                traceback.root,
                text,
                masks,
                variables=variables if shows_values else None,
                sections=sections if shows_values else (),
                note="" if shows_values else _HIDDEN,
                evalex=evalex,
                secret=secret,
                is_trusted=is_unlocked,
            )
    except Exception:
        # Nothing that an application has in it may keep its error from being told.
        kind = "text"
        content = masks.hide_traceback(
            f"{traceback.render_traceback_text()}\n"
            f"The page of this error failed, too:\n\n{stdlib_traceback.format_exc()}"
        )
    response: Response = answer(content, 500, kind)
    return response
