"""``werkzeug.datastructures.headers``."""

from . import *  # noqa: F403
