"""The PIN that opens the console: who may run code in the process."""

from __future__ import annotations

import getpass
import hashlib
import hmac
import os
import subprocess
import sys
import time
import uuid
from threading import Lock
from typing import Any

# How long a browser stays trusted, in seconds.
PIN_TIME = 60 * 60 * 24 * 7
# So many wrong PINs lock the console until the server starts again.
MOST_FAILURES = 10

_machine_id: bytes | None = None


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.readline().strip()
    except OSError:
        return b""


def get_machine_id() -> bytes:
    """What tells this machine from others; empty if nothing does."""
    global _machine_id
    if _machine_id is None:
        _machine_id = _find_machine_id()
    return _machine_id


def _find_machine_id() -> bytes:
    if sys.platform == "win32":
        return _windows_id()
    if sys.platform == "darwin":
        return _mac_id()
    found = _read("/etc/machine-id") or _read("/proc/sys/kernel/random/boot_id")
    # Containers share the machine's; their control group tells them apart.
    return found + _read("/proc/self/cgroup").rpartition(b"/")[2]


def _mac_id() -> bytes:
    try:
        done = subprocess.run(
            ["ioreg", "-c", "IOPlatformExpertDevice", "-d", "2"],
            capture_output=True,
            check=True,
            timeout=5,
        )
    except (OSError, subprocess.SubprocessError):
        return b""
    for line in done.stdout.splitlines():
        if b"IOPlatformUUID" in line:
            return line.partition(b"=")[2].strip(b' "')
    return b""


def _windows_id() -> bytes:
    import winreg

    registry: Any = winreg
    try:
        with registry.OpenKey(
            registry.HKEY_LOCAL_MACHINE,
            "SOFTWARE\\Microsoft\\Cryptography",
            0,
            registry.KEY_READ | registry.KEY_WOW64_64KEY,
        ) as key:
            return str(registry.QueryValueEx(key, "MachineGuid")[0]).encode()
    except OSError:
        return b""


def _describe(app: Any) -> bytes:
    """What is the same each time this application starts on this machine, and nowhere else."""
    try:
        user = getpass.getuser()
    except (ImportError, KeyError, OSError):
        user = ""
    module = getattr(app, "__module__", type(app).__module__)
    name = getattr(app, "__name__", type(app).__name__)
    file = getattr(sys.modules.get(module), "__file__", None)
    parts = (user, module, name, file, os.getcwd(), uuid.getnode())
    return "\0".join(map(str, parts)).encode() + b"\0" + get_machine_id()


def _derive(app: Any, purpose: bytes) -> str:
    return hashlib.blake2b(_describe(app), key=purpose, digest_size=20).hexdigest()


def get_pin_and_cookie_name(app: Any) -> tuple[str, str] | tuple[None, None]:
    """The PIN for an application and the name of the cookie of those who gave it.

    ``WERKZEUG_DEBUG_PIN`` sets another PIN; ``off`` asks for none, and gives ``None`` twice.
    """
    wanted = os.environ.get("WERKZEUG_DEBUG_PIN")
    if wanted == "off":
        return None, None
    cookie_name = f"__erlen_debug_{_derive(app, b'cookie')[:20]}"
    if wanted is not None and wanted.replace("-", "").isdecimal():
        pin = wanted
        if "-" in wanted:
            return pin, cookie_name
    else:
        pin = f"{int(_derive(app, b'pin'), 16) % 10**9:09}"
    size = next((n for n in (5, 4, 3) if len(pin) % n == 0), len(pin))
    return "-".join(pin[i : i + size] for i in range(0, len(pin), size)), cookie_name


class PinGuard:
    """Counts the wrong PINs, and says who is trusted.

    :param app: what the PIN is for
    :param pin: the PIN; ``None`` trusts everybody
    """

    def __init__(self, app: Any, pin: str | None) -> None:
        self.pin = pin
        # A PIN has too few digits to sign with it alone.
        self._key = f"{_derive(app, b'token')}{pin}".encode()
        self._failures = 0
        self._lock = Lock()

    @property
    def is_exhausted(self) -> bool:
        """Whether no further PIN is looked at."""
        return self._failures >= MOST_FAILURES

    def try_pin(self, entered: str) -> bool:
        """Whether the PIN is right; a wrong one takes longer each time and is counted."""
        if self.pin is None:
            return True
        given, wanted = (x.strip().replace("-", "").encode() for x in (entered, self.pin))
        with self._lock:
            if self.is_exhausted:
                return False
            if hmac.compare_digest(given, wanted):
                self._failures = 0
                return True
            self._failures += 1
            failures = self._failures
        time.sleep(5.0 if failures > 5 else 0.5)
        return False

    def make_token(self) -> str:
        """What a browser that gave the PIN may show in its place."""
        now = str(int(time.time()))
        return f"{now}|{self._sign(now)}"

    def is_token(self, token: str | None) -> bool:
        """Whether :meth:`make_token` made this, and not too long ago."""
        if self.pin is None:
            return True
        made, _, signature = (token or "").partition("|")
        if not (made.isascii() and made.isdigit() and len(made) < 12):
            return False
        if not hmac.compare_digest(signature.encode(), self._sign(made).encode()):
            return False
        return time.time() - PIN_TIME < int(made)

    def _sign(self, made: str) -> str:
        return hmac.new(self._key, made.encode(), hashlib.sha256).hexdigest()
