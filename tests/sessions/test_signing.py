"""Tokens are those of ItsDangerous, in both directions, whatever is in them."""

from __future__ import annotations

import hashlib
import hmac
import re

import itsdangerous
import pytest

from erlen import Erlen, session
from erlen.sessions.secure_cookie import session_json_serializer
from erlen.sessions.signing import CachingSerializer, _KeyedHMAC

OPTIONS = {
    "salt": "cookie-session",
    "serializer": session_json_serializer,
    "signer_kwargs": {"key_derivation": "hmac"},
}
VALUES = [
    {},
    {"a": 1},
    {"user": "ada", "roles": ["x", {"y": (1, 2)}], "text": "ß" * 10},
    {"long": "aaaaaaaaaa" * 40},
    {"long": "aaaaaaaaaa" * 12},
]


def ours(keys):
    return CachingSerializer(keys, **OPTIONS)


def theirs(keys):
    return itsdangerous.URLSafeTimedSerializer(keys, **OPTIONS)


@pytest.mark.parametrize("value", VALUES)
def test_tokens_are_the_same(value, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1_800_000_000)
    token = theirs("key").dumps(value)
    written = ours("key").write(value)
    assert theirs("key").loads(written, max_age=10) == ours("key").read(written, 10) == value
    is_short = len(session_json_serializer.dumps(value)) < 128
    assert written == token or (is_short and token[0] == "." != written[0])
    assert ours("key").dumps(value) == token
    assert ours("key").read(token, 10) == value
    assert ours("key").loads(token, max_age=10) == value


def test_every_key_verifies_and_the_newest_signs():
    old = theirs("old").dumps({"a": 1})
    both = ours(["old", "new"])
    assert both.read(old, 10) == {"a": 1}
    assert theirs("new").loads(both.write({"a": 1})) == {"a": 1}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: "",
        lambda token: "x",
        lambda token: "..",
        lambda token: token[:-1],
        # Not the last letter: some of its bits are not used.
        lambda token: token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1],
        lambda token: "A" + token[1:],
        lambda token: token.partition(".")[0],
        lambda token: token.replace(".", ".A", 1),
        lambda token: "." + token,
    ],
)
def test_a_spoilt_token_is_refused_as_itsdangerous_refuses_it(spoil):
    token = spoil(theirs("key").dumps({"a": 1}))
    with pytest.raises(itsdangerous.BadData) as expected:
        theirs("key").loads(token, max_age=10)
    with pytest.raises(type(expected.value)):
        ours("key").read(token, 10)


@pytest.mark.parametrize("age", [-5, 11])
def test_a_token_of_another_time_is_refused(age, monkeypatch):
    import time

    token = theirs("key").dumps({"a": 1})
    later = time.time() + age
    monkeypatch.setattr("time.time", lambda: later)
    with pytest.raises(itsdangerous.SignatureExpired):
        ours("key").read(token, 10)


@pytest.mark.parametrize("payload", [b"not base64!", b"bm90IGpzb24", b"WzFd", b"A"])
def test_what_another_program_signed_with_the_key_is_an_empty_session(payload):
    app = Erlen("shared")
    app.secret_key = "key"
    app.route("/", endpoint="index")(lambda: dict(session))
    serializer = app.session_interface.get_signing_serializer(app)
    client = app.test_client()
    client.set_cookie("session", serializer.make_signer("cookie-session").sign(payload).decode())
    assert client.get("/").json == {}


class Foreign:
    """A digest of somebody else's."""

    block_size = 64
    digest_size = 32

    def __init__(self, data=b""):
        self.made = hashlib.sha256(data)

    def update(self, data):
        self.made.update(data)

    def digest(self):
        return self.made.digest()

    def copy(self):
        other = type(self)()
        other.made = self.made.copy()
        return other


class Unsized(Foreign):
    """One that does not say how long its blocks are."""

    block_size = 0


def short_blake(data=b""):
    return hashlib.blake2b(data, digest_size=20)


@pytest.mark.filterwarnings("ignore:block_size of 0 seems too small:RuntimeWarning")
@pytest.mark.parametrize(
    "digest",
    [
        hashlib.sha1,
        hashlib.sha256,
        hashlib.sha512,
        hashlib.sha3_256,
        hashlib.blake2s,
        short_blake,
        hashlib.md5,
        Foreign,
        Unsized,
    ],
)
@pytest.mark.parametrize("length", [0, 1, 20, 63, 64, 65, 128, 129, 300])
def test_a_signature_is_that_of_hmac(digest, length):
    algorithm = _KeyedHMAC(digest)
    key = bytes(range(256))[-length:] + b"k" * (length - 256) if length else b""
    for message in (b"", b"a", b"m" * 1000, b"a"):
        assert algorithm.get_signature(key, message) == hmac.new(key, message, digest).digest()
    assert len(algorithm._begun) == (digest is not Unsized)


@pytest.mark.parametrize("digest", [hashlib.shake_128, hashlib])
def test_what_is_no_digest_for_hmac_is_refused_as_hmac_refuses_it(digest):
    algorithm, plain = _KeyedHMAC(digest), itsdangerous.signer.HMACAlgorithm(digest)
    with pytest.raises((TypeError, ValueError)) as expected:
        plain.get_signature(b"key", b"message")
    with pytest.raises(type(expected.value), match=re.escape(str(expected.value))):
        algorithm.get_signature(b"key", b"message")


def test_of_many_keys_few_are_kept():
    algorithm = _KeyedHMAC(hashlib.sha1)
    for number in range(1000):
        key = str(number).encode()
        assert algorithm.get_signature(key, b"m") == hmac.digest(key, b"m", "sha1")
    assert len(algorithm._begun) == _KeyedHMAC._MOST


@pytest.mark.parametrize("derivation", ["hmac", "concat", "django-concat", "none"])
def test_tokens_are_the_same_with_every_derivation_and_digest(derivation):
    options = {"key_derivation": derivation, "digest_method": short_blake}
    token = itsdangerous.URLSafeTimedSerializer("key", signer_kwargs=options).dumps({"a": 1})
    serializer = CachingSerializer("key", signer_kwargs=options)
    assert serializer.loads(token) == serializer.read(token, 10) == {"a": 1}


def test_each_second_has_its_own_timestamp(monkeypatch):
    signer = ours("key").make_signer("cookie-session")
    plain = theirs("key").make_signer("cookie-session")
    now = 1_800_000_000
    for second in (0, now, now, now + 1, now - 1, 0, now):
        monkeypatch.setattr("time.time", lambda second=second: second)
        for value in (b"value", "text"):
            assert signer.sign(value) == plain.sign(value)
        assert signer.unsign(signer.sign("a"), max_age=1, return_timestamp=True)[0] == b"a"
