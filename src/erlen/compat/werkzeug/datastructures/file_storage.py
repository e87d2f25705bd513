"""``werkzeug.datastructures.file_storage``."""

from . import *  # noqa: F403
