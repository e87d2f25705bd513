"""What :mod:`importlib.metadata` answers for Flask and Werkzeug where they are not installed."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, DistributionFinder, MetadataPathFinder
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# The versions whose names and behaviour are provided.
VERSIONS = {"Flask": "3.1.3", "Werkzeug": "3.1.9"}


class CompatDistribution(Distribution):
    """A distribution of which only name and version are known."""

    def __init__(self, name: str) -> None:
        self._name = name

    def read_text(self, filename: str) -> str | None:
        """The metadata; no other file exists."""
        if filename != "METADATA":
            return None
        return (
            f"Metadata-Version: 2.1\nName: {self._name}\nVersion: {VERSIONS[self._name]}\n"
            "Summary: Provided by Erlen\n"
        )

    def locate_file(self, path: object) -> Path:
        """A path beside this package, where none of its files are."""
        return Path(__file__).parent / str(path)


def find_distributions(context: DistributionFinder.Context | None = None) -> Iterator[Distribution]:
    """The distributions of that name, or of any, that are not installed."""
    asked = None if context is None else context.name
    wanted = None if asked is None else re.sub(r"[-_.]+", "-", asked).lower()
    for name in VERSIONS:
        if wanted is not None and wanted != name.lower():
            continue
        real = MetadataPathFinder.find_distributions(DistributionFinder.Context(name=name))
        if next(iter(real), None) is None:
            yield CompatDistribution(name)
