"""``werkzeug.datastructures.accept``."""

from . import *  # noqa: F403
