"""``werkzeug.datastructures.range``."""

from . import *  # noqa: F403
