"""Keys derived from the dead-letter key, so that operators hold one secret and not three."""

import hashlib
import hmac

_PEPPER_LABEL = b"lantern ingest: hashes of feed keys, v1"
_LETTER_LABEL = b"lantern ingest: ids of dead letters, v1"
_ID_CHARACTERS = 32


def pepper_from(dead_letter_key: bytes) -> bytes:
    """Return the key of the API keys' hashes: a stolen database alone proves no guess."""
    return hmac.digest(dead_letter_key, _PEPPER_LABEL, "sha256")


def letter_key_from(dead_letter_key: bytes) -> bytes:
    """Return the key of dead letters' ids: an id confirms no guess of what was sent."""
    return hmac.digest(dead_letter_key, _LETTER_LABEL, "sha256")


def letter_id(letter_key: bytes, feed: str, reason: str, payload: bytes) -> str:
    """Return the id that the same bytes, refused for the same reason, always get."""
    mac = hmac.new(letter_key, f"{feed}\x1f{reason}\x1f".encode(), hashlib.sha256)
    mac.update(payload)
    return f"dead_{mac.hexdigest()[:_ID_CHARACTERS]}"
