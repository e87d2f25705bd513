"""The names of the package ``flask``, as of Flask 3.1.3."""

from __future__ import annotations

from typing import Any

from erlen import Blueprint as Blueprint
from erlen import Config as Config
from erlen import Erlen as Flask
from erlen import Request as Request
from erlen import Response as Response
from erlen import abort as abort
from erlen import after_this_request as after_this_request
from erlen import appcontext_popped as appcontext_popped
from erlen import appcontext_pushed as appcontext_pushed
from erlen import appcontext_tearing_down as appcontext_tearing_down
from erlen import before_render_template as before_render_template
from erlen import copy_current_request_context as copy_current_request_context
from erlen import current_app as current_app
from erlen import flash as flash
from erlen import g as g
from erlen import get_flashed_messages as get_flashed_messages
from erlen import get_template_attribute as get_template_attribute
from erlen import got_request_exception as got_request_exception
from erlen import has_app_context as has_app_context
from erlen import has_request_context as has_request_context
from erlen import json as json
from erlen import jsonify as jsonify
from erlen import make_response as make_response
from erlen import message_flashed as message_flashed
from erlen import redirect as redirect
from erlen import render_template as render_template
from erlen import render_template_string as render_template_string
from erlen import request as request
from erlen import request_finished as request_finished
from erlen import request_started as request_started
from erlen import request_tearing_down as request_tearing_down
from erlen import send_file as send_file
from erlen import send_from_directory as send_from_directory
from erlen import session as session
from erlen import stream_template as stream_template
from erlen import stream_template_string as stream_template_string
from erlen import stream_with_context as stream_with_context
from erlen import template_rendered as template_rendered
from erlen import url_for as url_for

# Not public: ``from flask import *`` must not see them.
from erlen.context.contexts import _AppCtxGlobals

from .. import removed as _removed

__all__ = [
    "Blueprint",
    "Config",
    "Flask",
    "Request",
    "Response",
    "abort",
    "after_this_request",
    "appcontext_popped",
    "appcontext_pushed",
    "appcontext_tearing_down",
    "before_render_template",
    "copy_current_request_context",
    "current_app",
    "flash",
    "g",
    "get_flashed_messages",
    "get_template_attribute",
    "got_request_exception",
    "has_app_context",
    "has_request_context",
    "json",
    "jsonify",
    "make_response",
    "message_flashed",
    "redirect",
    "render_template",
    "render_template_string",
    "request",
    "request_finished",
    "request_started",
    "request_tearing_down",
    "send_file",
    "send_from_directory",
    "session",
    "stream_template",
    "stream_template_string",
    "stream_with_context",
    "template_rendered",
    "url_for",
]

# What ``import flask`` makes reachable as attributes; loaded when first used.
_SUBMODULES = frozenset(
    {
        "app",
        "blueprints",
        "cli",
        "config",
        "ctx",
        "debughelpers",
        "globals",
        "helpers",
        "logging",
        "sansio",
        "sessions",
        "signals",
        "templating",
        "testing",
        "typing",
        "views",
        "wrappers",
    }
)

_AppCtxGlobals._shown_as = "flask.g"

# The submodule of that name hides the built-in function once it is loaded.
_own_names = globals()


def __getattr__(name: str) -> Any:
    if name in _SUBMODULES:
        from importlib import import_module

        from ..missing import attach
        from ..names import target_of

        module = _own_names[name] = import_module(str(target_of(f"flask.{name}")))
        attach(module, f"flask.{name}")
        return module
    return _removed.get(name)
