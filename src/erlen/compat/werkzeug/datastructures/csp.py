"""``werkzeug.datastructures.csp``."""

from . import *  # noqa: F403
