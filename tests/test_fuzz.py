"""The fuzz targets hold for what they begin with and some changes of it; ``make fuzz`` goes on."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from time import process_time

import pytest

FUZZ = Path(__file__).resolve().parents[1] / "fuzz"
sys.path.insert(0, str(FUZZ))
try:
    import growth
    from one import fuzz_blindly, mutate
    from targets import TARGETS
finally:
    sys.path.remove(str(FUZZ))


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_holds(name: str) -> None:
    target = TARGETS[name]
    for data in (*target.seeds, b"", b"\0", b"\xff" * 9, b"\r\n" * 9):
        target.run(data)
    chance = random.Random(name)
    for _ in range(100):
        data = mutate(chance.choice(target.seeds), target.seeds, chance)
        try:
            target.run(data)
        except Exception as error:
            error.add_note(f"for {data!r}")
            raise


def test_a_crash_is_found_and_kept(tmp_path: Path) -> None:
    def run(data: bytes) -> None:
        assert b"%" not in data

    with pytest.raises(AssertionError):
        fuzz_blindly(run, 60, tmp_path, seed=1)
    [crash] = tmp_path.glob("crash-*")
    assert b"%" in crash.read_bytes()


def test_quadratic_time_is_found(tmp_path: Path) -> None:
    def run(data: bytes) -> None:
        # A search that begins anew at each byte, as a careless regex does.
        for at in range(len(data)):
            data.find(b"\0never", at)

    (tmp_path / "seed-0").write_bytes(b"abcdefgh")
    with pytest.raises(AssertionError, match="times more"):
        growth.check(run, 60, tmp_path)


def test_linear_time_is_not(tmp_path: Path) -> None:
    def run(data: bytes) -> None:
        for byte in data:
            assert byte < 256

    (tmp_path / "seed-0").write_bytes(b"abcdefgh")
    start = process_time()
    assert growth.check(run, 0.2, tmp_path) > 0
    assert process_time() - start < 20
