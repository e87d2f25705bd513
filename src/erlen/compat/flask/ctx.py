"""The names of ``flask.ctx``."""

from __future__ import annotations

from erlen.context.contexts import (
    AppContext,
    RequestContext,
    _AppCtxGlobals,
    after_this_request,
    copy_current_request_context,
    has_app_context,
    has_request_context,
)
from erlen.context.proxies import _cv_app, _cv_request

__all__ = [
    "AppContext",
    "RequestContext",
    "_AppCtxGlobals",
    "_cv_app",
    "_cv_request",
    "after_this_request",
    "copy_current_request_context",
    "has_app_context",
    "has_request_context",
]
