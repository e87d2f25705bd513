"""ItsDangerous's signing, with what never changes made once.

The signatures are the same as those of a plain ``URLSafeTimedSerializer``.
"""

from __future__ import annotations

import hmac
from typing import Any

from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from itsdangerous.signer import HMACAlgorithm


class _FastHMAC(HMACAlgorithm):
    """HMAC in one call of the C library, where the digest has a name."""

    def __init__(self, digest_method: Any) -> None:
        super().__init__(digest_method)
        self._name: str = digest_method().name

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return hmac.digest(key, value, self._name)


class CachingSigner(TimestampSigner):
    """A signer that derives each key once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._derived: dict[Any, bytes] = {}
        if type(self.algorithm) is HMACAlgorithm:
            self.algorithm = _FastHMAC(self.digest_method)

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        key = self._derived.get(secret_key)
        if key is None:
            key = self._derived[secret_key] = super().derive_key(secret_key)
        return key


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
