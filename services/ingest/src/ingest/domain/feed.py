"""A feed: one campus system that sends events, with what may be expected of it."""

from dataclasses import dataclass
from datetime import datetime

from shared.contracts.event import EVENT_TYPES
from shared.kernel.errors import RuleBrokenError

FEED_ID = r"^[a-z][a-z0-9_-]{0,63}$"
DAY_S = 86_400.0


@dataclass(frozen=True)
class Feed:
    """What was registered: who answers for it, what it may send, how often it is heard at least.

    `rate_per_s` bounds the events a second that its keys may send.
    """

    id: str
    owner: str
    types: tuple[str, ...]
    cadence_s: float
    rate_per_s: float
    registered_at: datetime


@dataclass(frozen=True)
class FeedKey:
    """One API key of a feed; only its prefix and its keyed hash are kept.

    `types` narrows what the feed may send; empty means all types of the feed.
    """

    id: str
    feed: str
    prefix: str
    mac: str
    types: tuple[str, ...]
    created_at: datetime
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None

    @property
    def is_active(self) -> bool:
        return self.revoked_at is None


def known_types(types: tuple[str, ...], field: str = "types") -> tuple[str, ...]:
    """Return the types sorted and without repeats.

    Raises:
        RuleBrokenError: one is not an event type of this project.
    """
    for position, name in enumerate(types):
        if name not in EVENT_TYPES:
            known = ", ".join(sorted(EVENT_TYPES))
            raise RuleBrokenError(
                "unknown_type", f"not an event type; known are {known}", field=f"{field}/{position}"
            )
    return tuple(sorted(set(types)))
