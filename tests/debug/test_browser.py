"""The pages of the debugger in headless Chromium, under ``erlen run --debug``, on WSGI and ASGI."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import chromium as browser
import pytest
from servers import free_port

ROOT = Path(__file__).resolve().parents[2]
# A shop that fails, as a person writes it.
SHOP = """\
import json
from dataclasses import dataclass

from erlen import Erlen, session

app = Erlen(__name__)
app.secret_key = "a-key-of-the-shop-17"


@dataclass
class Customer:
    name: str
    password: str


def price_per_person(order):
    total = sum(item["price"] * item["count"] for item in order["items"])
    return total / order["people"]


@app.get("/orders/<int:number>")
def show_order(number):
    session["customer"] = "ada"
    customer = Customer("ada", "hunter2-hunter2")
    order = {"number": number, "items": [{"price": 4, "count": 3}], "people": 0}
    return f"{customer.name} pays {price_per_person(order)}"


@app.get("/async")
async def read():
    try:
        return json.loads("{")
    except ValueError as error:
        raise LookupError("<img src=x onerror=alert(1)>") from error
"""
WEBSOCKET = """

@app.websocket("/feed")
async def feed():
    raise KeyError("feed")
"""


@pytest.fixture(scope="module", params=["wsgi", "asgi"])
def address(request: Any, tmp_path_factory: Any, missing: Any) -> Iterator[str]:
    if not browser.is_installed():
        missing("Chromium and its driver are not installed (packages chromium, chromium-driver)")
    folder = tmp_path_factory.mktemp("shop")
    # One WebSocket has the development server serve on ASGI.
    (folder / "shop.py").write_text(SHOP + WEBSOCKET * (request.param == "asgi"))
    port = free_port()
    environ = {**os.environ, "WERKZEUG_DEBUG_PIN": "123-456-789"}
    environ.pop("ERLEN_EDITOR", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "erlen", "--app", "shop", "run", "--debug", "--no-reload",
         "--port", str(port)],
        cwd=folder, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with suppress(OSError):
                urlopen(
                    f"http://127.0.0.1:{port}/?__debugger__=yes&cmd=resource&f=icon.svg"
                ).close()
                break
            time.sleep(0.05)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def window(tmp_path: Path, address: str) -> Iterator[Any]:
    with browser.driver() as driver, closing(browser.Chromium(driver, tmp_path / "p")) as window:
        yield window


def script(window: Any, code: str) -> Any:
    return window.send("/execute/sync", script=code, args=[])


def test_a_person_finds_the_mistake(window: Any, address: str) -> None:
    window.open(f"{address}/orders/7")
    assert window.send("/title", "GET") == "ZeroDivisionError: division by zero // Erlen Debugger"
    assert window.text("h1") == "ZeroDivisionError"
    # What is seen without a click: their own code, the mark and the variables of the place.
    assert window.texts(".frame.mine .function") == ["price_per_person", "show_order"]
    assert window.text("mark") == 'total / order["people"]'
    assert "total" in window.texts(".frame .values th")
    assert not any(window.texts(".frame.library .function")), "folded"
    window.click(".whole > summary")
    assert any(window.texts(".frame.library .function"))
    link = script(window, "return document.querySelector('.frame a.editor').href")
    assert re.fullmatch(r"vscode://file/.*/shop\.py:18", link)
    # The secret is in none of it.
    source = script(window, "return document.documentElement.outerHTML")
    assert "customer" in source and "hunter2" not in source
    # The icon, the style and the script came, and nothing was against the policy.
    assert window.style(".frame summary", "cursor") == "pointer"
    loaded = script(
        window,
        "return performance.getEntriesByType('resource').map(e => [e.name, e.responseStatus])",
    )
    assert {name.partition("f=")[2]: status for name, status in loaded}["style.css"] == 200
    if os.environ.get("ERLEN_SCREENSHOTS") == "1":
        window.send("/window/rect", width=900, height=1000)
        window.click(".whole > summary")
        script(window, "scrollTo(0, 0)")
        (ROOT / "docs/images/error-page.png").write_bytes(window.screenshot())


def test_the_policy_lets_all_of_the_page_in(window: Any, address: str) -> None:
    window.open(f"{address}/orders/7")
    found = script(
        window,
        """
        const found = [];
        addEventListener("securitypolicyviolation", (e) => found.push(e.blockedURI));
        const image = new Image();
        image.src = document.querySelector("link[rel=icon]").href;
        return image.decode().then(() => found, () => ["no icon"]);
        """,
    )
    assert found == []
    # And nothing else.
    found = script(
        window,
        """
        document.body.insertAdjacentHTML("beforeend", "<img src=data:, onerror='window.ran = 1'>");
        return new Promise((resolve) => {
          addEventListener("securitypolicyviolation", (e) => resolve(e.effectiveDirective));
          document.body.append(Object.assign(document.createElement("script"), {text: "ran = 1"}));
          setTimeout(() => resolve("nothing was refused"), 5000);
        }).then((found) => [found, window.ran]);
        """,
    )
    assert found[0] in ("img-src", "script-src-elem", "script-src-attr", "script-src")
    assert found[1] is None


def test_markup_of_an_exception_is_text(window: Any, address: str) -> None:
    window.open(f"{address}/async")
    assert window.text(".errormsg") == "<img src=x onerror=alert(1)>"
    assert script(window, "return document.images.length") == 0
    assert "json.decoder.JSONDecodeError" in window.text("h2.exc-line")


def test_copying(window: Any, address: str) -> None:
    window.open(f"{address}/orders/7")
    script(window, "navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    window.click(".copy")
    window.wait(".copy", "Copied")
    copied = script(window, "return copied")
    assert copied.startswith("Traceback (most recent call last):\n")
    assert copied.endswith("ZeroDivisionError: division by zero\n")
    # Where there is no clipboard, the text is there to be taken.
    script(window, "navigator.clipboard.writeText = () => Promise.reject(new Error)")
    window.click(".copy")
    end = time.monotonic() + 20
    while not script(window, "return document.querySelector('.plain').open"):
        assert time.monotonic() < end
        time.sleep(0.05)
    area = "document.querySelector('.plain textarea')"
    assert script(window, f"return {area}.selectionEnd > 100")


def test_the_console_of_a_frame(window: Any, address: str) -> None:
    window.open(f"{address}/orders/7")
    window.click(".open-console")
    window.type(".pin input", "123-456-789")
    window.click(".pin button")
    window.wait(".console .prompt", ">>>")
    window.type(".console input", "order['number'] * 6\ue007")
    window.wait(".console .output", "42")


def test_a_404(window: Any, address: str) -> None:
    window.open(f"{address}/order/7")
    assert window.send("/title", "GET").startswith("404 Not Found: /order/7")
    assert window.texts(".rules.near code") == ["/orders/<int:number>"]
    assert "/async" in window.texts(".rules.all code")


def test_another_name_of_the_machine(address: str) -> None:
    """A page of another site that a name server sends here reads no values and no routes."""
    for path in ("/orders/7", "/nothing"):
        shown = []
        for host in ("evil.example", "localhost"):
            headers = {"Host": host, "Accept": "text/html"}
            with pytest.raises(HTTPError) as told:
                urlopen(Request(address + path, headers=headers))
            with told.value as answer:
                page = answer.read().decode()
            shown.append('<th scope="row">' in page or "All routes" in page)
        assert shown == [False, True]
