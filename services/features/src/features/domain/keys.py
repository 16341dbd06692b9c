"""Sixty-four-bit keyed hashes of (source, id, campus day), a whole batch at once.

An identifier is cut into 8-byte words; each word goes through a bijection (so that texts which
differ in one character differ in all bits) and the words are summed with secret odd weights. Two
different identifiers meet with a chance of about 2^-60 for a key the sender does not know.
"""

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
_WORD = 8
_MAX_WORDS = 16
_LONGEST = _WORD * _MAX_WORDS
_SOURCES = 100_000
_M1, _M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S1, _S2, _S3 = np.uint64(30), np.uint64(27), np.uint64(31)


def mix(words: Keys) -> Keys:
    """Return the finaliser of splitmix64: a bijection that maps zero to zero."""
    words = (words ^ (words >> _S1)) * _M1
    words = (words ^ (words >> _S2)) * _M2
    return words ^ (words >> _S3)


class _Salts(dict[str, int]):
    """Hashes of sources, remembered; there are few."""

    def __init__(self, digest: Callable[[str], int]) -> None:
        super().__init__()
        self._digest = digest

    def __missing__(self, source: str) -> int:
        if len(self) >= _SOURCES:
            self.clear()
        salt = self[source] = self._digest(source)
        return salt


class KeyMaker:
    """Makes keys under one secret; the same secret must be used as long as keys are kept."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret[:64]
        raw = hashlib.shake_256(b"weights" + self._secret).digest(_WORD * (_MAX_WORDS + 2))
        self._weights: Keys = np.frombuffer(raw, "<u8") | np.uint64(1)
        self._sources = _Salts(self._digest)

    def keys(self, sources: Sequence[str], ids: Sequence[str], days: NDArray[np.int64]) -> Keys:
        """Return one non-zero key for each (source, id, day)."""
        salts = self._sources
        salt = np.fromiter(map(salts.__getitem__, sources), np.uint64, len(sources))
        mixed = mix(self._texts(ids) + salt + mix(days.astype(np.uint64) * self._weights[0]))
        mixed[mixed == 0] = 1
        return mixed

    def _digest(self, text: str) -> int:
        raw = hashlib.blake2b(
            text.encode("utf-8", "surrogatepass"), digest_size=_WORD, key=self._secret
        )
        return int.from_bytes(raw.digest(), "little")

    def _texts(self, ids: Sequence[str]) -> Keys:
        """Hash texts; a text that is long or not ASCII takes the slow way, whatever its company."""
        if "".join(ids).isascii() and max(map(len, ids), default=0) <= _LONGEST:
            return self._short(ids)
        plain = [i for i, text in enumerate(ids) if len(text) <= _LONGEST and text.isascii()]
        hashes = np.array([self._digest(text) for text in ids], np.uint64)
        hashes[plain] = self._short([ids[i] for i in plain])
        return hashes

    def _short(self, ids: Sequence[str]) -> Keys:
        if not ids:
            return np.empty(0, np.uint64)
        lengths = np.fromiter(map(len, ids), np.uint64, len(ids))
        words = -(-int(lengths.max()) // _WORD) or 1
        table = np.array(ids, dtype=f"S{words * _WORD}").view("<u8").reshape(-1, words)
        total: Keys = lengths * self._weights[-1]
        for place in range(words):
            total += mix(table[:, place]) * self._weights[place + 1]
        return total
