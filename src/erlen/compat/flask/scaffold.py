"""The names of ``flask.scaffold``, where Flask before 2.3 had them."""

from __future__ import annotations

from erlen.app.scaffold import Scaffold, _endpoint_from_view_func
from erlen.app.setupmethod import setupmethod

__all__ = ["Scaffold", "_endpoint_from_view_func", "setupmethod"]
