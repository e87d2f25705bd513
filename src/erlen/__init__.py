"""Erlen: Flask's names and semantics on a core of its own.

>>> from erlen import Erlen
>>> app = Erlen(__name__)
>>> @app.route("/")
... def hello():
...     return "Hello, World!"
"""

from .workers import interrupts as _interrupts  # noqa: F401

# isort: split
from . import json as json
from .app import Blueprint as Blueprint
from .app import Erlen as Erlen
from .app.config import Config as Config
from .app.current import abort as abort
from .app.current import current_app as current_app
from .app.current import make_response as make_response
from .app.current import redirect as redirect
from .app.current import safe_redirect as safe_redirect
from .app.current import url_for as url_for
from .app.files import send_file as send_file
from .app.files import send_from_directory as send_from_directory
from .context.contexts import after_this_request as after_this_request
from .context.contexts import copy_current_request_context as copy_current_request_context
from .context.contexts import has_app_context as has_app_context
from .context.contexts import has_request_context as has_request_context
from .context.messages import Request as Request
from .context.messages import Response as Response
from .context.proxies import g as g
from .context.proxies import request as request
from .context.proxies import session as session
from .context.proxies import websocket as websocket
from .context.streaming import stream_request_body as stream_request_body
from .context.streaming import stream_with_context as stream_with_context
from .json import jsonify as jsonify
from .sessions.flashing import flash as flash
from .sessions.flashing import get_flashed_messages as get_flashed_messages
from .signals import appcontext_popped as appcontext_popped
from .signals import appcontext_pushed as appcontext_pushed
from .signals import appcontext_tearing_down as appcontext_tearing_down
from .signals import before_render_template as before_render_template
from .signals import got_request_exception as got_request_exception
from .signals import message_flashed as message_flashed
from .signals import request_finished as request_finished
from .signals import request_started as request_started
from .signals import request_tearing_down as request_tearing_down
from .signals import template_rendered as template_rendered
from .templating.render import get_template_attribute as get_template_attribute
from .templating.render import render_template as render_template
from .templating.render import render_template_string as render_template_string
from .templating.render import stream_template as stream_template
from .templating.render import stream_template_string as stream_template_string
from .version import __version__ as __version__
