"""Chirp under ``erlen serve``, and headless Chromium, driven by the WebDriver protocol (W3C)."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
ROOT = PROJECT.parents[1]
AXE = PROJECT / "node_modules" / "axe-core" / "axe.min.js"
REDIS = os.environ.get("CHIRP_TEST_REDIS", "redis://127.0.0.1:6379/9")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--lang=en-GB",
    "--window-size=1280,900",
]
# The key under which WebDriver names an element.
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"tab": "\ue004", "enter": "\ue007", "control": "\ue009", "null": "\ue000"}
PASSWORD = "a long way to Tipperary"


class Chromium:
    """A window with a profile of its own: one person at one device."""

    def __init__(self, driver: str, profile: Path, site: str) -> None:
        self.driver = driver
        self.site = site
        options = {"args": [*FLAGS, f"--user-data-dir={profile}"]}
        log = {"goog:loggingPrefs": {"browser": "ALL"}}
        capabilities = {"alwaysMatch": {"goog:chromeOptions": options, **log}}
        self.path = ""
        self.path = "/session/" + self.send("/session", capabilities=capabilities)["sessionId"]

    def send(self, path, method="POST", **body):
        data = json.dumps(body).encode() if method == "POST" else None
        request = urllib.request.Request(self.driver + self.path + path, data, method=method)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)["value"]

    def cdp(self, command, **params):
        """A command of Chromium's own protocol."""
        return self.send("/goog/cdp/execute", cmd=command, params=params)

    def open(self, path):
        self.send("/url", url=self.site + path)

    @property
    def where(self):
        """The path of the page, with its query."""
        return self.send("/url", "GET").removeprefix(self.site)

    def find(self, css):
        return self.send("/element", using="css selector", value=css)[ELEMENT]

    def all(self, css):
        found = self.send("/elements", using="css selector", value=css)
        return [element[ELEMENT] for element in found]

    def type(self, css, text):
        self.send(f"/element/{self.find(css)}/value", text=text)

    def clear(self, css):
        self.send(f"/element/{self.find(css)}/clear")

    def click(self, css):
        self.send(f"/element/{self.find(css)}/click")

    def text(self, css):
        return self.send(f"/element/{self.find(css)}/text", "GET")

    def attribute(self, css, name):
        return self.send(f"/element/{self.find(css)}/attribute/{name}", "GET")

    def property(self, css, name):
        return self.send(f"/element/{self.find(css)}/property/{name}", "GET")

    def run(self, script, *args):
        return self.send("/execute/sync", script=script, args=list(args))

    def press(self, *keys):
        """Press keys one after another, wherever the focus is."""
        actions = []
        for key in keys:
            value = KEYS.get(key, key)
            actions += [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        self.send("/actions", actions=[{"type": "key", "id": "keys", "actions": actions}])

    def focused(self):
        """Text, or name, of the element that has the focus."""
        return self.run(
            "const e = document.activeElement;"
            "return (e.name || e.getAttribute('aria-label') || e.textContent).trim();"
        )

    def wait(self, css, text, seconds=30):
        """Wait until an element reads ``text``: a click returns before the next page is there."""
        seen, end = None, time.monotonic() + seconds
        while time.monotonic() < end:
            # The element may be missing, or go with its page between the two calls.
            with contextlib.suppress(urllib.error.HTTPError):
                seen = self.text(css)
                if text in seen:
                    return
            time.sleep(0.05)
        page = self.text("body")
        pytest.fail(f"{css} reads {seen!r} and not {text!r}, at {self.where}, which is:\n{page}")

    def wait_until(self, script, seconds=30):
        """Wait until a script gives what is true."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(urllib.error.HTTPError):
                if self.run(f"return {script}"):
                    return
            time.sleep(0.05)
        pytest.fail(f"not true in {seconds} seconds: {script}, at {self.where}")

    def resize(self, width, height, scale=1, *, phone=False):
        self.cdp(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=phone,
        )

    def screenshot(self, name=None):
        """A picture of the page; kept in docs/images under a name, where that is asked for."""
        picture = base64.b64decode(self.send("/screenshot", "GET"))
        assert picture.startswith(b"\x89PNG")
        # A test run does not change a file of the repository unasked.
        if name and os.environ.get("ERLEN_SCREENSHOTS") == "1":
            (ROOT / "docs/images" / name).write_bytes(picture)
        return picture

    def complaints(self):
        """What the console says of errors: a refused style, a script that fails."""
        log = self.send("/se/log", type="browser")
        return [entry["message"] for entry in log if entry["level"] == "SEVERE"]

    # -- what people do ------------------------------------------------------------------

    def register(self, name):
        self.open("/register")
        self.type("#name", name)
        self.type("#email", f"{name}@chirp.example")
        self.type("#password", PASSWORD)
        self.click("main form button")
        self.wait(".alert-success", f"Welcome, {name}!")

    def log_in(self, name, password=PASSWORD):
        self.open("/login")
        self.type("#login", name)
        self.type("#password", password)
        self.click("main form button")
        self.wait(".alert-success", f"Hello, {name}!")

    def chirp(self, text):
        self.open("/")
        self.type("#text", text)
        self.click(".composer button")
        self.wait(".feed .chirp:first-child .chirp-text", text)

    def wait_for_live(self, mode):
        self.wait_until(f"document.querySelector('.feed').dataset.mode === '{mode}'")


@dataclass(frozen=True)
class Way:
    """A way to serve Chirp."""

    interface: str
    workers: int
    redis: bool = False
    #: How a page learns of new chirps.
    live: str = "websocket"

    def __str__(self) -> str:
        return f"{self.interface}-{self.workers}{'-redis' if self.redis else ''}"


WAYS = [
    Way("asgi", 1),
    Way("asgi", 2, redis=True),
    Way("wsgi", 1, live="polling"),
    Way("wsgi", 2, redis=True, live="polling"),
]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port, process, log=None):
    for _ in range(400):
        if process.poll() is not None:
            pytest.fail(f"it ended:\n{log.read_text() if log else ''}")
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        time.sleep(0.05)
    pytest.fail(f"it does not listen:\n{log.read_text() if log else ''}")


@contextlib.contextmanager
def served(way, folder, **settings):
    """The address of Chirp, on a new database."""
    port, log = free_port(), folder / "log.txt"
    erlen = [str(Path(sys.executable).parent / "erlen"), "--app", "examples/chirp/chirp"]
    environ = {k: v for k, v in os.environ.items() if k != "ERLEN_VALIDATE_WSGI"}
    environ |= {
        "CHIRP_DATABASE_URL": f"sqlite:///{folder / 'chirp.sqlite3'}",
        "SECRET_KEY": "for tests alone",
        "CHIRP_AVATARS": "generated",
        "CHIRP_POLL_SECONDS": "1",
        **settings,
    }
    environ.pop("REDIS_URL", None)
    if way.redis:
        environ["REDIS_URL"] = REDIS
    subprocess.run([*erlen, "demo"], cwd=ROOT, env=environ, check=True, timeout=60)
    command = [*erlen, "serve", "--port", str(port), "--interface", way.interface]
    command += ["--workers", str(way.workers)]
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, cwd=ROOT, env=environ, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        wait_for_port(port, server, log)
        yield f"http://127.0.0.1:{port}"
        assert "Traceback" not in log.read_text(), log.read_text()
    finally:
        server.terminate()
        assert server.wait(20) is not None


def _needs_redis(missing):
    host, _, port = REDIS.partition("://")[2].partition("/")[0].rpartition(":")
    try:
        socket.create_connection((host, int(port)), 1).close()
    except OSError:
        missing(f"Redis does not answer at {REDIS} (CHIRP_TEST_REDIS names another)")


def pytest_generate_tests(metafunc):
    if "way" in metafunc.fixturenames:
        # How pages look does not depend on the server: such a module says WAYS_NEEDED = 1.
        ways = WAYS[: getattr(metafunc.module, "WAYS_NEEDED", None)]
        metafunc.parametrize("way", ways, ids=str, scope="module", indirect=True)


@pytest.fixture(scope="module")
def way(request, missing):
    """Each way to serve Chirp."""
    if request.param.redis:
        _needs_redis(missing)
    return request.param


@pytest.fixture(scope="module")
def site(request, way, tmp_path_factory, driver):
    """The address of a running Chirp, with the people of the first start, and with the SETTINGS of
    the module."""
    settings = getattr(request.module, "SETTINGS", {})
    with served(way, tmp_path_factory.mktemp("chirp"), **settings) as address:
        yield address


@pytest.fixture(scope="session")
def driver(missing):
    """The address of a WebDriver."""
    driver, browser = shutil.which("chromedriver"), shutil.which("chromium")
    if not (driver and browser):
        missing("Chromium and its driver are not installed (packages chromium, chromium-driver)")
    port = free_port()
    process = subprocess.Popen(
        [driver, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for_port(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def window(driver, site, tmp_path):
    """Opens windows: each call gives that of another person."""
    opened = []

    def open_window():
        opened.append(Chromium(driver, tmp_path / f"profile-{len(opened)}", site))
        return opened[-1]

    yield open_window
    for chromium in opened:
        chromium.send("", "DELETE")


@pytest.fixture(scope="session")
def axe(missing):
    """The source of axe-core, which looks for what keeps people out of a page."""
    if not AXE.exists():
        missing("axe-core is not installed (npm ci in examples/chirp)")
    return AXE.read_text()
