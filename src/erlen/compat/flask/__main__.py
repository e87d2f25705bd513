"""``python -m flask``."""

from __future__ import annotations

from erlen.cli import main

main()
