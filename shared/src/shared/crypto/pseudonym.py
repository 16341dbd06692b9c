"""Pseudonyms: HMAC-SHA-256 of a student number under a campus key, with the key id in the value."""

import hashlib
import hmac

_DIGEST_CHARACTERS = 32  # 128 bits


class Pseudonymiser:
    """Turns student numbers into pseudonyms such as `p1:5e0c…`; only directory can turn them back.

    Results are remembered for `cache_size` numbers, since campus feeds repeat the same people.
    """

    def __init__(self, key_id: str, key: bytes, *, cache_size: int = 200_000) -> None:
        self._prefix = f"{key_id}:"
        self._mac = hmac.new(key, digestmod=hashlib.sha256)
        self._cache: dict[str, str] = {}
        self._cache_size = cache_size

    def pseudonym(self, student_number: str) -> str:
        """Return the pseudonym; surrounding white space and letter case do not matter."""
        known = self._cache.get(student_number)
        return known if known is not None else self._compute(student_number)

    def _compute(self, student_number: str) -> str:
        mac = self._mac.copy()
        mac.update(student_number.strip().upper().encode())
        value = self._prefix + mac.hexdigest()[:_DIGEST_CHARACTERS]
        if len(self._cache) >= self._cache_size:
            self._cache.clear()
        self._cache[student_number] = value
        return value
