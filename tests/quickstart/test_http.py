"""The quickstart over HTTP: pages, forms, log-in, upload, JSON, errors, files."""

from __future__ import annotations

import http.client
import json
from contextlib import closing
from urllib.parse import urlencode

import pytest


class Browser:
    """A few lines of a browser: one request at a time, with cookies."""

    def __init__(self, address):
        self.address = address
        self.cookies = {}

    def request(self, method, path, body=None, headers=None):
        headers = dict(headers or {})
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        with closing(http.client.HTTPConnection(*self.address, timeout=10)) as connection:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            data = response.read()
        for value in response.headers.get_all("Set-Cookie") or ():
            name, _, rest = value.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return response.status, response.headers, data

    def get(self, path, **headers):
        return self.request("GET", path, headers=headers)

    def post(self, path, **fields):
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.request("POST", path, urlencode(fields), form)

    def log_in(self):
        return self.post("/login", name="ada", password="lovelace")


@pytest.fixture
def browser(address):
    return Browser(address)


def test_the_page_inherits_its_layout(browser):
    status, headers, body = browser.get("/")
    assert status == 200
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert b'href="/static/style.css"' in body
    assert b"Leave a line" in body


def test_log_in_post_redirect_get_and_flash(browser):
    status, headers, _ = browser.log_in()
    assert (status, headers["Location"]) == (303, "/")
    assert "HttpOnly" in headers["Set-Cookie"] and "SameSite=Lax" in headers["Set-Cookie"]
    _, _, page = browser.get("/")
    assert b"Hello, ada!" in page
    _, _, page = browser.get("/")
    assert b"Hello, ada!" not in page
    status, headers, _ = browser.post("/entries", text="over <the> wire")
    assert status == 303
    _, _, page = browser.get("/")
    assert b"over &lt;the&gt; wire" in page
    browser.post("/logout")
    assert b"Log in" in browser.get("/")[2]


def test_a_wrong_password_is_told(browser):
    status, _, body = browser.post("/login", name="ada", password="wrong")
    assert status == 200
    assert b"do not fit" in body


def test_a_form_field_that_is_missing_is_400(browser):
    browser.log_in()
    assert browser.post("/entries")[0] == 400


def test_upload(browser):
    browser.log_in()
    boundary = "frontier"
    picture = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="text"\r\n\r\npicture\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="picture"; filename="a.png"\r\n'
        "Content-Type: image/png\r\n\r\n"
    ).encode() + picture
    body += f"\r\n--{boundary}--\r\n".encode()
    form = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    assert browser.request("POST", "/entries", body, form)[0] == 303
    entries = json.loads(browser.get("/api/entries")[2])
    name = next(e["picture"] for e in entries if e["text"] == "picture")
    status, headers, data = browser.get(f"/pictures/{name}")
    assert (status, headers["Content-Type"]) == (200, "image/png")
    assert data == picture


def test_too_large_an_upload_is_413(browser):
    browser.log_in()
    form = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": "3000000"}
    # The answer comes before the body is read; sending all of it could meet a closed connection.
    status, _, body = browser.request("POST", "/entries", b"text=", form)
    assert status == 413
    assert b"Request Entity Too Large" in body


def test_json(browser):
    status, headers, body = browser.get("/api/entries")
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert json.loads(body)[-1]["author"] == "Erlen"


def test_an_async_view(browser):
    assert json.loads(browser.get("/async/7")[2]) == {"n": 7, "square": 49}


def test_the_error_page(browser):
    status, _, body = browser.get("/nowhere")
    assert status == 404
    assert b"Back to the guest book" in body


def test_static_file_and_its_validators(browser):
    status, headers, body = browser.get("/static/style.css")
    assert status == 200
    assert headers["Content-Type"] == "text/css; charset=utf-8"
    assert b"--leaf" in body
    status, _, body = browser.get("/static/style.css", **{"If-None-Match": headers["ETag"]})
    assert (status, body) == (304, b"")
    assert browser.get("/static/..%2fapp.py")[0] == 404
