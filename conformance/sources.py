"""Fetching a suite: a pinned archive from the package registry, kept in the cache."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
from pathlib import Path

from suites import Suite

CACHE = Path(__file__).resolve().parent.parent / ".cache" / "conformance"


def fetch(suite: Suite) -> Path:
    """The archive, from the cache or from the registry.

    :raises SystemExit: if it is not the one that was pinned
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    archive = CACHE / suite.archive
    if not archive.exists():
        print(f"downloading {suite.archive}", flush=True)
        # pip compares the hash before it runs anything of the archive.
        pinned = CACHE / f"{suite.package}.txt"
        pinned.write_text(f"{suite.package}=={suite.version} --hash=sha256:{suite.sha256}\n")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--disable-pip-version-check", "--no-binary", suite.package]
        command += ["--dest", str(CACHE), "--require-hashes", "-r", str(pinned)]
        subprocess.run(command, check=True)
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != suite.sha256:
        archive.unlink()
        sys.exit(f"{suite.archive} has the hash {digest}, not {suite.sha256}: it was not used.")
    return archive


def unpack(suite: Suite, archive: Path, target: Path) -> Path:
    """A copy of the tests alone, without the package that they test; the folder it is in."""
    root = f"{suite.package}-{suite.version}"
    with tarfile.open(archive) as tar:
        members = [m for m in tar.getmembers() if f"{m.name}/".startswith(f"{root}/{suite.tests}/")]
        tar.extractall(target, members, filter="data")
    return target / root
