"""Headless Chromium, driven by the WebDriver protocol (W3C)."""

from __future__ import annotations

import base64
import contextlib
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from servers import free_port

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
# Seconds: a busy machine is slow, and only what fails waits so long.
_PATIENCE = 60


class Chromium:
    """A window of the browser, with a profile of its own: one person."""

    def __init__(self, driver: str, profile: Path) -> None:
        self.driver = driver
        options = {"args": [*FLAGS, f"--user-data-dir={profile}"]}
        capabilities = {"alwaysMatch": {"goog:chromeOptions": options}}
        self.path = ""
        self.path = "/session/" + self.send("/session", capabilities=capabilities)["sessionId"]

    def send(self, path: str, method: str = "POST", **body: Any) -> Any:
        """The value that a command of the protocol answers."""
        data = json.dumps(body).encode() if method == "POST" else None
        request = urllib.request.Request(self.driver + self.path + path, data, method=method)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=2 * _PATIENCE) as response:
            return json.load(response)["value"]

    def close(self) -> None:
        self.send("", "DELETE")

    # -- what a person does --------------------------------------------------------------

    def open(self, url: str) -> None:
        self.send("/url", url=url)

    def find(self, css: str) -> str:
        element: str = self.send("/element", using="css selector", value=css)[ELEMENT]
        return element

    def type(self, css: str, text: str) -> None:
        self.send(f"/element/{self.find(css)}/value", text=text)

    def clear(self, css: str) -> None:
        self.send(f"/element/{self.find(css)}/clear")

    def click(self, css: str) -> None:
        self.send(f"/element/{self.find(css)}/click")

    # -- what a person sees --------------------------------------------------------------

    def url(self) -> str:
        url: str = self.send("/url", "GET")
        return url

    def text(self, css: str) -> str:
        text: str = self.send(f"/element/{self.find(css)}/text", "GET")
        return text

    def texts(self, css: str) -> list[str]:
        """The texts of all elements that fit."""
        found = self.send("/elements", using="css selector", value=css)
        return [self.send(f"/element/{element[ELEMENT]}/text", "GET") for element in found]

    def style(self, css: str, name: str) -> str:
        """A property as the style sheets have it."""
        value: str = self.send(f"/element/{self.find(css)}/css/{name}", "GET")
        return value

    def cookies(self) -> dict[str, str]:
        return {cookie["name"]: cookie["value"] for cookie in self.send("/cookie", "GET")}

    def forget(self, cookie: str) -> None:
        self.send(f"/cookie/{cookie}", "DELETE")

    def screenshot(self) -> bytes:
        return base64.b64decode(self.send("/screenshot", "GET"))

    def wait(self, css: str, text: str) -> None:
        """Wait until an element reads ``text``: a click returns before the next page is there.

        :raises AssertionError: if it does not come to that
        """
        seen, end = None, time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            # The element may be missing, or go with its page between the two calls.
            try:
                seen = self.text(css)
                if text in seen:
                    return
            except urllib.error.HTTPError as error:
                error.close()
            time.sleep(0.05)
        raise AssertionError(f"{css} reads {seen!r} and not {text!r}, at {self.url()}")


def is_installed() -> bool:
    """Whether browser and driver are there."""
    return all(shutil.which(name) for name in ("chromedriver", "chromium"))


@contextlib.contextmanager
def driver() -> Iterator[str]:
    """The address of a driver that runs in the block."""
    port = free_port()
    process = subprocess.Popen(
        ["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)
