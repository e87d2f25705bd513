"""Which Erlen this is, for those whom the package itself imports."""

from __future__ import annotations

__version__ = "0.1.0.dev0"
