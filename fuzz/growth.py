"""Whether the cost of a byte stays the same in long inputs.

An input that was worth keeping is stretched: a slice of it is repeated until it has some length.
Where an algorithm is quadratic, a byte of a stretched input costs as many times more as it is
longer.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Callable
from pathlib import Path
from time import monotonic, process_time

SHORT, LONG = 1024, 32 * 1024
# The lengths differ by 32 times, and so does the cost of a byte of what is quadratic.
LARGEST = 8


def cost(run: Callable[[bytes], object], data: bytes, times: int) -> float:
    """Seconds of this process for a byte: the best time."""
    spent = []
    for _ in range(times):
        start = process_time()
        run(data)
        spent.append(process_time() - start)
    return min(spent) / len(data)


def check(run: Callable[[bytes], object], seconds: float, folder: Path) -> int:
    """Stretch what the folder has, for a time.

    :return: the number of shapes
    :raises AssertionError: if a byte of a long one costs much more
    """
    chance = random.Random()
    known = [path.read_bytes() for path in sorted(folder.iterdir())]
    known = [data for data in known if data]
    end = monotonic() + seconds
    count = 0
    gc.disable()
    while monotonic() < end:
        data = chance.choice(known)
        at = chance.randrange(len(data))
        slice_ = data[at : at + chance.choice((1, 1, 2, 3, 5, 8, 13, len(data)))]

        def make(size: int, data: bytes = data, at: int = at, part: bytes = slice_) -> bytes:
            return data[:at] + part * (size // len(part)) + data[at + len(part) :]

        cheap, dear = cost(run, make(SHORT), 2), cost(run, make(LONG), 1)
        if dear > LARGEST * cheap:
            # Once more, in case the machine was busy.
            cheap, dear = max(cheap, cost(run, make(SHORT), 5)), min(dear, cost(run, make(LONG), 5))
            if dear > LARGEST * cheap:
                raise AssertionError(
                    f"a byte costs {dear / cheap:.0f} times more in {LONG} bytes than in {SHORT}:"
                    f" {data[:at]!r} + {slice_!r} * n + {data[at + len(slice_) :]!r}"
                )
        count += 1
        gc.collect(0)
    return count
