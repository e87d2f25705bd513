from __future__ import annotations

import base64
import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.http.auth import Authorization, WWWAuthenticate


def basic(text: str, encoding: str = "utf-8") -> str:
    return "Basic " + base64.b64encode(text.encode(encoding)).decode()


@pytest.mark.parametrize(
    ("header", "username", "password"),
    [
        pytest.param(basic("alice:secret"), "alice", "secret", id="plain"),
        pytest.param(basic("alice:a:b"), "alice", "a:b", id="colon-in-password"),
        pytest.param(basic("zoë:pässword"), "zoë", "pässword", id="utf-8"),
        pytest.param(basic("alice"), "alice", "", id="no-colon"),
        pytest.param(basic(":"), "", "", id="both-empty"),
        pytest.param(basic("a:b").replace("Basic", "bASIC"), "a", "b", id="scheme-in-any-case"),
        pytest.param(basic("a:b").replace(" ", "   ") + " ", "a", "b", id="blanks"),
    ],
)
def test_basic(header: str, username: str, password: str) -> None:
    credentials = Authorization.from_header(header)
    assert credentials is not None
    assert credentials.type == "basic"
    assert credentials.token is None
    assert credentials.username == credentials["username"] == username
    assert credentials.password == credentials.get("password") == password
    assert "username" in credentials
    assert credentials.realm is None
    assert credentials["realm"] is None
    assert credentials.get("realm", "x") == "x"


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(None, id="no-header"),
        pytest.param("", id="empty"),
        pytest.param("Basic !!!", id="no-base64"),
        pytest.param("Basic d!G!V!z!d!A!=!=", id="base64-with-other-letters"),
        pytest.param("Basic YTpiYw", id="no-padding"),
        pytest.param(basic("é:ü", "latin-1"), id="latin-1"),
        pytest.param("Basic é", id="not-ascii"),
    ],
)
def test_no_credentials(header: str | None) -> None:
    assert Authorization.from_header(header) is None


@pytest.mark.parametrize(
    ("header", "kind", "token"),
    [
        ("Bearer abc", "bearer", "abc"),
        ("Bearer abc==", "bearer", "abc=="),
        ("Bearer ===", "bearer", "==="),
        ("bearer  a.b-c~d+e/f ", "bearer", "a.b-c~d+e/f"),
        ("Negotiate YWJj", "negotiate", "YWJj"),
        ("Bearer", "bearer", ""),
    ],
)
def test_tokens(header: str, kind: str, token: str) -> None:
    credentials = Authorization.from_header(header)
    assert credentials is not None
    assert (credentials.type, credentials.token) == (kind, token)
    assert credentials.parameters == {}
    assert credentials.to_header() == f"{kind.title()} {token}"


DIGEST = (
    'Digest username="Mufasa", realm="testrealm@host.invalid", nonce="dcd98b7102dd", uri="/d?a=b",'
    ' qop=auth, nc=00000001, cnonce="0a4f113b", response="6629fae49393", opaque="5ccc069c"'
)


def test_digest() -> None:
    credentials = Authorization.from_header(DIGEST)
    assert credentials is not None
    assert credentials.type == "digest"
    assert credentials.token is None
    assert credentials.username == "Mufasa"
    assert credentials.realm == "testrealm@host.invalid"
    assert credentials.uri == "/d?a=b"
    assert credentials.nc == "00000001"
    assert credentials.qop == "auth"
    assert Authorization.from_header(credentials.to_header()) == credentials


def test_a_quote_without_an_end_leaves_no_parameters() -> None:
    credentials = Authorization.from_header('Digest username="a, realm=b')
    assert credentials is not None
    assert credentials.parameters == {}


def test_credentials_compare_and_copy() -> None:
    credentials = Authorization("basic", {"username": "a", "password": "b"})
    assert credentials == Authorization.from_header(basic("a:b"))
    assert credentials != Authorization("bearer", token="a")
    assert credentials != basic("a:b")
    assert str(credentials) == credentials.to_header() == basic("a:b")
    assert repr(credentials) == f"<Authorization {basic('a:b')}>"
    with pytest.raises(TypeError):
        hash(credentials)
    assert copy.deepcopy(credentials) == pickle.loads(pickle.dumps(credentials)) == credentials


@pytest.mark.parametrize(
    ("challenge", "header"),
    [
        (WWWAuthenticate("basic", {"realm": "a b"}), 'Basic realm="a b"'),
        (WWWAuthenticate("Basic"), "Basic"),
        (WWWAuthenticate("bearer", token="x=="), "Bearer x=="),
        (WWWAuthenticate("digest"), "Digest"),
        (
            WWWAuthenticate("digest", {"realm": "x", "nonce": "n", "qop": "auth", "stale": "TRUE"}),
            'Digest realm="x", nonce="n", qop="auth", stale=TRUE',
        ),
        (WWWAuthenticate("x", {"a": "b", "c": 'd"'}), 'X a=b, c="d\\""'),
    ],
)
def test_challenges(challenge: WWWAuthenticate, header: str) -> None:
    assert challenge.to_header() == str(challenge) == header
    assert repr(challenge) == f"<WWWAuthenticate {header}>"
    again = WWWAuthenticate.from_header(header)
    assert again is not None
    assert (again.type, again.parameters) == (challenge.type, challenge.parameters)
    assert again == challenge or not (challenge.token or challenge.parameters)


@pytest.mark.parametrize("header", [None, ""])
def test_no_challenge(header: str | None) -> None:
    assert WWWAuthenticate.from_header(header) is None


def test_a_challenge_tells_of_its_changes() -> None:
    seen: list[str] = []
    challenge = WWWAuthenticate("basic")
    challenge._on_update = lambda value: seen.append(value.to_header())
    challenge.realm = "x"
    challenge["charset"] = "UTF-8"
    challenge.realm = None
    del challenge.charset
    challenge.token = "t"
    challenge.type = "bearer"
    challenge.token = None
    challenge.parameters = {"error": "invalid_token"}
    challenge.parameters["scope"] = "a b"
    del challenge["error"]
    assert seen == [
        "Basic realm=x",
        "Basic realm=x, charset=UTF-8",
        "Basic charset=UTF-8",
        "Basic",
        "Basic t",
        "Bearer t",
        "Bearer",
        "Bearer error=invalid_token",
        'Bearer error=invalid_token, scope="a b"',
        'Bearer scope="a b"',
    ]


def test_removing_what_is_not_there_changes_nothing() -> None:
    challenge = WWWAuthenticate("basic", {"realm": "x"})
    challenge._on_update = lambda value: pytest.fail("nothing has changed")
    challenge["charset"] = None
    del challenge["charset"]
    del challenge.charset
    assert challenge.charset is None
    assert challenge["charset"] is None
    assert challenge.get("charset", "x") == "x"
    assert "charset" not in challenge
    assert "realm" in challenge


def test_challenges_compare() -> None:
    assert WWWAuthenticate("x", {"a": "b"}) == WWWAuthenticate("X", {"a": "b"})
    assert WWWAuthenticate("x", {"a": "b"}) != WWWAuthenticate("x", {"a": "c"})
    assert WWWAuthenticate("x") != "X"
    with pytest.raises(TypeError):
        hash(WWWAuthenticate("x"))


TEXT = st.text(st.characters(codec="utf-8", exclude_characters=":\0"), max_size=20)
TOKENS = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=10)
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)


@given(TEXT, TEXT)
def test_round_trip_of_basic(username: str, password: str) -> None:
    sent = Authorization("basic", {"username": username, "password": password})
    assert Authorization.from_header(sent.to_header()) == sent


@given(TOKENS, st.dictionaries(TOKENS, VALUES, min_size=1, max_size=5))
def test_round_trip_of_parameters(kind: str, parameters: dict[str, str | None]) -> None:
    challenge = WWWAuthenticate(kind, parameters)
    assert WWWAuthenticate.from_header(challenge.to_header()) == challenge
    if kind != "basic":
        credentials = Authorization(kind, parameters)
        assert Authorization.from_header(credentials.to_header()) == credentials


@given(st.text(max_size=60))
def test_any_text_gives_an_answer(text: str) -> None:
    for header in (text, f"Basic {text}", f"Digest {text}"):
        credentials = Authorization.from_header(header)
        assert credentials is None or credentials.token is None or not credentials.parameters
        challenge = WWWAuthenticate.from_header(header)
        assert challenge is None or challenge.to_header()
