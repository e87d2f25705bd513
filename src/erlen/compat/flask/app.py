"""``flask.app``."""

from ...app.application import Erlen as Flask

__all__ = ["Flask"]
