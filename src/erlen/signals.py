"""The signals that the framework sends, on Blinker.

Sending costs one truth test while nobody listens: senders check ``signal.receivers`` first.
"""

from __future__ import annotations

from blinker import Namespace, Signal

# Signals of the framework; applications make a Namespace of their own.
_signals = Namespace()

template_rendered: Signal = _signals.signal("template-rendered")
before_render_template: Signal = _signals.signal("before-render-template")
request_started: Signal = _signals.signal("request-started")
request_finished: Signal = _signals.signal("request-finished")
request_tearing_down: Signal = _signals.signal("request-tearing-down")
got_request_exception: Signal = _signals.signal("got-request-exception")
appcontext_tearing_down: Signal = _signals.signal("appcontext-tearing-down")
appcontext_pushed: Signal = _signals.signal("appcontext-pushed")
appcontext_popped: Signal = _signals.signal("appcontext-popped")
message_flashed: Signal = _signals.signal("message-flashed")

__all__ = [
    "Namespace",
    "appcontext_popped",
    "appcontext_pushed",
    "appcontext_tearing_down",
    "before_render_template",
    "got_request_exception",
    "message_flashed",
    "request_finished",
    "request_started",
    "request_tearing_down",
    "template_rendered",
]
