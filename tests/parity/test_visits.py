"""What a person does in a browser: forms, redirects, sessions and flashed messages."""

from __future__ import annotations

import pytest
from exchange import exchange, request

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Browser:
    """Keeps cookies, and does not follow redirects."""

    def __init__(self, port):
        self.port = port
        self.cookies = {}

    def open(self, path, method="GET", headers=(), body=None):
        headers = dict(headers)
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        answer = exchange(self.port, request(path, method, headers, body))
        for cookie in answer.all("Set-Cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            if "Max-Age=0" in cookie:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer


@pytest.mark.parametrize("view", ["sync", "async"])
def test_log_in_and_out(server, view):
    browser = Browser(server.port)
    assert browser.open(f"/{view}/page").json == {"user": None, "messages": []}
    assert not browser.cookies
    assert "<form" in browser.open(f"/{view}/login").text
    answer = browser.open(f"/{view}/login", "POST", FORM, "name=Ada+Ü".encode())
    assert (answer.status, answer.get("Location")) == (303, f"/{view}/page")
    assert list(browser.cookies) == ["session"]
    page = browser.open(f"/{view}/page")
    assert page.json == {"user": "Ada Ü", "messages": [["success", "Hello, Ada Ü!"]]}
    assert "Cookie" in page.get("Vary")
    assert browser.open(f"/{view}/page").json == {"user": "Ada Ü", "messages": []}
    # The session is the same in the other kind of view, and in a stream.
    assert browser.open("/sync/page").json["user"] == "Ada Ü"
    assert browser.open("/async/page").json["user"] == "Ada Ü"
    for stream in ("stream", "astream"):
        text = browser.open(f"/{view}/{stream}/context?q=1").text
        assert text.splitlines()[2] == f"2 1 /{view}/{stream}/context before Ada Ü"
    assert browser.open(f"/{view}/logout", "POST", body=b"").status == 302
    assert not browser.cookies
    assert browser.open(f"/{view}/page").json["user"] is None


def test_a_session_of_one_server_is_read_by_another(server, reference):
    browser = Browser(reference.port)
    browser.open("/async/login", "POST", FORM, b"name=Ada")
    browser.port = server.port
    assert browser.open("/sync/page").json["user"] == "Ada"


def test_a_forged_session_is_no_session(server):
    browser = Browser(server.port)
    browser.open("/sync/login", "POST", FORM, b"name=Ada")
    browser.cookies["session"] = browser.cookies["session"][:-4] + "AAAA"
    for view in ("sync", "async"):
        assert browser.open(f"/{view}/page").json["user"] is None
