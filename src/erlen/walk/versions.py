"""Which version of Flask an application follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The key of the configuration.
SETTING = "FOLLOW_FLASK"
NOW, NEXT = "3.1", "3.2"


def follows_next(config: Mapping[str, Any]) -> bool:
    """Whether an application follows the version of Flask that comes next, in place of today's.

    A number will do, as an environment variable that is read as JSON is one.

    :raises ValueError: for a version that Erlen does not know
    """
    version = config.get(SETTING, NOW)
    text = str(version)
    if text not in (NOW, NEXT):
        raise ValueError(
            f"{SETTING} is the version of Flask whose behaviour the application has: {NOW!r} or"
            f" {NEXT!r}; it is {version!r}."
        )
    return text == NEXT
