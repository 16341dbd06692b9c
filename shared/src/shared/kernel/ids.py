"""Identifiers: random ones for new things, stable ones for what may be published twice."""

import hashlib
import secrets

_ID_BYTES = 16


def new_id(prefix: str) -> str:
    """Return a fresh random identifier such as `alert_3f0c…` (128 bits)."""
    return f"{prefix}_{secrets.token_hex(_ID_BYTES)}"


def stable_id(prefix: str, *parts: str | int) -> str:
    """Return the identifier that the same parts always give, so that a repeat is recognised."""
    text = "\x1f".join(str(part) for part in parts)
    return f"{prefix}_{hashlib.sha256(text.encode()).hexdigest()[: 2 * _ID_BYTES]}"
