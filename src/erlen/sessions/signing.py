"""ItsDangerous' timed tokens, with what never changes made once.

The tokens are those of a plain ``URLSafeTimedSerializer``; short ones are never compressed.
"""

from __future__ import annotations

import hmac
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable
from typing import Any
from zlib import compress, decompress

from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from itsdangerous.signer import HMACAlgorithm

# PERF: compressing takes a third of the time of writing, and saves few of so few bytes.
_SHORTEST_COMPRESSED = 128
# Base64 for URLs (RFC 4648, section 5); ItsDangerous leaves the padding out.
_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_", b"+/")
# RFC 2104, section 2: the key with each byte of ipad, and of opad.
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


def begin_hmac(digest_method: Any, key: bytes) -> tuple[Any, Any] | None:
    """What HMAC has digested when it has taken the key (RFC 2104, section 4): the inner digest, and
    the outer one. ``None`` where only the library knows what to do."""
    if not callable(digest_method):
        # PEP 247 has modules, too.
        return None
    new: Callable[..., Any] = digest_method
    digest = new()
    block = getattr(digest, "block_size", 0)
    # The library takes another size for so small a block, and a digest without a size of its own is
    # none for HMAC.
    if block < 16 or not getattr(digest, "digest_size", 0):
        return None
    padded = (new(key).digest() if len(key) > block else key).ljust(block, b"\0")
    return new(padded.translate(_INNER)), new(padded.translate(_OUTER))


def signed_at(token: str) -> int | None:
    """When a token was signed, in seconds; ``None`` for one of another form."""
    try:
        stamp = token.rsplit(".", 2)[1].encode().translate(_FROM_URL)
        return int.from_bytes(a2b_base64(stamp + b"==="), "big")
    except (ValueError, IndexError):
        return None


class CachingSerializer(URLSafeTimedSerializer):
    """A serializer with :meth:`read` and :meth:`write`, which are quick.

    PERF: they leave out the signer that ItsDangerous makes for each token, with its keys. What they
    do not read goes to ItsDangerous, which knows what is wrong with it; and so does everything
    where anything but the parameters of a plain serializer is another one.
    """

    # Of each key, the newest first, what HMAC begins with. None before it is made; empty where
    # ItsDangerous has to do it all.
    _begun: list[tuple[Any, Any]] | None = None
    # The last second that something was signed in, and how it is written.
    _stamp: tuple[int, bytes] = (-1, b"")
    _now: Callable[[], int]

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        vars(self).pop("_begun", None)

    def _begin(self) -> list[tuple[Any, Any]]:
        signer: Any = self.make_signer(self.salt)
        begun: list[tuple[Any, Any] | None] = []
        if (
            type(self) is CachingSerializer
            and type(signer) is TimestampSigner
            and type(signer.algorithm) is HMACAlgorithm
            and signer.sep == b"."
            and self.is_text_serializer
            and not self.serializer_kwargs
            and not self.fallback_signers
            # No method is replaced.
            and not (vars(self).keys() - _STATE) & set(dir(CachingSerializer))
        ):
            vars(self)["_now"] = signer.get_timestamp
            digest = signer.algorithm.digest_method
            begun = [begin_hmac(digest, signer.derive_key(key)) for key in signer.secret_keys]
        made = [] if None in begun else [pair for pair in reversed(begun) if pair]
        vars(self)["_begun"] = made
        return made

    def read(self, token: str, max_age: int) -> Any:
        """What ``loads(token, max_age)`` gives.

        :raises itsdangerous.BadData: for a token that is not ours, or too old
        """
        begun = self._begun
        if begun is None:
            begun = self._begin()
        try:
            payload, stamp, signature = token.encode().translate(_FROM_URL).rsplit(b".", 2)
            given = a2b_base64(signature + b"===")
            signed = token[: -1 - len(signature)].encode()
            for inner, outer in begun:
                first, last = inner.copy(), outer.copy()
                first.update(signed)
                last.update(first.digest())
                if hmac.compare_digest(last.digest(), given):
                    made = int.from_bytes(a2b_base64(stamp + b"==="), "big")
                    if 0 <= self._now() - made <= max_age:
                        # A dot in front tells that it is compressed. Base64 passes over it.
                        data = a2b_base64(payload + b"===")
                        if payload[:1] == b".":
                            data = decompress(data)
                        return self.serializer.loads(data.decode())
                    break
        except Exception:
            # None of ours, or signed with our key by somebody else: it is loaded for the error.
            pass
        return self.loads(token, max_age=max_age)

    def write(self, obj: Any) -> str:
        """What ``dumps(obj)`` gives, or the same without compression."""
        begun = self._begun
        if begun is None:
            begun = self._begin()
        if not begun:
            return self.dumps(obj)
        data, mark = self.serializer.dumps(obj).encode(), b""
        if len(data) >= _SHORTEST_COMPRESSED:
            compressed = compress(data)
            if len(compressed) < len(data) - 1:
                data, mark = compressed, b"."
        second, stamp = self._stamp
        now = self._now()
        if now != second:
            written = b2a_base64(now.to_bytes((now.bit_length() + 7) // 8, "big"), newline=False)
            stamp = b"." + written.translate(_TO_URL, b"=")
            vars(self)["_stamp"] = now, stamp
        signed = mark + b2a_base64(data, newline=False).translate(_TO_URL, b"=") + stamp
        inner, outer = begun[0]
        first, last = inner.copy(), outer.copy()
        first.update(signed)
        last.update(first.digest())
        signature = b2a_base64(last.digest(), newline=False).translate(_TO_URL, b"=")
        return (signed + b"." + signature).decode()


_STATE = {"_begun", "_stamp", "_now"}
