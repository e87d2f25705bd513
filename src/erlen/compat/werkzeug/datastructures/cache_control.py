"""``werkzeug.datastructures.cache_control``."""

from . import *  # noqa: F403
