"""The names of ``flask.sansio.app``."""

from __future__ import annotations

from erlen.app.application import Erlen as App

__all__ = ["App"]
