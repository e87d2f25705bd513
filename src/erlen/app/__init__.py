"""The application: set-up, and the walk of a request."""

from .application import Erlen
from .blueprint import Blueprint

__all__ = ["Blueprint", "Erlen"]
