"""``werkzeug._internal``: the private names that extensions import all the same."""

from ...serving import _log

__all__ = ["_log"]
