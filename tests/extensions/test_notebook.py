"""Flask-Login, Flask-WTF and Flask-SQLAlchemy, in synchronous and asynchronous views."""

from __future__ import annotations

import http.client
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import urlencode, urlsplit

import pytest

PASSWORD = "a long way to Tipperary"


@pytest.fixture
def url(serve, tmp_path):
    with serve("notebook", NOTEBOOK_DATABASE=f"sqlite:///{tmp_path}/notes.sqlite") as url:
        yield url


def fill(person, name, password=PASSWORD):
    for field, text in (("#name", name), ("#password", password)):
        person.clear(field)
        person.type(field, text)
    person.click("#form button")


def register(person, url, name):
    person.open(f"{url}/register")
    fill(person, name)
    person.wait("#who", name)


def write(person, text):
    person.type("#write textarea", text)
    person.click("#write button")
    person.wait(".flash", "It is written down.")


def test_a_person_keeps_a_notebook(url, person, tmp_path):
    register(person, url, "ada")
    write(person, "The engine weaves <algebraic> patterns.")
    write(person, "Buy punched cards.")
    assert person.texts("li .text") == [
        "The engine weaves <algebraic> patterns.",
        "Buy punched cards.",
    ]
    # The browser refuses an empty field by itself, and takes blanks.
    person.type("#write textarea", "   ")
    person.click("#write button")
    person.wait(".error", "This field is required.")

    # An asynchronous view behind login_required.
    person.type("#search input", "punched")
    person.click("#search button")
    person.wait("li .text", "Buy punched cards.")
    assert len(person.texts("li")) == 1

    # Another one, that JavaScript calls with the token in a header.
    person.click(".star")
    person.wait(".star", "★ 1")
    person.click(".star")
    person.wait(".star", "★ 2")
    person.open(url)
    assert person.texts(".star") == ["★ 0", "★ 2"]

    # And one that takes a file.
    for name, text in (("notes.pdf", "no"), ("notes.txt", "first line\nsecond line")):
        (tmp_path / name).write_text(text)
    person.open(f"{url}/import")
    person.type("#file", str(tmp_path / "notes.pdf"))
    person.click("#form button")
    person.wait(".error", "Text files only.")
    person.type("#file", str(tmp_path / "notes.txt"))
    person.click("#form button")
    person.wait(".flash", "2 notes from notes.txt.")
    assert person.texts("li .text")[2:] == ["first line", "second line"]


def test_log_in_leads_to_the_page_that_was_asked_for(url, people):
    ada, bob = people(), people()
    register(ada, url, "ada")
    write(ada, "mine alone")
    ada.click("#logout button")
    ada.wait("h1", "Log in")

    ada.open(f"{url}/search?q=alone")
    ada.wait(".flash", "Please log in")
    assert ada.url() == f"{url}/login?next=%2Fsearch%3Fq%3Dalone"
    fill(ada, "ada", "wrong password")
    ada.wait(".flash:last-of-type", "do not fit")
    fill(ada, "ada")
    ada.wait("li .text", "mine alone")
    assert ada.url() == f"{url}/search?q=alone"

    bob.open(f"{url}/register")
    fill(bob, "ada")
    bob.wait(".error", "That name is taken.")
    register(bob, url, "bob")
    assert bob.texts("li") == []
    bob.open(f"{url}/search?q=alone")
    assert bob.texts("li") == []


def test_a_person_is_remembered_without_a_session(url, person):
    register(person, url, "ada")
    person.click("#logout button")
    person.wait("h1", "Log in")
    person.click("#remember")
    fill(person, "ada")
    person.wait("#who", "ada")
    person.forget("session")
    person.open(f"{url}/async-who")
    assert person.text("body") == "ada ada"
    person.open(url)
    person.click("#logout button")
    person.wait("h1", "Log in")
    assert "remember_token" not in person.cookies()


class Client:
    """Requests without a browser."""

    def __init__(self, url):
        self.host = urlsplit(url).netloc
        self.cookies = {}

    def request(self, method, path, body=None, **headers):
        headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        with closing(http.client.HTTPConnection(self.host, timeout=30)) as connection:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode()
        for line in response.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return response.status, text

    def post(self, path, **fields):
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.request("POST", path, urlencode(fields), **form)

    def register(self, name):
        page = self.request("GET", "/register")[1]
        [token] = set(re.findall(r'name="csrf_token" type="hidden" value="([^"]+)"', page))
        assert self.post("/register", csrf_token=token, name=name, password=PASSWORD)[0] == 302


def test_what_is_forged_is_refused(url):
    client = Client(url)
    client.register("ada")
    for path in ("/", "/import", "/notes/1/star", "/logout"):
        status, text = client.post(path, text="forged", csrf_token="no")
        assert (status, "The CSRF token is invalid." in text) == (400, True), path
        status, text = client.post(path, text="forged")
        assert (status, "The CSRF token is missing." in text) == (400, True), path
    assert client.request("GET", "/who") == (200, "ada")
    assert "forged" not in client.request("GET", "/")[1]
    assert client.request("GET", "/async-who", Authorization="Bearer no")[0] == 200


def test_people_are_not_mixed_up(url):
    clients = {name: Client(url) for name in ("ada", "bob", "eve")}
    for name, client in clients.items():
        client.register(name)

    def ask(number):
        name = list(clients)[number % 3]
        client = Client(url)
        client.cookies = dict(clients[name].cookies)
        if number % 2:
            return client.request("GET", "/who") == (200, name)
        return client.request("GET", "/async-who") == (200, f"{name} {name}")

    with ThreadPoolExecutor(12) as pool:
        assert all(pool.map(ask, range(120)))
