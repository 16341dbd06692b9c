"""The tick itself: the moment, and every feed's health and last days, for all partitions alike."""

from collections.abc import Callable, Iterable, Mapping
from zoneinfo import ZoneInfo

from ingest.domain.feed import Feed
from ingest.domain.ledger import FeedBook
from ingest.domain.yields import closed_days
from shared.contracts.event import FeedYield, Tick
from shared.contracts.feed import FeedState
from shared.kernel.campus_time import campus_day, parse_utc
from shared.kernel.ids import stable_id

TICK_KEY = "tick"
StateOf = Callable[[Feed, FeedBook], FeedState]


def make_tick(
    time: str,
    feeds: Iterable[Feed],
    books: Mapping[str, FeedBook],
    *,
    zone: ZoneInfo,
    state_of: StateOf,
) -> Tick:
    """Build the tick of a moment; the same books always give the same tick."""
    today = campus_day(parse_utc(time), zone)
    yields = []
    for feed in sorted(feeds, key=lambda feed: feed.id):
        book = books[feed.id]
        state = state_of(feed, book)
        yields.append(
            FeedYield(
                feed=feed.id,
                types=list(feed.types),
                state="late" if state == "new" else state,
                days=closed_days(book.days, today, feed.cadence_s, state),
            )
        )
    return Tick(id=stable_id("tick", time), time=time, feeds=yields)
