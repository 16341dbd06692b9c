"""What the ticks told about feeds: types, state, and the yield of each day still in the ring."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from shared.contracts.event import FeedYield
from shared.features.slots import RING_DAYS

_EPOCH = date(1970, 1, 1)


def day_number(text: str) -> int:
    """Return the days since 1970 of `YYYY-MM-DD`."""
    return (date.fromisoformat(text) - _EPOCH).days


def day_text(number: int) -> str:
    """Return `YYYY-MM-DD` of days since 1970."""
    return (_EPOCH + timedelta(days=number)).isoformat()


@dataclass
class KnownFeed:
    """One feed as the last tick saw it; `shares` are yields by campus day number."""

    types: tuple[str, ...]
    state: str
    shares: dict[int, float] = field(default_factory=dict)


@dataclass
class Yields:
    """All feeds of the campus; a later tick corrects what an earlier one said of a day."""

    feeds: dict[str, KnownFeed] = field(default_factory=dict)

    def update(self, told: Sequence[FeedYield], newest: int) -> None:
        """Take over one tick's facts; days before the ring are forgotten."""
        for one in told:
            known = self.feeds.setdefault(one.feed, KnownFeed((), "alive"))
            known.types, known.state = tuple(one.types), one.state
            for day in one.days:
                known.shares[day_number(day.day)] = day.yield_share
        for known in self.feeds.values():
            for number in [n for n in known.shares if n <= newest - RING_DAYS]:
                del known.shares[number]

    def to_dict(self) -> dict[str, Any]:
        return {
            name: {
                "types": list(feed.types),
                "state": feed.state,
                "shares": {str(day): share for day, share in feed.shares.items()},
            }
            for name, feed in sorted(self.feeds.items())
        }

    @classmethod
    def from_dict(cls, raw: dict[str, Any]) -> "Yields":
        return cls(
            {
                name: KnownFeed(
                    tuple(feed["types"]),
                    feed["state"],
                    {int(day): share for day, share in feed["shares"].items()},
                )
                for name, feed in raw.items()
            }
        )
