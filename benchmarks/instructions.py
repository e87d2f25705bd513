"""Count the instructions of a request, and fail where a scenario takes more than it is known to.

Wall time is noise on a shared machine; instructions are not.  Each scenario of ``scenarios.py`` and
``asgi_apps.py`` runs under valgrind with two numbers of requests; the difference of the two
counts, divided by the difference of the numbers, is what one request takes.  What the benchmark
itself takes is counted too, and taken off.

``instructions.json`` keeps the counts, with the fingerprint of what they were made with: another
build of Python or libc counts differently.  Where the fingerprint is another one, the sources of
the last commit that changed the table are counted as well, and stand for it.

Then it counts what overriding one of the application's methods costs (``overrides.py``), and how
many functions a request calls (``calls.py``).  ``bounds.py`` has the bounds.

``--write`` renews the table and the document; ``--flask`` counts Flask too, which the table shows
beside Erlen.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from count_worker import HARNESS
from environment import CACHE, ROOT, peers_python
from gate_tables import (
    Counts,
    calls_table,
    overrides_table,
    scenarios_table,
    tell,
    tell_calls,
    tell_overrides,
)
from ratios import HERE
from sections import replace

TABLE = HERE / "instructions.json"
PAGE = ROOT / "docs/performance.md"
AT_ONCE = 2
# Paths of one length on every machine: what a file is called counts, where files are served.
PLACE = Path("/tmp/erlen-instructions")
MTIME = 1_700_000_000
# Those that a request of some scenario goes through.
LIBRARIES = ("blinker", "itsdangerous", "jinja2", "markupsafe", "multipart")
# The machine code that requests may run, whichever of it the sources use: what a process has loaded
# that imports these (Linux).
MACHINE_CODE = """
from importlib import import_module
for name in (
    "_asyncio _bisect _bz2 _contextvars _datetime _hashlib _json _lzma _pickle _posixsubprocess"
    " _queue _random _socket _ssl _struct array binascii fcntl grp math mmap select unicodedata"
    " zlib markupsafe._speedups"
).split():
    try:
        import_module(name)
    except ImportError:
        pass
with open("/proc/self/maps") as maps:
    # Address, rights, offset, device, inode, and the file if there is one.
    lines = [line.split(maxsplit=5) for line in maps]
files = {line[5].strip() for line in lines if len(line) > 5 and line[5][0] == "/"}
texts = ("/locale/", "/gconv/")
print(*sorted(file for file in files if not any(text in file for text in texts)), sep="\\n")
"""
# What libc and OpenSSL choose their code by, as far as valgrind passes it on.
CPU_FLAGS = {"sse4_2", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "rdrand", "rdseed", "asimd"}


def main() -> int:
    """Count, compare, and write if asked to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="renew the table")
    parser.add_argument("--flask", action="store_true", help="count Flask too")
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="SCENARIO", help="count these, and no more"
    )
    options = parser.parse_args()
    if shutil.which("valgrind") is None:
        print("The gate counts with valgrind. Install it: apt-get install valgrind")
        return 2
    table: dict[str, Any] = json.loads(TABLE.read_text()) if TABLE.exists() else {}
    with own_place():
        seen, made_with = count("erlen", ROOT / "src", options.only)
        if options.only:
            tell(seen, None, table.get("flask", {}))
            return 0
        overridden, _ = count("overrides", ROOT / "src")
        calls = json.loads(run([*bare(sys.executable), "calls.py"]))
        known = table.get("fingerprint") == made_with["fingerprint"]
        flask = table.get("flask", {})
        if options.flask or (options.write and not known):
            flask, _ = count("flask", None)
        before: Counts | None
        if known:
            print(f"against {TABLE.relative_to(ROOT)}, made with the same Python and libc")
            before = table["erlen"]
        else:
            before = None if options.write else count_base(table, made_with)
    complaints = [
        *tell(seen, before, flask), *tell_overrides(overridden), *tell_calls(calls),
    ]  # fmt: skip
    if options.write:
        figures = {"erlen": seen, "flask": flask, "overrides": overridden, "calls": calls}
        write({**made_with, **figures})
        return 0
    if complaints:
        print(
            "\nThe gate fails:",
            *complaints,
            "\nIf a scenario has to take more than the table says, renew that in the same commit:"
            "\n  make gate GATE_ARGS=--write\nThe bounds are in benchmarks/bounds.py.",
            sep="\n  ",
        )
        return 1
    return 0


# -- counting ---------------------------------------------------------------------------------


class own_place:
    """Nobody else counts at the same place at the same time."""

    def __enter__(self) -> None:
        PLACE.mkdir(mode=0o700, exist_ok=True)
        if PLACE.is_symlink() or PLACE.stat().st_uid != os.getuid():
            sys.exit(f"{PLACE} belongs to somebody else")
        self.file = open(PLACE / "lock", "w")
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *error: object) -> None:
        self.file.close()


def bare(python: str) -> list[str]:
    """An interpreter that imports nothing but what it is asked for."""
    return [os.path.realpath(python), "-s", "-S"]


def count(
    what: str, source: Path | None, only: Sequence[str] = ()
) -> tuple[Counts, dict[str, str]]:
    """Instructions for a request by scenario, and what they were counted with.

    :param what: a framework, or ``overrides``
    :param source: the folder that has the package; by default it is installed
    :param only: the scenarios; by default all
    """
    python = sys.executable if source is not None else peers_python()
    lay_out(python, source)
    script = [*bare(python), "count_worker.py", what]
    # Without valgrind first: everything answers, and every module is compiled.
    run([*script, "once"])
    files = run([*bare(python), "-c", MACHINE_CODE]).splitlines()
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={PLACE}/out/%p"]
    if subprocess.run(["setarch", "-R", "true"], capture_output=True).returncode == 0:
        # The same addresses each time: they are what objects hash by.
        command = ["setarch", "-R", *command]
    totals: dict[str, list[tuple[int, int]]] = {}
    for line in run([*command, *script, str(AT_ONCE), *only]).splitlines():
        process, requests, scenario = line.split(" ", 2)
        totals.setdefault(scenario, []).append((int(requests), total(process)))
    each = {
        scenario: (more - few) / (many - some)
        for scenario, [(some, few), (many, more)] in totals.items()
    }
    own = {"wsgi": each.pop(HARNESS["wsgi"]), "asgi": each.pop(HARNESS["asgi"], 0)}
    counts = {
        scenario: round(taken - own["asgi" if scenario.startswith("ASGI ") else "wsgi"])
        for scenario, taken in each.items()
    }
    return counts, describe(files)


def lay_out(python: str, source: Path | None) -> None:
    """Put what is counted where it always is."""
    for name in ("benchmarks", "src", "out", "compiled"):
        shutil.rmtree(PLACE / name, ignore_errors=True)
    (PLACE / "out").mkdir()
    leave_out = shutil.ignore_patterns("__pycache__", "results")
    shutil.copytree(HERE, PLACE / "benchmarks", ignore=leave_out)
    if source is not None:
        shutil.copytree(source, PLACE / "src", ignore=leave_out)
    for path in (PLACE / "benchmarks").rglob("*"):
        os.utime(path, (MTIME, MTIME))
    site = PLACE / "site"
    site.unlink(missing_ok=True)
    paths = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site.symlink_to(subprocess.run(paths, capture_output=True, text=True, check=True).stdout[:-1])


def run(command: list[str]) -> str:
    """What a command prints, in an environment that has nothing of this one's."""
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": f"{PLACE}/src:{PLACE}/site",
        "PYTHONPYCACHEPREFIX": f"{PLACE}/compiled",
    }
    done = subprocess.run(
        command, cwd=PLACE / "benchmarks", env=environment, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def total(process: str) -> int:
    """The instructions of a process at its end."""
    with open(PLACE / "out" / process) as file:
        for line in file:
            if line.startswith("summary: "):
                return int(line.split()[1])
    sys.exit(f"callgrind left no count of process {process}")


def describe(files: list[str]) -> dict[str, str]:
    """What was counted with, and its fingerprint.

    :param files: the executables and libraries that ran
    """
    valgrind = subprocess.run(["valgrind", "--version"], capture_output=True, text=True, check=True)
    libraries = " ".join(f"{name} {version(name)}" for name in LIBRARIES)
    shown = {
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {' '.join(platform.libc_ver())}",
        "valgrind": valgrind.stdout.strip().removeprefix("valgrind-"),
    }
    mark = sha256(repr((shown, libraries, cpu_flags())).encode())
    for file in sorted(files):
        mark.update(Path(file).read_bytes())
    return {"fingerprint": mark.hexdigest()[:16], **shown}


def cpu_flags() -> list[str]:
    """Which of the processor's features matter here (Linux)."""
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith(("flags", "Features")):
                return sorted(CPU_FLAGS.intersection(line.split()))
    return []


def count_base(table: dict[str, Any], made_with: dict[str, str]) -> Counts | None:
    """The counts of the sources that the table stands for, on this machine; ``None`` where the
    table has just been changed."""
    print(
        f"The table was made with Python {table.get('python')}, {table.get('machine')}, valgrind"
        f" {table.get('valgrind')} ({table.get('fingerprint')}), and this is Python"
        f" {made_with['python']}, {made_with['machine']}, valgrind {made_with['valgrind']}"
        f" ({made_with['fingerprint']}): its figures do not hold here."
    )
    name = str(TABLE.relative_to(ROOT))
    if git("status", "--porcelain", "--", name):
        print("The table is being changed: there is nothing to compare with.")
        return None
    base, head = git("rev-list", "-1", "HEAD", "--", name), git("rev-parse", "HEAD")
    if not base:
        sys.exit("The history does not reach back to the table: fetch all of it.")
    if base == head:
        print("This commit changes the table: there is nothing to compare with.")
        return None
    print(f"against the sources of the commit that last changed it, {base[:12]}", flush=True)
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        archive = Path(folder) / "base.tar"
        git("archive", f"--output={archive}", base, "src")
        shutil.unpack_archive(archive, folder)
        return count("erlen", Path(folder) / "src")[0]


def git(*arguments: str) -> str:
    """What git prints."""
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


# -- writing ----------------------------------------------------------------------------------


def write(table: dict[str, Any]) -> None:
    """Keep the counts, and show them in the document."""
    TABLE.write_text(json.dumps(table, indent=1) + "\n")
    note = (
        f"Instructions for one request, on Python {table['python']} ({table['machine']}), by"
        f" valgrind {table['valgrind']}."
    )
    lines = [
        *(note, "", *scenarios_table(table["erlen"], table["flask"])),
        *("", "Hello with one method overridden:", "", *overrides_table(table["overrides"])),
        *("", "Functions that a request calls, and files that they stand in:", ""),
        *calls_table(table["calls"]),
    ]
    replace(PAGE, "instructions", lines)
    print(f"\nwritten: {TABLE.relative_to(ROOT)} and {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
