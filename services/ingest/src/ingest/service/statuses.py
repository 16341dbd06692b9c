"""How every feed does, from the registry and the books."""

from collections.abc import Mapping
from datetime import timedelta

from ingest.domain.feed import Feed
from ingest.domain.ledger import Counts, FeedBook, Ledger
from ingest.domain.status import state_at, state_of
from ingest.domain.yields import share
from ingest.service.feeds import FeedService
from ingest.service.rounds import RoundPolicy
from shared.contracts.feed import FeedState, FeedStatus
from shared.kernel.campus_time import campus_day, format_utc, parse_utc
from shared.kernel.clock import Clock


class Statuses:
    """Reports feeds' health; nothing here changes anything."""

    def __init__(
        self,
        feeds: FeedService,
        ledger: Ledger,
        policy: RoundPolicy,
        clock: Clock,
    ) -> None:
        self._feeds, self._ledger, self._mode = feeds, ledger, policy.mode
        self._zone, self._clock = policy.boundaries.zone, clock

    def all(self) -> list[FeedStatus]:
        return [self._status(feed) for feed in self._feeds.all()]

    def of(self, feed_id: str) -> FeedStatus:
        """Return one feed's status; raises NotFoundError."""
        return self._status(self._feeds.get(feed_id))

    def _status(self, feed: Feed) -> FeedStatus:
        book, now = self._ledger.book(feed.id), self._clock.now()
        state = self._state(feed, book)
        received, newest = book.last_received, book.last_event
        moment = parse_utc(watermark) if (watermark := self._watermark()) else now
        closed = campus_day(moment, self._zone) - timedelta(days=1)
        return FeedStatus(
            feed=feed.id,
            owner=feed.owner,
            types=list(feed.types),
            cadence_s=feed.cadence_s,
            state=state,
            at=format_utc(now),
            last_event_at=newest,
            last_received_at=format_utc(received) if received else None,
            lag_s=max(0.0, (received - parse_utc(newest)).total_seconds())
            if received and newest
            else None,
            yield_share=share(book.days, closed, feed.cadence_s, state) if newest else None,
            accepted=book.counts.accepted,
            duplicate=book.counts.duplicate,
            rejected=book.counts.rejected,
        )

    def _watermark(self) -> str | None:
        return self._ledger.clock.reached if self._mode == "event" else None

    def _state(self, feed: Feed, book: FeedBook) -> FeedState:
        """Judge by the wall clock; in a replay a feed may also be dead by the events' own time."""
        now, watermark = self._clock.now(), self._watermark()
        state = state_of(book.sightings, feed.cadence_s, feed.registered_at, now)
        if watermark is None or state in ("new", "dead"):
            return state
        return state_at(book.last_event, feed.cadence_s, self._ledger.clock.started, watermark)


def total(books: Mapping[str, FeedBook]) -> Counts:
    """Return the sum of all feeds' counts."""
    return sum((book.counts for book in books.values()), Counts())
