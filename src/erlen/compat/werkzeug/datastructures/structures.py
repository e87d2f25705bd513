"""``werkzeug.datastructures.structures``."""

from . import *  # noqa: F403
