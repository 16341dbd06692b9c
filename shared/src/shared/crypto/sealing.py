"""Sealed bytes: AES-256-GCM with the key id in front and associated data that binds the place."""

import base64
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.kernel.errors import LanternError

_NONCE_BYTES = 12


class UnsealableError(LanternError):
    """The value was altered, belongs to another place, or its key is not here."""


class Sealer:
    """Seals under the current key, opens under any key it was given (rotation)."""

    def __init__(self, key_id: str, keys: dict[str, bytes]) -> None:
        self.key_id = key_id
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}

    def seal(self, plain: bytes, place: str) -> str:
        """Return `key_id.base64(nonce + ciphertext)`; `place` is such as `people:name:17`."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + self._ciphers[self.key_id].encrypt(nonce, plain, place.encode())
        return f"{self.key_id}.{base64.b64encode(sealed).decode()}"

    def open(self, sealed: str, place: str) -> bytes:
        """Return the plain bytes.

        Raises:
            UnsealableError: altered, moved to another place, or sealed under an unknown key.
        """
        key_id, _, body = sealed.partition(".")
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise UnsealableError(f"no key {key_id!r} to open this value")
        try:
            raw = base64.b64decode(body, validate=True)
            return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError):
            raise UnsealableError("the sealed value was altered or moved") from None
