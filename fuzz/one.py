"""Fuzz one target in this process; the exit status says whether it held.

    one.py TARGET SECONDS ENGINE FOLDER

The folder keeps the inputs that were worth keeping, and what a target failed on.
"""

from __future__ import annotations

import logging
import random
import sys
import traceback
from collections.abc import Callable
from hashlib import sha1
from pathlib import Path
from time import monotonic

LONGEST = 2048
# One input may take so long; most take microseconds.
SLOWEST = 5
# What grammars are made of.
PIECES = [
    *(bytes([code]) for code in b"\0\t\n\r \"%&'()*+,-./0:;<=>?@[\\]^_`{|}~\x7f\x80\xe9\xff"),
    b"\r\n", b"--", b'\\"', b"%ff", b"%00", b"*=utf-8''", b"*0=", b"q=0", b"xn--", b"W/", b"../",
    b"\xc3\xa9", b"\xe2\x98\x83", b"\xed\xb2\x80", b"9" * 25, b"-1", b"bytes=", b"=?", b"\x0b",
]  # fmt: skip


def mutate(data: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """The input with a few changes."""
    for _ in range(chance.randint(1, 6)):
        at = chance.randint(0, len(data))
        to = min(len(data), at + chance.choice((0, 1, 1, 2, 8, 64)))
        new = chance.choice(
            (
                b"",
                chance.choice(PIECES),
                chance.randbytes(chance.randint(1, 4)),
                data[at:to] * chance.choice((2, 3, 40)),
                chance.choice(others)[at : at + 40],
            )
        )
        data = (data[:at] + new + data[to:])[:LONGEST]
    return data


def fuzz_blindly(run: Callable[[bytes], object], seconds: float, folder: Path, seed: int) -> int:
    """Mutate what the folder has, for a time.

    :return: the number of inputs
    """
    chance = random.Random(seed)
    known = [path.read_bytes() for path in sorted(folder.glob("seed-*"))] or [b""]
    end = monotonic() + seconds
    count = 0
    while (start := monotonic()) < end:
        data = mutate(chance.choice(known), known, chance)
        count += 1
        try:
            run(data)
        except BaseException:
            (folder / f"crash-{sha1(data).hexdigest()}").write_bytes(data)
            print(f"seed {seed}: failed on {data!r}", file=sys.stderr)
            raise
        if monotonic() - start > SLOWEST:
            (folder / f"timeout-{sha1(data).hexdigest()}").write_bytes(data)
            raise TimeoutError(f"more than {SLOWEST} s for {data!r}")
    return count


def fuzz_by_coverage(name: str, seconds: float, folder: Path) -> None:
    """Let libFuzzer look for inputs that take new ways through the code; ends the process."""
    import atheris  # type: ignore[import-not-found]

    with atheris.instrument_imports(include=["erlen.http", "erlen.routing", "erlen.security"]):
        from targets import TARGETS

    options = [
        f"-max_total_time={int(seconds)}",
        f"-timeout={SLOWEST}",
        f"-max_len={LONGEST}",
        f"-artifact_prefix={folder}/",
        "-verbosity=0",
        "-print_final_stats=1",
        str(folder),
    ]
    atheris.Setup([sys.argv[0], *options], TARGETS[name].run)
    atheris.Fuzz()


def main() -> int:
    """Write the seeds, and fuzz."""
    name, seconds, engine, place = sys.argv[1:5]
    # What is refused is logged; here it is what is looked for.
    logging.disable()
    folder = Path(place)
    folder.mkdir(parents=True, exist_ok=True)
    if engine == "atheris":
        fuzz_by_coverage(name, float(seconds), folder)
        return 0
    from targets import TARGETS

    for number, data in enumerate(TARGETS[name].seeds):
        (folder / f"seed-{number}").write_bytes(data)
    if engine == "seeds":
        return 0
    if engine == "growth":
        from growth import check

        print(check(TARGETS[name].run, float(seconds), folder), "shapes")
        return 0
    seed = random.SystemRandom().randrange(2**32)
    try:
        print(fuzz_blindly(TARGETS[name].run, float(seconds), folder, seed), "inputs")
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
