"""A disk that is full while a request is served."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .exceptions import InsufficientStorage

if TYPE_CHECKING:
    from collections.abc import Iterator

# A disk, or what one user may have of it.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextmanager
def full_disk_as_507() -> Iterator[None]:
    """Around what writes for a request.

    :raises InsufficientStorage: (507) in place of the error of a full disk
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise InsufficientStorage() from error
