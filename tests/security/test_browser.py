"""The secure preset in headless Chromium, served by ``erlen serve``."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import chromium as browser
import pytest
from servers import Server

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module", params=["asgi", "wsgi"])
def port(request, missing):
    if not browser.is_installed():
        missing("Chromium and its driver are not installed (packages chromium, chromium-driver)")
    with Server(request.param, HERE, target="browser_app") as server:
        yield server.port


@pytest.fixture
def window(tmp_path, port):
    with browser.driver() as driver, closing(browser.Chromium(driver, tmp_path / "p")) as window:
        yield window


def test_a_person_acts_on_the_site_and_no_other_site_does(window, port):
    here, elsewhere = f"127.0.0.1:{port}", f"localhost:{port}"
    for query in ("", "?token=1"):
        window.open(f"http://{here}/form{query}")
        window.click("button")
        window.wait("p", "acted")
        assert "same-origin" in window.text("i")
    window.open(f"http://{elsewhere}/attack?host={here}")
    window.click("button")
    window.wait("p", "The request was sent by a page of another site.")
    assert window.url() == f"http://{here}/act"
    window.open(f"http://{here}/form")
    window.wait("p", "2")


def test_pages_of_other_sites_read_what_is_open(window, port):
    window.open(f"http://localhost:{port}/reader?host=127.0.0.1:{port}")
    window.wait("#open", '{"got":{"a":1}}')
    window.wait("#closed", "refused")


def test_scripts_run_by_nonce_alone(window, port):
    window.open(f"http://127.0.0.1:{port}/scripts")
    window.wait("#good", "ran")
    assert window.text("#bad") == "-"


def test_no_page_shows_the_site_in_a_frame(window, port):
    window.open(f"http://127.0.0.1:{port}/frame")
    window.wait("p", "framed")
    frame = window.find("iframe")
    window.send("/frame", id={browser.ELEMENT: frame})
    assert "secret" not in window.text("body")
