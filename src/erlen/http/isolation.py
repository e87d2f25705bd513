"""Values of the cross-origin isolation headers (HTML standard, sections 7.1.3 and 7.1.4)."""

from __future__ import annotations

from enum import StrEnum


class COOP(StrEnum):
    """``Cross-Origin-Opener-Policy``."""

    UNSAFE_NONE = "unsafe-none"
    SAME_ORIGIN_ALLOW_POPUPS = "same-origin-allow-popups"
    SAME_ORIGIN = "same-origin"


class COEP(StrEnum):
    """``Cross-Origin-Embedder-Policy``."""

    UNSAFE_NONE = "unsafe-none"
    REQUIRE_CORP = "require-corp"
