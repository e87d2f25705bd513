"""Which suites are run, where each comes from, and what it gives on its own package."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Suite:
    """The tests of one source distribution.

    :param package: its name on the package registry, and the first part of the archive's name
    :param sha256: of the archive; anything else is not used
    :param reference: the outcomes on the package itself, with pytest 8 and its own dependencies
    :param settings: what the package's own pyproject sets for pytest
    :param tests: the folder or file of the archive that is unpacked
    :param arguments: what pytest runs; all that is unpacked, if there are none
    :param typing: the folder of its tests for type checkers, if it has one
    """

    package: str
    version: str
    sha256: str
    reference: dict[str, int]
    settings: tuple[str, ...] = ()
    tests: str = "tests"
    arguments: tuple[str, ...] = ()
    typing: str | None = None

    @property
    def archive(self) -> str:
        """The file name on the registry."""
        return f"{self.package}-{self.version}.tar.gz"


SUITES = (
    Suite(
        package="flask",
        version="3.1.3",
        sha256="0ef0e52b8a9cd932855379197dd8f94047b359ca0a78695144304cb45f87c9eb",
        # With Werkzeug 3.1.9.
        reference={"passed": 486, "failed": 1, "skipped": 3},
        settings=("testpaths = tests", "filterwarnings = error"),
        typing="tests/type_check",
    ),
    Suite(
        package="werkzeug",
        version="3.1.9",
        sha256="55ca7c70a75689be937aa27f8ff4b018f06ff4838fc73045560bf0f5a1291060",
        reference={"passed": 980, "failed": 0, "skipped": 1},
        settings=(
            "testpaths = tests",
            "filterwarnings =",
            "    error",
            "    always::pytest.PytestUnraisableExceptionWarning",
            "markers = dev_server: tests that start the development server",
        ),
    ),
)
