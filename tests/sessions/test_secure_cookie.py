"""Sessions in a signed cookie: the ways that are short, beside those that are general."""

from __future__ import annotations

import hashlib
import pickle

import itsdangerous
import pytest

from erlen import Erlen, Request, Response, make_response, session
from erlen.context.contexts import current_request_context
from erlen.http.headers import Headers
from erlen.http.multidict import ImmutableMultiDict
from erlen.json.provider import DefaultJSONProvider
from erlen.json.tag import JSONTag, TaggedJSONSerializer
from erlen.sessions import (
    NullSession,
    SecureCookieSession,
    SecureCookieSessionInterface,
    SessionMixin,
)
from erlen.sessions.server_side import ServerSideSessionInterface
from erlen.sessions.stores import MemoryStore


@pytest.fixture
def app():
    app = Erlen("sessions", static_folder=None)
    app.secret_key = "key"
    app.session_interface = SecureCookieSessionInterface()
    return app


def test_each_change_of_a_session_is_seen():
    made = SecureCookieSession([("a", 1)])
    assert not made.modified
    assert dict(made) == {"a": 1}
    made["a"] = 2
    assert made.modified
    assert not SecureCookieSession().modified
    again = pickle.loads(pickle.dumps(made))
    assert type(again) is SecureCookieSession
    assert again == {"a": 2}


def test_null_sessions_are_told_from_others(app):
    class Own(NullSession):
        pass

    class Other(dict, SessionMixin):
        pass

    interface = app.session_interface
    assert interface.is_null_session(NullSession())
    assert interface.is_null_session(Own())
    for other in (SecureCookieSession(), Other(), {}, None):
        assert not interface.is_null_session(other)
    with app.test_request_context():
        assert not interface.is_null_session(session)
    app.secret_key = None
    with app.test_request_context():
        assert interface.is_null_session(session)
    interface.null_session_class = Own
    assert interface.is_null_session(Own())
    assert not interface.is_null_session(NullSession())


def test_the_serializer_is_another_where_anything_it_is_made_of_is(app):
    interface = app.session_interface
    get = interface.get_signing_serializer
    seen = [get(app)]

    def is_new():
        made = get(app)
        assert get(app) is made
        seen.append(made)
        return all(made is not other for other in seen[:-1])

    assert not is_new()
    app.secret_key = "newer"
    assert is_new()
    app.config["SECRET_KEY_FALLBACKS"] = ["key"]
    assert is_new()
    # Changed in place, which the configuration does not see.
    app.config["SECRET_KEY_FALLBACKS"].append("older")
    assert is_new()
    app.config["SECRET_KEY_FALLBACKS"] = None
    assert is_new()
    interface.salt = "other"
    assert is_new()
    interface.digest_method = hashlib.sha256
    assert is_new()
    interface.key_derivation = "concat"
    assert is_new()
    interface.serializer = TaggedJSONSerializer()
    assert is_new()
    app.secret_key = ""
    assert get(app) is None


class OwnHeaders(Response):
    """A response that makes its headers itself."""

    @property
    def headers(self):
        return self.__dict__.setdefault(
            "own", Headers({"Content-Type": "text/plain", "Vary": "Accept"})
        )

    @headers.setter
    def headers(self, value):
        self.__dict__["own"] = value


def touched():
    response = make_response("text")
    response.headers["X-Seen"] = "1"
    return response


def varied(value):
    response = make_response("text")
    response.headers["Vary"] = value
    return response


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: "text", ["Cookie"]),
        (lambda: Response("text"), ["Cookie"]),
        (lambda: Response(iter("text")), ["Cookie"]),
        (lambda: Response(), ["Cookie"]),
        (lambda: ("", 204), ["Cookie"]),
        (lambda: {"a": 1}, ["Cookie"]),
        (touched, ["Cookie"]),
        (lambda: varied("Origin"), ["Origin, Cookie"]),
        (lambda: varied("Cookie"), ["Cookie"]),
        (lambda: varied("cookie"), ["cookie"]),
        (lambda: OwnHeaders("text"), ["Accept, Cookie"]),
    ],
)
@pytest.mark.parametrize("path", ["/read", "/write", "/read-write"])
@pytest.mark.parametrize("interface", [None, lambda: ServerSideSessionInterface(MemoryStore())])
def test_the_answer_varies_by_cookie(app, make, expected, path, interface):
    if interface is not None:
        app.session_interface = interface()

    @app.route("/read")
    def read():
        session.get("a")
        return make()

    @app.route("/write")
    def write():
        session["a"] = 1
        session.accessed = False
        return make()

    @app.route("/read-write")
    def both():
        session["a"] = session.get("a")
        return make()

    @app.route("/untouched")
    def untouched():
        return make()

    client = app.test_client()
    plain = client.get("/untouched")
    response = client.get(path)
    assert response.headers.getlist("Vary") == expected
    assert response.data == plain.data
    for name, value in plain.headers:
        if name != "Vary":
            assert response.headers.getlist(name) == [value]
    # The headers that responses share are as they were.
    assert client.get("/untouched").headers.getlist("Vary") == plain.headers.getlist("Vary")


def test_a_response_that_is_saved_to_twice_varies_once(app):
    with app.test_request_context():
        session.get("a")
        response = app.response_class("text")
        for _ in range(2):
            app.session_interface.save_session(app, session, response)
        assert response.headers.getlist("Vary") == ["Cookie"]
        app.session_interface.save_session(app, session, response)
        assert response.headers.getlist("Vary") == ["Cookie"]


class OwnCookies(Request):
    """A request whose cookies are others than its header says."""

    @property
    def cookies(self):
        return {"session": self.headers.get("X-Session", "")}


class OwnStorage(Request):
    class dict_storage_class(ImmutableMultiDict):
        """The last cookie of a name counts."""

        def get(self, name, default=None, type=None):
            return (self.getlist(name) or [default])[-1]


class OwnConstructor(Request):
    def __init__(self, environ, *args, **kwargs):
        super().__init__({**environ, "HTTP_COOKIE": environ.get("HTTP_X_COOKIE", "")})


class OwnOpening(SecureCookieSessionInterface):
    opens_lazily = True

    def open_session(self, app, request):
        assert request.method == "GET"
        return super().open_session(app, request)


class OwnName(SecureCookieSessionInterface):
    opens_lazily = True

    def get_cookie_name(self, app):
        return "own"


def reading(interface=SecureCookieSessionInterface, request_class=Request):
    app = Erlen("sessions", static_folder=None)
    app.secret_key = "key"
    app.session_interface = interface()
    app.request_class = request_class
    app.route("/", endpoint="index")(lambda: {"is_made": is_made(), **session})
    return app


def is_made():
    """Whether there is a request object, behind the first look at the session."""
    session.get("a")
    return current_request_context().made_request is not None


def token(data):
    app = reading()
    return app.session_interface.get_signing_serializer(app).dumps(data)


@pytest.mark.parametrize(
    ("app", "headers", "is_made"),
    [
        (reading(), {"Cookie": "a=b; session={one}; session={two}"}, False),
        (reading(), {"Cookie": 'a="b;c"; session="{one}"'}, False),
        (reading(OwnName), {"Cookie": "session={two}; own={one}"}, False),
        (reading(OwnOpening), {"Cookie": "session={one}; session={two}"}, True),
        (
            reading(request_class=OwnCookies),
            {"Cookie": "session={two}", "X-Session": "{one}"},
            True,
        ),
        (reading(request_class=OwnStorage), {"Cookie": "session={two}; session={one}"}, True),
        (
            reading(request_class=OwnConstructor),
            {"Cookie": "session={two}", "X-Cookie": "session={one}"},
            True,
        ),
    ],
)
def test_the_session_is_that_of_the_requests_cookie(app, headers, is_made):
    tokens = {"one": token({"number": 1}), "two": token({"number": 2})}
    headers = {name: value.format(**tokens) for name, value in headers.items()}
    client = app.test_client(use_cookies=False)
    # The first request is the one that the application begins with.
    assert client.get("/").json in ({"is_made": True}, {"is_made": False})
    assert client.get("/", headers=headers).json == {"is_made": is_made, "number": 1}


def test_an_interface_that_is_changed_later_is_asked(monkeypatch):
    app = reading()
    client = app.test_client()
    client.get("/")
    assert client.get("/").json == {"is_made": False}
    original = SecureCookieSessionInterface.open_session
    requests = []

    def opens(app, request):
        requests.append(request.path)
        return SecureCookieSession({"own": 1})

    app.session_interface.open_session = opens
    assert client.get("/").json == {"is_made": True, "own": 1}
    del app.session_interface.open_session
    assert client.get("/").json == {"is_made": False}
    monkeypatch.setattr(
        SecureCookieSessionInterface,
        "open_session",
        lambda self, app, request: requests.append(request.path) or original(self, app, request),
    )
    assert client.get("/").json == {"is_made": True}
    assert requests == ["/", "/"]


# -- who hooks into what is written ------------------------------------------------------


class Spacious(DefaultJSONProvider):
    def dumps(self, obj, **kwargs):
        return super().dumps(obj, **{**kwargs, "separators": None})

    def loads(self, s, **kwargs):
        return {"read": super().loads(s, **kwargs)}


class TagSet(JSONTag):
    key = " s"

    def check(self, value):
        return isinstance(value, set)

    def to_json(self, value):
        return sorted(value)

    def to_python(self, value):
        return set(value)


def provider_class(app):
    app.json = Spacious(app)


def provider_instance(app):
    app.json.dumps = lambda obj, **kwargs: '{"from":"instance"}'


def provider_settings(app):
    app.json.ensure_ascii = False
    app.json.sort_keys = False


def provider_default(app):
    app.json.default = lambda o: "by default"


def own_tags(app):
    app.session_interface.serializer = TaggedJSONSerializer()
    app.session_interface.serializer.register(TagSet)


def own_salt(app):
    app.session_interface.salt = "own"


def own_digest(app):
    app.session_interface.digest_method = hashlib.sha512
    app.session_interface.key_derivation = "concat"


def own_signer(app):
    class Signer(itsdangerous.TimestampSigner):
        def derive_key(self, secret_key=None):
            return b"own" + super().derive_key(secret_key)

    options = {"salt": "x", "serializer": app.session_interface.serializer, "signer": Signer}
    made = itsdangerous.URLSafeTimedSerializer("own key", **options)
    app.session_interface.get_signing_serializer = lambda app: made


def old_keys(app):
    app.secret_key = "new"
    app.config["SECRET_KEY_FALLBACKS"] = ["older", "key"]


CONTENTS = [
    {"user": "ada"},
    {"b": 1, "a": None, "text": "größe", "list": [1, (2, 3)], "long": "x" * 200},
    {" t": [1]},
]


@pytest.mark.parametrize("content", CONTENTS, ids=["plain", "nested", "like a tag"])
@pytest.mark.parametrize(
    "hook",
    [
        None,
        provider_class,
        provider_instance,
        provider_settings,
        provider_default,
        own_tags,
        own_salt,
        own_digest,
        own_signer,
        old_keys,
    ],
)
def test_what_is_written_is_what_itsdangerous_writes(app, content, hook, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1_800_000_000)
    if hook is not None:
        hook(app)
    if hook in (own_tags, provider_default):
        content = {**content, "set": {1, 2} if hook is own_tags else object()}
    interface = app.session_interface
    ours = interface.get_signing_serializer(app)
    plain = ours
    if hook is not own_signer:
        kwargs = {
            "key_derivation": interface.key_derivation,
            "digest_method": interface.digest_method,
        }
        options = {"serializer": interface.serializer, "signer_kwargs": kwargs}
        keys = [*(app.config["SECRET_KEY_FALLBACKS"] or ()), app.secret_key]
        plain = itsdangerous.URLSafeTimedSerializer(keys, interface.salt, **options)

    @app.route("/write")
    def write():
        session.update(content)
        return ""

    app.route("/read", endpoint="read")(lambda: seen.append(dict(session)) or "")
    seen = []
    client = app.test_client()
    client.get("/write")
    token = client.get_cookie("session").value
    with app.app_context():
        theirs = plain.dumps(content)
        if theirs[0] == token[0]:
            assert token == theirs
        client.set_cookie("session", theirs)
        client.get("/read")
        assert seen == [plain.loads(token, max_age=10)] == [plain.loads(theirs)]
