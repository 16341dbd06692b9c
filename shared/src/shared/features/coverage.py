"""What the feeds delivered of what was due: yields a day and event type, and evidence a student.

Shares are whole thousandths, so that every sum is exact. A day without an entry of any feed for a
type counts as nothing delivered. Several feeds of one type count alike: with one of two gates dead,
half of the passes are lost.
"""

from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np

from shared.contracts.event import FeedYield
from shared.contracts.feed import FeedState
from shared.features.frame import Array, Bools, Frame, weeks_back
from shared.features.slots import PRESENCE, TYPE_BIT, TYPES

FULL = 1000
OBSERVED = 600  # of the due evidence make a day observed; one of two like feeds alone does not
EPOCH = date(1970, 1, 1).toordinal()


def day_number(text: str) -> int:
    """Return the day number (since 1970) of an ISO date."""
    return date.fromisoformat(text).toordinal() - EPOCH


class YieldBook:
    """The yields that ticks have told of, a feed and day; the last word on a day wins."""

    def __init__(self) -> None:
        self._types: dict[str, tuple[str, ...]] = {}
        self._states: dict[str, FeedState] = {}
        self._shares: dict[str, dict[int, int]] = {}

    def absorb(self, feeds: Iterable[FeedYield]) -> None:
        """Take in one tick's feeds."""
        for feed in feeds:
            self._types[feed.feed] = tuple(feed.types)
            self._states[feed.feed] = feed.state
            shares = self._shares.setdefault(feed.feed, {})
            for day in feed.days:
                shares[day_number(day.day)] = round(day.yield_share * FULL)

    def forget_before(self, day: int) -> None:
        """Drop what is older than the ring."""
        for feed, shares in self._shares.items():
            self._shares[feed] = {at: share for at, share in shares.items() if at >= day}

    def dead(self) -> list[str]:
        """Return the feeds that the last tick called dead, sorted."""
        return sorted(feed for feed, state in self._states.items() if state == "dead")

    def matrix(self, end_day: int, days: int) -> Array:
        """Return `[days, types]` thousandths for the days that end with `end_day`."""
        total = np.zeros((days, len(TYPES)), dtype=np.int64)
        count = np.zeros_like(total)
        first = end_day - days + 1
        for feed, shares in sorted(self._shares.items()):
            columns = [TYPES.index(kind) for kind in self._types[feed] if kind in TYPE_BIT]
            told = np.fromiter(shares.items(), np.dtype("i8,i8"), len(shares))
            row, share = told["f0"] - first, told["f1"]
            inside = (row >= 0) & (row < days)
            cells = np.ix_(row[inside], np.array(columns, dtype=np.int64))
            total[cells] += share[inside, None]
            count[cells] += 1
        return (total // np.maximum(count, 1)).astype(np.int32)

    def dump(self) -> dict[str, object]:
        """Return plain data for a checkpoint, in a fixed order."""
        return {
            feed: [
                list(self._types[feed]),
                self._states[feed],
                sorted(self._shares[feed].items()),
            ]
            for feed in sorted(self._shares)
        }

    @classmethod
    def restore(
        cls, data: dict[str, tuple[Sequence[str], FeedState, Sequence[tuple[int, int]]]]
    ) -> "YieldBook":
        """Return the book that `dump` described."""
        book = cls()
        for feed, (types, state, shares) in data.items():
            book._types[feed] = tuple(types)
            book._states[feed] = state
            book._shares[feed] = {int(day): int(share) for day, share in shares}
        return book


def due_from(types: Sequence[str], yields: Array) -> Array:
    """Return `[days]`: the least yield of the types that an indicator cannot do without."""
    columns = [TYPES.index(kind) for kind in types]
    least: Array = yields[:, columns].min(axis=1)
    return least


def usual_evidence(frame: Frame, yields: Array) -> Array:
    """Return `[n, days]`: yields weighted by the days on which each type did see the student.

    So a student who is known by card and gate is judged by these two, and one whom no feed has
    ever seen by none.
    """
    seen, columns = frame.slot("seen"), [TYPES.index(kind) for kind in PRESENCE]
    bits = np.unpackbits(seen.reshape(-1).view(np.uint8), bitorder="little")
    days = bits.reshape(*seen.shape, 8 * seen.itemsize).sum(axis=1, dtype=np.uint8)
    weights = days[:, columns].astype(np.float64)
    due = weights @ yields[:, columns].T.astype(np.float64)  # whole numbers, so exact in any order
    total = np.maximum(weights.sum(axis=1), 1.0)[:, None]
    shares: Array = due.astype(np.int32) // total.astype(np.int32)
    return shares


def covered(evidence: Array, on_campus: Bools) -> Array:
    """Return `[n, 12]`: delivered over expected evidence, 0..1, of unmasked days of 1..12 weeks."""
    days = (on_campus.astype(np.float32) @ _LAST_WEEKS).astype(np.float64)
    delivered = np.multiply(evidence, on_campus, dtype=np.float32) @ _LAST_WEEKS
    shares: Array = delivered.astype(np.float64) / np.maximum(days * FULL, 1)
    return shares


_LAST_WEEKS = weeks_back()
