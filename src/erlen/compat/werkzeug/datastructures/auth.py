"""``werkzeug.datastructures.auth``."""

from . import *  # noqa: F403
