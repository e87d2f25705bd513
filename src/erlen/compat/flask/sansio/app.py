"""``flask.sansio.app``."""

from ....app.application import Erlen as App

__all__ = ["App"]
