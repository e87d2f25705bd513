"""When what nobody refers to is let go of."""

from __future__ import annotations

import gc
import sysconfig

IS_FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


def let_go() -> None:
    """On a free-threaded build, take what other threads have made: it goes when they run next, or
    with the collector. On others it has gone at once."""
    if IS_FREE_THREADED:
        gc.collect()
