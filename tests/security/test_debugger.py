"""Case 73: the debugger, which can run anything, and those who should not reach it."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import pytest

from erlen.debug import DebuggedApplication
from erlen.debug.pin import MOST_FAILURES, PinGuard
from erlen.testing import Client


def boom(environ, start_response):
    raise ValueError("""<script>alert(1)</script>"' --> ]]>""")


@pytest.fixture
def application(monkeypatch):
    monkeypatch.delenv("WERKZEUG_DEBUG_PIN", raising=False)
    monkeypatch.setattr("erlen.debug.pin.time.sleep", lambda seconds: None)
    return DebuggedApplication(boom, evalex=True)


@pytest.fixture
def client(application):
    return Client(application)


def visit(client, path="/", host="localhost"):
    return client.get(path, environ_overrides={"wsgi.errors": StringIO(), "HTTP_HOST": host})


def ask(client, command, secret=None, data=None, host="localhost", **options):
    headers = {"X-Erlen-Debugger": secret} if secret is not None else {}
    return client.post(
        f"/?__debugger__=yes&cmd={command}",
        data=data,
        headers=headers,
        environ_overrides={"wsgi.errors": StringIO(), "HTTP_HOST": host},
        **options,
    )


def frame_of(client):
    return re.findall(r'id="frame-(\d+)"', visit(client).text)[-1]


def run(client, secret, **options):
    data = {"frm": frame_of(client), "code": "6 * 7"}
    return ask(client, "run", secret, data, **options)


def was_run(response):
    return response.status_code == 200 and "42" in response.text


def pin_with(pin, digit):
    """The PIN with another first digit."""
    return f"{digit}{pin[1:]}" if pin[0] != digit else f"{int(digit) - 1}{pin[1:]}"


@pytest.mark.parametrize("command", ["run", "pinauth", "printpin"])
@pytest.mark.parametrize("secret", ["", "x", None], ids=["empty", "wrong", "none"])
def test_case_73_without_the_secret_of_the_page(application, client, command, secret):
    data = {"frm": frame_of(client), "code": "6 * 7", "pin": application.pin}
    response = ask(client, command, secret, data)
    # It goes to the application, as any other request.
    assert response.status_code == 500
    assert "Set-Cookie" not in response.headers
    assert not was_run(response)


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_case_73_other_methods(application, client, method):
    application.pin = None
    url = f"/?__debugger__=yes&cmd=run&frm={frame_of(client)}&code=6*7"
    response = client.open(
        url,
        method=method,
        headers={"X-Erlen-Debugger": application.secret},
        environ_overrides={"wsgi.errors": StringIO()},
    )
    assert response.status_code == 500
    assert response.mimetype == "text/html"


def test_case_73_the_pin_is_needed(application, client):
    assert run(client, application.secret).status_code == 404
    assert ask(client, "pinauth", application.secret, {"pin": application.pin}).json["auth"]
    assert was_run(run(client, application.secret))


def test_case_73_guessing_the_pin_is_bounded(application, client):
    wrong = pin_with(application.pin, "5")
    answers = [
        ask(client, "pinauth", application.secret, {"pin": wrong}).json
        for _ in range(MOST_FAILURES + 1)
    ]
    assert not any(answer["auth"] for answer in answers)
    assert [answer["exhausted"] for answer in answers[-3:]] == [False, True, True]
    # From now on the right one is refused too.
    answer = ask(client, "pinauth", application.secret, {"pin": application.pin})
    assert answer.json == {"auth": False, "exhausted": True}
    assert run(client, application.secret).status_code == 404


def test_case_73_guessing_in_parallel_is_bounded(monkeypatch):
    slept = []
    monkeypatch.setattr("erlen.debug.pin.time.sleep", slept.append)
    guard = PinGuard(boom, "123-456-789")
    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(guard.try_pin, [f"{n:09}" for n in range(200)]))
    assert not any(results)
    assert guard.is_exhausted
    # Each look at a PIN takes its time, and there are only so many looks.
    assert len(slept) == MOST_FAILURES
    assert max(slept) > min(slept) > 0


@pytest.mark.parametrize(
    "forge",
    [
        lambda token, now: "",
        lambda token, now: token[:-1] + ("0" if token[-1] != "0" else "1"),
        lambda token, now: f"{now + 1}|{token.partition('|')[2]}",
        lambda token, now: f"{now}|",
        lambda token, now: token.partition("|")[2],
        lambda token, now: f"²{token}",
        lambda token, now: f"{'9' * 5000}|{token}",
        lambda token, now: f"-{token}",
    ],
    ids=["none", "signature", "time", "unsigned", "no-time", "digits", "long", "negative"],
)
def test_case_73_a_forged_token(forge):
    guard = PinGuard(boom, "123-456-789")
    token = guard.make_token()
    assert guard.is_token(token)
    assert not guard.is_token(forge(token, int(time.time())))


def test_case_73_a_token_of_another_pin_application_or_week(monkeypatch):
    guard = PinGuard(boom, "123-456-789")
    token = guard.make_token()
    assert PinGuard(boom, "123-456-789").is_token(token), "a restart of the server keeps it"
    assert not PinGuard(boom, "123-456-780").is_token(token)
    assert not PinGuard(Client, "123-456-789").is_token(token)
    later = time.time() + 8 * 24 * 60 * 60
    monkeypatch.setattr("erlen.debug.pin.time.time", lambda: later)
    assert not guard.is_token(token)


def test_case_73_the_cookie(application, client):
    response = ask(
        client,
        "pinauth",
        application.secret,
        {"pin": application.pin},
        base_url="https://localhost",
    )
    cookie = response.headers["Set-Cookie"]
    for attribute in ("HttpOnly", "SameSite=Strict", "Secure", "Path=/"):
        assert attribute in cookie
    assert application.pin not in cookie
    assert application.pin.replace("-", "") not in cookie


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "xlocalhost",
        "a@localhost",
    ],
)
@pytest.mark.parametrize("command", ["run", "pinauth", "printpin"])
def test_case_73_a_foreign_host(application, client, host, command):
    application.pin = None
    data = {"frm": frame_of(client), "code": "6 * 7", "pin": "1"}
    response = ask(client, command, application.secret, data, host=host)
    assert response.status_code == 400
    # Such a page learns nothing that it could use, and has no console.
    page = visit(client, host=host)
    assert page.status_code == 500
    assert application.secret not in page.text
    assert visit(client, "/console", host).status_code == 400


@pytest.mark.parametrize("host", ["localhost", "a.localhost:5000", "127.0.0.1:80", "[::1]:5000"])
def test_case_73_hosts_that_are_this_machine(application, client, host):
    application.pin = None
    assert application.secret in visit(client, host=host).text
    assert was_run(run(client, application.secret, host=host))


def test_case_73_html_in_the_exception(client):
    page = visit(client).text
    body, _, comment = page.partition("<!--")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39; --&gt; ]]&gt;" in body
    assert "<script>alert" not in body
    assert comment.index("-->") == comment.rindex("-->") > comment.index("alert(1)")


def test_case_73_html_in_values(application, client):
    class Hostile:
        def __repr__(self):
            return "<script>alert(1)</script>"

    application.pin = None
    application.console_init_func = lambda: {
        "values": [Hostile(), "<b>", {"<k>": b"<v>"}, ("<t>",), {"<s>"}],
        "<name>": 1,
    }
    client.get("/console")
    for code in ("values", "dump(values)", "dump()", "print(values)", "'<raise>' + 1", "<syntax>"):
        response = ask(client, "run", application.secret, {"frm": "0", "code": code})
        assert response.mimetype == "application/json"
        assert not re.search(r"<(script|b|k|v|t|s|name|raise|syntax)>", response.json["output"])
