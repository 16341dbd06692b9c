"""The ids accepted within the horizon, as 16-byte digests, grouped by the day they were received.

One set answers; one packed string a day forgets. About 120 bytes an event in memory, 16 on disk.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from hashlib import blake2b

DIGEST_BYTES = 16


def digest_of(source: str, event_id: str) -> bytes:
    """Return what stands for (source, id); the separator cannot occur in either."""
    return blake2b(f"{source}\x1f{event_id}".encode(), digest_size=DIGEST_BYTES).digest()


def unpack(packed: bytes) -> list[bytes]:
    """Return the digests of a packed string."""
    return [packed[i : i + DIGEST_BYTES] for i in range(0, len(packed), DIGEST_BYTES)]


class SeenSet:
    """A set of digests with a horizon of days and a limit on its size."""

    def __init__(self, horizon_days: int, most: int) -> None:
        self._horizon = timedelta(days=horizon_days)
        self._most = most
        self._all: set[bytes] = set()
        self._days: dict[date, list[bytes]] = {}

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._all

    def __len__(self) -> int:
        return len(self._all)

    @property
    def known(self) -> set[bytes]:
        """The set itself, for the hot loop; read only."""
        return self._all

    def add(self, received_on: date, digests: Iterable[bytes]) -> None:
        packed = b"".join(digests)
        self._days.setdefault(received_on, []).append(packed)
        self._all.update(unpack(packed))

    def forget(self, today: date) -> list[date]:
        """Drop days beyond the horizon, then the oldest while there are too many; return them."""
        dropped = []
        for day in sorted(self._days):
            is_old = day < today - self._horizon
            is_too_much = len(self._all) > self._most and day != today
            if not (is_old or is_too_much):
                break
            for packed in self._days.pop(day):
                self._all.difference_update(unpack(packed))
            dropped.append(day)
        return dropped
