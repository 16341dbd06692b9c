"""Ed25519 signatures of audit heads, under a key that is not in the database."""

import base64
import hashlib
import hmac

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class HeadSigner:
    """Signs and checks; the key is derived from the vault key unless one is given."""

    def __init__(self, seed: bytes) -> None:
        derived = hmac.digest(seed, b"lantern audit signing v1", hashlib.sha256)
        self._key = Ed25519PrivateKey.from_private_bytes(derived)

    def sign(self, message: bytes) -> str:
        return base64.b64encode(self._key.sign(message)).decode()

    def is_signature(self, message: bytes, signature: str) -> bool:
        try:
            self._key.public_key().verify(base64.b64decode(signature), message)
        except (InvalidSignature, ValueError):
            return False
        return True
