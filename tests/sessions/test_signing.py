"""Tokens are those of ItsDangerous, in both directions, whatever is in them."""

from __future__ import annotations

import hashlib
import hmac
import re

import itsdangerous
import pytest

from erlen import Erlen, session
from erlen.sessions.secure_cookie import session_json_serializer
from erlen.sessions.signing import CachingSerializer, begin_hmac

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
    key = bytes(range(256))[-length:] + b"k" * (length - 256) if length else b""
    begun = begin_hmac(digest, key)
    assert (begun is None) == (digest is Unsized)
    for message in () if begun is None else (b"", b"a", b"m" * 1000, b"a"):
        inner, outer = begun[0].copy(), begun[1].copy()
        inner.update(message)
        outer.update(inner.digest())
        assert outer.digest() == hmac.new(key, message, digest).digest()


@pytest.mark.filterwarnings("ignore:block_size of 0 seems too small:RuntimeWarning")
@pytest.mark.parametrize("digest", [hashlib.sha512, short_blake, Foreign, Unsized])
@pytest.mark.parametrize("length", [1, 64, 300])
def test_tokens_are_the_same_with_every_digest(digest, length, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1_800_000_000)
    options = {**OPTIONS, "signer_kwargs": {"key_derivation": "none", "digest_method": digest}}
    plain = itsdangerous.URLSafeTimedSerializer("k" * length, **options)
    token = plain.dumps({"a": 1})
    serializer = CachingSerializer("k" * length, **options)
    assert serializer.write({"a": 1}) == token
    assert serializer.read(token, 10) == {"a": 1}


@pytest.mark.parametrize("digest", [hashlib.shake_128, hashlib])
def test_what_is_no_digest_for_hmac_is_refused_as_hmac_refuses_it(digest):
    options = {"signer_kwargs": {"key_derivation": "none", "digest_method": digest}}
    plain = itsdangerous.URLSafeTimedSerializer("key", **options)
    serializer = CachingSerializer("key", **options)
    with pytest.raises((TypeError, ValueError)) as expected:
        plain.dumps(1)
    with pytest.raises(type(expected.value), match=re.escape(str(expected.value))):
        serializer.write(1)


@pytest.mark.parametrize("derivation", ["hmac", "concat", "django-concat", "none"])
def test_tokens_are_the_same_with_every_derivation_and_digest(derivation):
    options = {"key_derivation": derivation, "digest_method": short_blake}
    token = itsdangerous.URLSafeTimedSerializer("key", signer_kwargs=options).dumps({"a": 1})
    serializer = CachingSerializer("key", signer_kwargs=options)
    assert serializer.loads(token) == serializer.read(token, 10) == {"a": 1}


def test_each_second_has_its_own_timestamp(monkeypatch):
    serializer, plain = ours("key"), theirs("key")
    now = 1_800_000_000
    for second in (0, now, now, now + 1, now - 1, 0, now):
        monkeypatch.setattr("time.time", lambda second=second: second)
        for value in ("value", ["text"]):
            assert serializer.write(value) == plain.dumps(value)
        assert serializer.read(serializer.write("a"), 1) == "a"


# -- who hooks in ------------------------------------------------------------------------


class OwnSigner(itsdangerous.TimestampSigner):
    def sign(self, value):
        return super().sign(b"own." + value)

    def unsign(self, *args, **kwargs):
        value, when = super().unsign(*args, **kwargs)
        return value.removeprefix(b"own."), when


class OwnAlgorithm(itsdangerous.signer.SigningAlgorithm):
    def get_signature(self, key, value):
        return hashlib.md5(key + value).digest()


class OwnDerivation(itsdangerous.TimestampSigner):
    def derive_key(self, secret_key=None):
        return b"always the same"


class Bytes:
    """A serializer that writes bytes."""

    @staticmethod
    def dumps(obj):
        return repr(obj).encode()

    @staticmethod
    def loads(data):
        return eval(data)


class Doubled:
    @staticmethod
    def dumps(obj, twice=False):
        return session_json_serializer.dumps([obj, obj] if twice else obj)

    loads = staticmethod(session_json_serializer.loads)


HOOKS = {
    "signer": {"signer": OwnSigner},
    "algorithm": {"signer_kwargs": {"algorithm": OwnAlgorithm()}},
    "derivation": {"signer": OwnDerivation},
    "separator": {"signer_kwargs": {"sep": ":"}},
    "bytes": {"serializer": Bytes},
    "options": {"serializer": Doubled, "serializer_kwargs": {"twice": True}},
    "fallback": {"fallback_signers": [{"digest_method": hashlib.sha512}]},
    "digest": {"signer_kwargs": {"digest_method": hashlib.sha256}},
    "salt": {"salt": "own"},
    "none": {},
}


@pytest.mark.parametrize("hook", HOOKS)
def test_whoever_signs_otherwise_is_asked(hook, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1_800_000_000)
    options = {**OPTIONS, **HOOKS[hook]}
    made = CachingSerializer("key", **options)
    plain = itsdangerous.URLSafeTimedSerializer("key", **options)
    token = plain.dumps({"a": (1, 2)})
    assert made.write({"a": (1, 2)}) == token
    assert made.read(token, 10) == plain.loads(token)
    assert bool(made._begun) == (hook in {"digest", "salt", "none"})
    # Set later, too.
    later = ours("key")
    later.write({"a": 1})
    for name, value in options.items():
        setattr(later, name, value.encode() if name == "salt" else value)
    later.is_text_serializer = plain.is_text_serializer
    assert later.write({"a": (1, 2)}) == token
    assert later.read(token, 10) == plain.loads(token)


def test_a_method_that_is_replaced_is_asked():
    class Own(CachingSerializer):
        def load_payload(self, *args, **kwargs):
            return {"own": super().load_payload(*args, **kwargs)}

    token = theirs("key").dumps({"a": 1})
    assert Own("key", **OPTIONS).read(token, 10) == {"own": {"a": 1}}
    serializer = ours("key")
    assert serializer.read(token, 10) == {"a": 1}
    serializer.load_payload = lambda payload: "replaced"
    assert serializer.read(token, 10) == "replaced"


def test_a_signer_without_a_time_is_itsdangerous_matter():
    options = {**OPTIONS, "signer": itsdangerous.Signer}
    assert ours("key").dumps([]) != CachingSerializer("key", **options).write([])


def test_an_old_key_reads_what_is_compressed():
    value = {"long": "aaaaaaaaaa" * 40}
    token = theirs("old").dumps(value)
    assert token.startswith(".")
    assert ours(["older", "old", "new"]).read(token, 10) == value
    with pytest.raises(itsdangerous.BadSignature):
        ours(["older", "new"]).read(token, 10)


def test_a_tag_that_fails_makes_a_bad_payload():
    class Failing:
        dumps = staticmethod(session_json_serializer.dumps)

        @staticmethod
        def loads(text):
            raise KeyError(text)

    options = {**OPTIONS, "serializer": Failing}
    with pytest.raises(itsdangerous.BadPayload):
        CachingSerializer("key", **options).read(theirs("key").dumps({"a": 1}), 10)
