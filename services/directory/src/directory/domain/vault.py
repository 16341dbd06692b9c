"""The identity vault: names, numbers and addresses sealed by place, found by keyed hash only."""

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Literal

from shared.crypto.sealing import Sealer

Column = Literal["name", "number", "email", "webhook"]
COLUMNS: tuple[Column, ...] = ("name", "number", "email", "webhook")
_HASH_CHARACTERS = 32


@dataclass(frozen=True)
class Identity:
    """What the vault hides. Its parts never appear in a repr."""

    name: str = field(repr=False)
    number: str = field(repr=False)
    email: str = field(repr=False)
    webhook: str = field(repr=False)


class Vault:
    """Seals and opens identities under AES-GCM; the place `people:<column>:<person>` is bound in.

    Hashes use a key derived from the vault key, so that a copy of the database cannot be searched.
    """

    def __init__(self, sealer: Sealer, key: bytes) -> None:
        self._sealer = sealer
        self._lookup_key = hmac.digest(key, b"lantern directory lookup v1", hashlib.sha256)

    def seal(self, person: str, identity: Identity) -> dict[Column, str]:
        """Return the sealed columns; an empty value stays empty."""
        return {
            column: self._sealer.seal(text.encode(), _place(column, person)) if text else ""
            for column in COLUMNS
            if (text := getattr(identity, column)) is not None
        }

    def open(self, person: str, sealed: dict[Column, str]) -> Identity:
        """Return the identity; raises UnsealableError when a value was altered or moved."""
        return Identity(
            **{column: self.open_one(person, column, sealed[column]) for column in COLUMNS}
        )

    def open_one(self, person: str, column: Column, sealed: str) -> str:
        return self._sealer.open(sealed, _place(column, person)).decode() if sealed else ""

    def person_id(self, source_id: str) -> str:
        """Return the opaque id that a roster's id always gives; the roster's own id is not kept."""
        return f"person_{self.mac('source', source_id)}"

    def mac(self, purpose: str, *parts: str) -> str:
        """Return a keyed hash, apart by purpose."""
        message = "\x1f".join((purpose, *parts)).encode()
        return hmac.digest(self._lookup_key, message, hashlib.sha256).hex()[:_HASH_CHARACTERS]


def _place(column: str, person: str) -> str:
    return f"people:{column}:{person}"
