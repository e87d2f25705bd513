"""ItsDangerous's signing, with what never changes made once.

The tokens are those of a plain ``URLSafeTimedSerializer``; short ones are never compressed.  A
token that is not written as ItsDangerous writes it goes to ItsDangerous, which knows what is wrong
with it.
"""

from __future__ import annotations

import hmac
from binascii import a2b_base64, b2a_base64
from typing import Any
from zlib import compress

from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from itsdangerous.signer import HMACAlgorithm

# PERF: compressing takes a third of the time of writing, and saves few of so few bytes.
_SHORTEST_COMPRESSED = 128
_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_", b"+/")
# RFC 2104, section 2: the key with each byte of ipad, and of opad.
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


def _encode(data: bytes) -> bytes:
    """Base64 for URLs without padding (RFC 4648, section 5)."""
    return b2a_base64(data, newline=False).rstrip(b"=").translate(_TO_URL)


def _decode(text: bytes) -> bytes:
    return a2b_base64(text.translate(_FROM_URL) + b"===")


class _KeyedHMAC(HMACAlgorithm):
    """HMAC that takes its key once.

    PERF: RFC 2104, section 4: both digests are kept as they are behind the padded key, and copied
    for each message. A digest of another make than HMAC's is left to the library.
    """

    # Of one signer: one for each secret key, unless others use its algorithm.
    _MOST = 64

    def __init__(self, digest_method: Any) -> None:
        super().__init__(digest_method)
        self._begun: dict[bytes, tuple[Any, Any]] = {}

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        begun = self._begun.get(key) or self._begin(key)
        if begun is None:
            return super().get_signature(key, value)
        inner, outer = begun[0].copy(), begun[1].copy()
        inner.update(value)
        outer.update(inner.digest())
        return outer.digest()  # type: ignore[no-any-return]

    def _begin(self, key: bytes) -> tuple[Any, Any] | None:
        """The digests behind the key; ``None`` where only the library knows what to do."""
        if not callable(self.digest_method):
            # PEP 247 has modules, too.
            return None
        make: Any = self.digest_method
        digest = make()
        block = getattr(digest, "block_size", 0)
        # The library takes another size for so small a block, and a digest without a size of its
        # own is none for HMAC.
        if block < 16 or not getattr(digest, "digest_size", 0):
            return None
        padded = (make(key).digest() if len(key) > block else key).ljust(block, b"\0")
        begun = make(padded.translate(_INNER)), make(padded.translate(_OUTER))
        if len(self._begun) < self._MOST:
            self._begun[key] = begun
        return begun


class CachingSigner(TimestampSigner):
    """A signer that derives each key once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._derived: dict[Any, bytes] = {}
        # PERF: the last time that something was signed at, and how it is written.
        self._stamp: tuple[int, bytes] = (0, b".")
        if type(self.algorithm) is HMACAlgorithm:
            self.algorithm = _KeyedHMAC(self.digest_method)

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        key = self._derived.get(secret_key)
        if key is None:
            key = self._derived[secret_key] = super().derive_key(secret_key)
        return key

    def get_signature(self, value: str | bytes) -> bytes:
        if isinstance(value, str):
            value = value.encode()
        return _encode(self.algorithm.get_signature(self.derive_key(), value))

    def sign(self, value: str | bytes) -> bytes:
        if isinstance(value, str):
            value = value.encode()
        now = self.get_timestamp()
        second, timestamp = self._stamp
        if second != now:
            timestamp = b"." + _encode(now.to_bytes((now.bit_length() + 7) // 8, "big"))
            self._stamp = now, timestamp
        signed = value + timestamp
        return b"%b.%b" % (signed, self.get_signature(signed))

    def payload_of(self, token: bytes, max_age: int) -> bytes | None:
        """The payload of a token that the newest key has signed and that is at most ``max_age``
        seconds old; ``None`` for every other one, which may be valid all the same."""
        signed, _, signature = token.rpartition(b".")
        if not hmac.compare_digest(self.get_signature(signed), signature):
            return None
        payload, _, timestamp = signed.rpartition(b".")
        try:
            age = self.get_timestamp() - int.from_bytes(_decode(timestamp), "big")
        except ValueError:
            return None
        return payload if 0 <= age <= max_age else None


class CachingSerializer(URLSafeTimedSerializer):
    """A serializer that makes its signer once for each salt."""

    default_signer = CachingSigner

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._signers: dict[Any, Any] = {}

    def make_signer(self, salt: str | bytes | None = None) -> Any:
        signer = self._signers.get(salt)
        if signer is None:
            signer = self._signers[salt] = super().make_signer(salt)
        return signer

    def read(self, token: str, max_age: int) -> Any:
        """What ``loads(token, max_age)`` gives.

        :raises itsdangerous.BadData: for a token that is not ours, or too old
        """
        if token.isascii():
            payload = self.make_signer(self.salt).payload_of(token.encode(), max_age)
            # A dot in front tells that it is compressed.
            if payload is not None and not payload.startswith(b"."):
                try:
                    return self.serializer.loads(_decode(payload).decode())
                except ValueError:
                    # Signed with our key by somebody else.
                    pass
        return self.loads(token, max_age=max_age)

    def write(self, obj: Any) -> str:
        """What ``dumps(obj)`` gives, or the same without compression."""
        text: bytes = self.serializer.dumps(obj).encode()
        payload = None
        if len(text) >= _SHORTEST_COMPRESSED:
            compressed = compress(text)
            if len(compressed) < len(text) - 1:
                payload = b"." + _encode(compressed)
        if payload is None:
            payload = _encode(text)
        return self.make_signer(self.salt).sign(payload).decode("ascii")  # type: ignore[no-any-return]
