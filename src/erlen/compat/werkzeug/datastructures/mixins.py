"""``werkzeug.datastructures.mixins``."""

from . import *  # noqa: F403
