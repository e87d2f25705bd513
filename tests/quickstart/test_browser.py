"""The quickstart in headless Chromium, driven through the WebDriver protocol (W3C)."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=900,900",
]
# The key under which WebDriver names an element.
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Chromium:
    """A session of the browser."""

    def __init__(self, driver, profile):
        self.driver = driver
        options = {"args": [*FLAGS, f"--user-data-dir={profile}"]}
        capabilities = {"alwaysMatch": {"goog:chromeOptions": options}}
        self.path = ""
        self.path = "/session/" + self.send("/session", capabilities=capabilities)["sessionId"]

    def send(self, path, method="POST", **body):
        data = json.dumps(body).encode() if method == "POST" else None
        request = urllib.request.Request(self.driver + self.path + path, data, method=method)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)["value"]

    def open(self, url):
        self.send("/url", url=url)

    def find(self, css):
        return self.send("/element", using="css selector", value=css)[ELEMENT]

    def type(self, css, text):
        self.send(f"/element/{self.find(css)}/value", text=text)

    def click(self, css):
        self.send(f"/element/{self.find(css)}/click")

    def text(self, css):
        return self.send(f"/element/{self.find(css)}/text", "GET")

    def wait(self, css, text):
        """Wait until an element reads ``text``: a click returns before the next page is there."""
        seen, end = None, time.monotonic() + 15
        while time.monotonic() < end:
            # The element may be missing, or go with its page between the two calls.
            with contextlib.suppress(urllib.error.HTTPError):
                seen = self.text(css)
                if text in seen:
                    return
            time.sleep(0.05)
        pytest.fail(f"{css} reads {seen!r} and not {text!r}")

    def wait_for(self, css, text):
        """Wait until the element has the text: a click does not wait for the next page."""
        seen = None
        for _ in range(100):
            try:
                seen = self.text(css)
            except urllib.error.HTTPError:
                # The page is being replaced.
                seen = None
            if seen is not None and text in seen:
                return
            time.sleep(0.05)
        pytest.fail(f"{css} has {seen!r}, not {text!r}")

    def screenshot(self):
        return base64.b64decode(self.send("/screenshot", "GET"))


@pytest.fixture
def chromium(tmp_path, missing):
    driver, browser = shutil.which("chromedriver"), shutil.which("chromium")
    if not (driver and browser):
        missing("Chromium and its driver are not installed (packages chromium, chromium-driver)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [driver, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 0.2).close()
                break
            except OSError:
                time.sleep(0.05)
        session = Chromium(f"http://127.0.0.1:{port}", tmp_path / "profile")
        yield session
        session.send("", "DELETE")
    finally:
        process.terminate()
        process.wait(20)


def test_a_person_logs_in_and_signs_the_book(chromium, address):
    host, port = address
    chromium.open(f"http://{host}:{port}/login")
    chromium.type("#name", "ada")
    chromium.type("#password", "wrong")
    chromium.click("main button")
    chromium.wait(".flash.error", "do not fit")
    chromium.type("#password", "lovelace")
    chromium.click("main button")
    chromium.wait(".flash.success", "Hello, ada!")
    chromium.type("#text", "The engine weaves <algebraic> patterns.")
    chromium.click("main button")
    chromium.wait(".flash.success", "Thank you for your entry.")
    chromium.wait("article", "weaves <algebraic> patterns")
    picture = chromium.screenshot()
    assert picture.startswith(b"\x89PNG")
    # The README shows it; a test run does not change a file of the repository unasked.
    if os.environ.get("ERLEN_SCREENSHOTS") == "1":
        (ROOT / "docs/images/quickstart.png").write_bytes(picture)
