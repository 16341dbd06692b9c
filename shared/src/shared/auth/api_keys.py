"""API keys of feeds and machines: shown once, stored as a keyed hash, compared in constant time."""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

from shared.kernel.errors import UnauthenticatedError

_SECRET_BYTES = 32
_FORM = re.compile(r"lk_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True)
class NewKey:
    """A fresh key: `text` is given to its owner once, `id` and `digest` are stored."""

    id: str
    digest: str
    text: str = field(repr=False)


class ApiKeys:
    """Issues and checks keys of the form `lk_<id>_<secret>`; the id is visible and not secret.

    The digest is HMAC-SHA-256 under `pepper`, which is not in the database, so a copy of the table
    opens nothing.
    """

    def __init__(self, pepper: bytes) -> None:
        self._pepper = pepper

    def issue(self) -> NewKey:
        key_id = secrets.token_hex(6)
        body = base64.urlsafe_b64encode(secrets.token_bytes(_SECRET_BYTES)).rstrip(b"=").decode()
        text = f"lk_{key_id}_{body}"
        return NewKey(id=key_id, digest=self.digest(text), text=text)

    def digest(self, text: str) -> str:
        return hmac.new(self._pepper, text.encode(), hashlib.sha256).hexdigest()

    def matches(self, text: str, digest: str) -> bool:
        """Say whether a presented key is the stored one, in constant time."""
        return hmac.compare_digest(self.digest(text), digest)


def key_id(text: str) -> str:
    """Return the visible id of a presented key, to find its row.

    Raises:
        UnauthenticatedError: this is not a key of ours.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise UnauthenticatedError("api_key_malformed", "this is not an API key")
    return match[1]
