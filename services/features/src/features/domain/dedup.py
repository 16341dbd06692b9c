"""Duplicates within a stated horizon: one compact key set an event day, and one an arrival day.

An event whose campus day lies within `horizon` days behind the partition's newest day is looked up
among the events of its own day. Any other one (older, ahead of its time, unreadable time) is looked
up among its kind that arrived within the last `horizon` days of the log. Whether an event is a
duplicate depends on the log alone, never on how it was cut into batches.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from features.domain.keys import Keys

_SMALLEST = 64
_MERGE_AT = 1024
_MOST_CHUNKS = 64


class KeyChunk(Protocol):
    """Keys that a checkpoint saved."""

    @property
    def is_arrival(self) -> bool: ...
    @property
    def day(self) -> int: ...
    @property
    def keys(self) -> bytes: ...


class KeySet:
    """A set of non-zero 64-bit keys: sorted ones, and new ones in an open-addressing table."""

    def __init__(self, keys: Keys | None = None) -> None:
        self._sorted: Keys = np.sort(keys) if keys is not None else np.empty(0, np.uint64)
        self._table: Keys = np.zeros(_SMALLEST, np.uint64)
        self._used = 0

    def __len__(self) -> int:
        return len(self._sorted) + self._used

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self._sorted.nbytes + self._table.nbytes

    def add(self, keys: Keys) -> NDArray[np.bool_]:
        """Add distinct keys; return which of them were new."""
        new = ~self._among_sorted(keys)
        fresh = keys[new] if len(self._sorted) else keys
        self._reserve(len(fresh))
        added = self._insert(fresh)
        self._used += int(np.count_nonzero(added))
        new[new] = added
        return new

    def keys(self) -> Keys:
        """Return all keys, in no order."""
        return np.concatenate([self._sorted, self._table[self._table != 0]])

    def settle(self, *, at_least: int = 1) -> None:
        """Sort the table away when it holds so many keys: 8 bytes a key instead of 16 to 32."""
        if self._used >= max(at_least, len(self._sorted) // 4):
            fresh = self._table[self._table != 0]
            self._sorted = np.sort(np.concatenate([self._sorted, fresh]))
            self._table, self._used = np.zeros(_SMALLEST, np.uint64), 0

    def _among_sorted(self, keys: Keys) -> NDArray[np.bool_]:
        if not len(self._sorted):
            return np.zeros(len(keys), np.bool_)
        place = np.minimum(np.searchsorted(self._sorted, keys), len(self._sorted) - 1)
        found: NDArray[np.bool_] = self._sorted[place] == keys
        return found

    def _reserve(self, more: int) -> None:
        size = len(self._table)
        while (self._used + more) * 2 > size:
            size *= 2
        if size > len(self._table):
            old = self._table[self._table != 0]
            self._table = np.zeros(size, np.uint64)
            self._insert(old)

    def _insert(self, keys: Keys) -> NDArray[np.bool_]:
        """Probe all keys in step; those that share a free place agree by reading it again."""
        table, mask = self._table, np.uint64(len(self._table) - 1)
        new = np.zeros(len(keys), np.bool_)
        todo = np.arange(len(keys))
        at = (keys & mask).astype(np.intp)
        while len(todo):
            held = table[at]
            free = held == 0
            table[at[free]] = keys[free]
            mine = table[at] == keys
            new[todo[free & mine]] = True
            rest = ~mine
            todo, keys = todo[rest], keys[rest]
            at = (at[rest] + 1) & int(mask)
        return new


@dataclass
class Seen:
    """What one partition has seen; `unsaved` holds what the next checkpoint must add."""

    horizon: int
    by_day: dict[int, KeySet] = field(default_factory=dict)
    by_arrival: dict[int, set[int]] = field(default_factory=dict)
    unsaved: dict[tuple[bool, int], list[Keys]] = field(default_factory=dict)
    _chunks: dict[tuple[bool, int], int] = field(default_factory=dict)

    def add_of_day(self, day: int, keys: Keys) -> NDArray[np.bool_]:
        """Add keys of events of one day within the horizon, in order; return which are new."""
        distinct, first = np.unique(keys, return_index=True)
        known = self.by_day.get(day)
        if known is None:
            known = self.by_day[day] = KeySet()
        added = known.add(distinct)
        new = np.zeros(len(keys), np.bool_)
        new[first[added]] = True
        if added.any():
            self.unsaved.setdefault((False, day), []).append(distinct[added])
        return new

    def add_outlier(self, arrival: int, key: int) -> bool:
        """Add one event outside the horizon, arriving when `arrival` was the newest day."""
        recent = range(arrival - self.horizon, arrival + 1)
        if any(key in keys for day, keys in self.by_arrival.items() if day in recent):
            return False
        self.by_arrival.setdefault(arrival, set()).add(key)
        self.unsaved.setdefault((True, arrival), []).append(np.array([key], np.uint64))
        return True

    def advance(self, newest: int) -> None:
        """Forget what is behind the horizon and pack what is no longer busy."""
        oldest = newest - self.horizon
        for day in [day for day in self.by_day if day < oldest]:
            del self.by_day[day]
        for day in [day for day in self.by_arrival if day < oldest]:
            del self.by_arrival[day]
        for kinds in (self.unsaved, self._chunks):
            for kind in [kind for kind in kinds if kind[1] < oldest]:
                del kinds[kind]
        for day, keys in self.by_day.items():
            if day < newest - 1:
                keys.settle(at_least=_MERGE_AT)

    def load(self, chunks: Iterable[KeyChunk]) -> None:
        """Take over what checkpoints saved."""
        found: dict[tuple[bool, int], list[Keys]] = {}
        for chunk in chunks:
            kind = chunk.is_arrival, chunk.day
            found.setdefault(kind, []).append(np.frombuffer(chunk.keys, "<u8"))
        for kind, parts in found.items():
            is_arrival, day = kind
            keys = np.concatenate(parts)
            self._chunks[kind] = len(parts)
            if is_arrival:
                self.by_arrival[day] = set(keys.tolist())
            else:
                self.by_day[day] = KeySet(keys)

    def take_unsaved(self) -> dict[tuple[bool, int], tuple[bytes, bool]]:
        """Return and forget the keys added since the last checkpoint.

        A day saved in many pieces is written anew in one (True beside the keys): a start would
        otherwise read ever more pieces.
        """
        taken = {}
        for kind, parts in self.unsaved.items():
            saved = self._chunks.get(kind, 0)
            whole = saved >= _MOST_CHUNKS
            keys = self._all_keys(kind) if whole else np.concatenate(parts)
            taken[kind] = (keys.tobytes(), whole)
            self._chunks[kind] = 1 if whole else saved + 1
        self.unsaved = {}
        return taken

    def _all_keys(self, kind: tuple[bool, int]) -> Keys:
        is_arrival, day = kind
        if is_arrival:
            return np.array(sorted(self.by_arrival[day]), np.uint64)
        return self.by_day[day].keys()

    @property
    def nbytes(self) -> int:
        """Bytes held, about."""
        return sum(keys.nbytes for keys in self.by_day.values())
