"""Counts the public symbols of Erlen whose types are complete: those that no checker and no editor
has to guess.

    python tools/complete_types.py

Fails below the floor, and names what is missing. It wants pyright in the same environment.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

#: The part of them that has to be complete. Flask 3.1.3 has 0.798.
FLOOR = 0.99


def report(package: str) -> dict[str, Any]:
    """What ``pyright --verifytypes`` tells of a package."""
    # It asks the first Python of the path for packages, whatever its options say.
    here = str(Path(sys.executable).parent)
    asks = ["--verifytypes", package, "--ignoreexternal", "--outputjson"]
    done = subprocess.run(
        [sys.executable, "-m", "pyright", *asks],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PATH": os.pathsep.join([here, os.environ.get("PATH", "")])},
    )
    found: dict[str, Any] = json.loads(done.stdout)["typeCompleteness"]
    return found


def main() -> int:
    found = report("erlen")
    symbols = [symbol for symbol in found["symbols"] if symbol["isExported"]]
    if not symbols:
        print("pyright has found no symbols: is Erlen installed beside it?")
        return 1
    missing = [symbol for symbol in symbols if not symbol["isTypeKnown"]]
    score = 1 - len(missing) / len(symbols)
    print(f"{score:.1%} of {len(symbols)} public symbols have complete types")
    for symbol in missing:
        why = (
            symbol["diagnostics"][0]["message"]
            if symbol["diagnostics"]
            else "by what it is made of"
        )
        print(f"  {symbol['name']}: {' '.join(why.split())}")
    if score < FLOOR:
        print(f"That is below {FLOOR:.0%}: annotate them.")
    return int(score < FLOOR)


if __name__ == "__main__":
    sys.exit(main())
