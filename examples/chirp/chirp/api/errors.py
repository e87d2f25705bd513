"""What went wrong, as JSON: ``{"error": {"status": 422, "message": "...", "field": "text"}}``."""

from __future__ import annotations

from typing import Any

from erlen import Blueprint, Erlen, jsonify, request
from erlen.http.exceptions import HTTPException
from erlen.typing import ResponseReturnValue

from ..services.errors import (
    BadCursor,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    ServiceError,
    TooManyAttempts,
)
from ..web import errors as pages

#: The first that fits.
_STATUS: tuple[tuple[type[ServiceError], int], ...] = (
    (BadCursor, 400),
    (Conflict, 409),
    (Invalid, 422),
    (NotFound, 404),
    (Forbidden, 403),
    (TooManyAttempts, 429),
)


def init_app(app: Erlen, blueprint: Blueprint, prefix: str) -> None:
    blueprint.register_error_handler(ServiceError, refused)
    blueprint.register_error_handler(HTTPException, failed)

    def nothing_there(error: HTTPException) -> ResponseReturnValue:
        # No blueprint owns an address that is none, so the application answers for this one too.
        if request.path.startswith(prefix + "/"):
            return failed(error)
        return pages.show(error)

    for code in (404, 405):
        app.register_error_handler(code, nothing_there)


def refused(error: ServiceError) -> ResponseReturnValue:
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    headers = {}
    if isinstance(error, TooManyAttempts):
        headers["Retry-After"] = str(error.seconds)
    field = error.field if isinstance(error, Invalid) else None
    return _answer(status, error.message, headers, field)


def failed(error: HTTPException) -> ResponseReturnValue:
    headers = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
    if error.code is None or error.code < 400:
        return error.get_response()
    return _answer(error.code, error.description or "", headers)


def _answer(
    status: int, message: str, headers: dict[str, str], field: str | None = None
) -> ResponseReturnValue:
    error: dict[str, Any] = {"status": status, "message": message}
    if field is not None:
        error["field"] = field
    return jsonify(error=error), status, headers
