"""``werkzeug.datastructures.etag``."""

from . import *  # noqa: F403
