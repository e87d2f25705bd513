"""The error page shows values, and no secret among them: each way in which one may appear."""

from __future__ import annotations

import base64
import collections
import dataclasses
import json
import re
import types
from io import StringIO

import pytest

from erlen import Erlen, request, session
from erlen.debug import DebuggedApplication
from erlen.debug.masks import MASK, Masks, is_secret
from erlen.testing import Client

CANARY = "c4nary-Xq7"
OTHER = "0ther-Zw9"


class Holder:
    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text


@dataclasses.dataclass
class User:
    name: str
    password: str


Login = collections.namedtuple("Login", "user api_key")


class Nested:
    """Its secret is behind three others."""

    def __init__(self):
        self.user = User("ada", CANARY)

    def __repr__(self):
        return f"<Nested [{self.user!r}]>"


# What a local variable of an innocent name may hold.
HOLDERS = {
    "dictionary": {"password": CANARY},
    "dictionary of bytes": {b"Api-Key": CANARY.encode()},
    "nested": {"a": [{"b": ({"client_secret": CANARY},)}]},
    "list behind the name": {"tokens": [CANARY, CANARY]},
    "pair": ("Authorization", CANARY),
    "headers of a scope": [(b"host", b"x"), (b"x-api-key", CANARY.encode())],
    "dataclass": User("ada", CANARY),
    "named tuple": Login("ada", CANARY),
    "namespace": types.SimpleNamespace(secret_key=CANARY),
    "object": Nested(),
    "mapping": types.MappingProxyType({"session_id": CANARY}),
    "ordered": collections.OrderedDict(passwd=CANARY),
    "default": collections.defaultdict(list, passphrase=[CANARY]),
    "url": f"postgresql://ada:{CANARY}@db.example/app",
    "url of bytes": f"redis://:{CANARY}@db/0".encode(),
    "query": f"https://example.org/?a=1&access_token={CANARY}&b=2",
    "header": f"Authorization: Basic {CANARY}",
    "bearer": f"it was: Bearer {CANARY}",
    "cookies": f"Cookie: theme={CANARY}",
    "json": json.dumps({"private_key": CANARY}),
    "key": f"-----BEGIN RSA PRIVATE KEY-----\n{CANARY}\n-----END RSA PRIVATE KEY-----",
    "quotes": Holder(f"token='a\\'{CANARY}' and"),
    "no end": Holder(f"{{'token': '{CANARY}"),
    "yaml": Holder(f"password: {CANARY}"),
    "environment": Holder(f"environ({{'DB_PASS': '{CANARY}'}})"),
}


def page_of(app, path="/", accept="text/html", host="localhost", **options):
    debugged = DebuggedApplication(app, evalex=True)
    environ = {"wsgi.errors": StringIO(), "HTTP_HOST": host}
    headers = {"Accept": accept, **options.pop("headers", {})}
    client = Client(debugged)
    for name, value in options.pop("cookies", {}).items():
        client.set_cookie(name, value)
    return client.open(path, headers=headers, environ_overrides=environ, **options).text


@pytest.fixture
def app():
    app = Erlen(__name__)
    app.debug = True
    app.secret_key = f"key-{CANARY}"
    return app


@pytest.fixture(params=["text/html", "application/json", "text/plain"])
def accept(request):
    return request.param


@pytest.mark.parametrize("name", HOLDERS)
def test_what_variables_hold(app, accept, name):
    @app.get("/")
    def view():
        value = HOLDERS[name]
        raise LookupError(f"here is {value!r}")

    page = page_of(app, accept=accept)
    assert CANARY not in page
    assert MASK in page or accept == "application/json"
    assert "LookupError" in page


@pytest.mark.parametrize(
    "name",
    ["password", "user_password", "apiKey", "SECRET", "auth_token", "otp", "db_pass", "session_id"],
)
def test_variables_whose_name_says_so(app, accept, name):
    @app.get("/")
    def view():
        exec(f"{name} = value; other = ['x', value]; raise LookupError(f'no {{other}}')",
             {"value": CANARY})  # fmt: skip

    page = page_of(app, accept=accept)
    assert CANARY not in page


def test_a_secret_is_known_wherever_it_stands(app, accept):
    app.config["PAYMENT_TOKEN"] = OTHER

    @app.get("/")
    def view():
        key = app.secret_key
        password = CANARY
        text = f"{password} and {OTHER} for {key}"
        return 1 / 0 if text else ""

    page = page_of(app, accept=accept)
    assert CANARY not in page and OTHER not in page


def test_secrets_of_the_environment(app, accept, monkeypatch):
    monkeypatch.setenv("MAIL_PASSWORD", CANARY)
    monkeypatch.setenv("DATABASE_URL", f"mysql://ada:{OTHER}@db/x")

    @app.get("/")
    def view():
        sent = [CANARY, OTHER]
        raise ValueError(str(sent))

    page = page_of(app, accept=accept)
    assert CANARY not in page and OTHER not in page


def test_secrets_of_the_request(app, accept):
    @app.route("/", methods=["POST"])
    def view():
        session["csrf_token"] = CANARY + "1"
        session["colour"] = "green"
        environ = request.environ
        form = request.form.to_dict()
        headers, cookies, all_of_it = request.headers, request.cookies, request
        raise ValueError(f"{form} {headers} {cookies} {environ} {all_of_it}")

    basic = base64.b64encode(f"ada:{CANARY}".encode()).decode()
    page = page_of(
        app,
        f"/?token={OTHER}&page=3",
        accept,
        method="POST",
        data={"password": CANARY, "colour": "blue"},
        headers={
            "Authorization": f"Basic {basic}",
            "X-CSRF-Token": CANARY,
            "X-Colour": "red",
        },
        cookies={"session": f"{CANARY}.abc", "theme": "dark"},
    )
    assert CANARY not in page and OTHER not in page and basic not in page
    if accept == "text/html":
        rows = dict(re.findall('<th scope="row">(.*?)</th><td><pre>(.*?)</pre>', page))
        assert (rows["X-Colour"], rows["colour"], rows["page"]) == (
            "red",
            "&#39;green&#39;",
            "&#39;3&#39;",
        )
        secrets = ("theme", "Authorization", "X-Csrf-Token", "password", "csrf_token", "token")
        assert [rows[name] for name in secrets] == [MASK] * 6


def test_secrets_that_are_written_in_the_source(app, accept, tmp_path, monkeypatch):
    (tmp_path / "written.py").write_text(
        f"class User:\n"
        f"    def __init__(self, text): self.text = text\n"
        f"    def __repr__(self): return f'User(password={{self.text!r}})'\n"
        f"def fail():\n"
        f"    user = User({CANARY!r}); raise KeyError(repr({CANARY!r}))\n"
        f"API_KEY = '{OTHER}'\n"
    )
    monkeypatch.syspath_prepend(tmp_path)

    @app.get("/")
    def view():
        import written

        written.fail()

    page = page_of(app, accept=accept)
    assert CANARY not in page and OTHER not in page
    assert "written.py" in page


def test_where_a_text_is_cut(app):
    """No part of a secret is left at the end of what is cut."""
    app.config["API_TOKEN"] = "z" * 300

    @app.get("/")
    def view():
        texts = ["-" * n + " " + "z" * 300 for n in range(1700, 2000, 20)]
        raise ValueError(len(texts))

    page = page_of(app)
    assert "z" * 4 not in page and "-" * 100 in page


def test_no_values_for_another_host(app):
    @app.get("/")
    def view():
        colour = "gr33n"
        raise ValueError(len(colour))

    query = "purple" * 2
    assert '<th scope="row">colour</th>' in page_of(app, f"/?a={query}")
    page = page_of(app, f"/?a={query}", host="192.168.1.7")
    assert '<th scope="row">' not in page
    assert query not in page
    assert "shown only where the host" in page


@pytest.mark.parametrize(
    "name",
    ["password", "Authorization", "X-API-Key", "SECRET_KEY_FALLBACKS", "aws_secret_access_key",
     "refreshToken", "Set-Cookie", b"cookie", "csrf", "PIN", "user-pass", "jwt", "sid"],
)  # fmt: skip
def test_names_of_secrets(name):
    assert is_secret(name)


@pytest.mark.parametrize(
    "name",
    ["key", "author", "shopping", "PWD", "spinner", "compass", "session", "primary_key", "sidebar",
     "code", "passenger", 5, None, ("password",)],
)  # fmt: skip
def test_names_of_others(name):
    assert not is_secret(name)


@pytest.mark.parametrize(
    "text",
    [
        "Invalid token: Signature has expired",
        "NameError: name 'token' is not defined",
        "unexpected keyword argument 'password'",
        "KeyError: 'secret'",
        "password=None",
        "{'token': None, 'password': ''}",
        "basic authentication is needed",
        "http://example.org:8000/a@b",
    ],
)
def test_messages_stay_readable(text):
    assert Masks().hide(text) == text


@pytest.mark.parametrize("setting", ["SESSION_COOKIE_NAME", "JWT_TOKEN_LOCATION", "CSRF_HEADER"])
def test_settings_that_are_no_secrets_are_not_looked_for(setting):
    masks = Masks()
    masks.learn_named(setting, "headers")
    masks.learn_named("TOKEN_FILE", "/etc/token")
    assert masks.hide("request.headers of /etc/token") == "request.headers of /etc/token"


@pytest.mark.parametrize(
    "text",
    ["token=" * 20_000, "token='" * 20_000, "token: " * 20_000, "://" * 30_000, "basic " * 20_000,
     "'" * 100_000, "eyJ" * 30_000, "-----BEGIN " * 9_000, "token" * 20_000, "token=[" * 15_000],
    ids=lambda text: text[:11],
)  # fmt: skip
def test_hiding_takes_linear_time(text):
    import time

    began = time.process_time()
    masks = Masks()
    masks.hide(text)
    masks.hide_source(text)
    masks.hide_traceback(text)
    assert time.process_time() - began < 3
