"""The accept path as imports use it: events as from HTTP, and rows that gave no event."""

from collections.abc import Sequence

from ingest.domain.imports import RefusedRow
from ingest.domain.keys import letter_id
from ingest.domain.letters import seal_place
from ingest.domain.ports import Entry
from ingest.domain.results import EventResult
from ingest.domain.seen import digest_of
from ingest.service import IngestService
from ingest.service.feeds import FeedService
from ingest.service.prepare import Prepared
from ingest.service.rounds import EventsJob, Rounds
from shared.contracts.codec import encode
from shared.contracts.feed import DeadLetter
from shared.crypto.sealing import Sealer
from shared.kernel.campus_time import format_utc
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFoundError


class FileAcceptPath:
    """Implements `AcceptPath` over the service and its rounds."""

    def __init__(
        self,
        service: IngestService,
        feeds: FeedService,
        rounds: Rounds,
        clock: Clock,
        *,
        sealer: Sealer,
        letter_key: bytes,
    ) -> None:
        self._service, self._feeds, self._rounds, self._clock = service, feeds, rounds, clock
        self._sealer, self._letter_key = sealer, letter_key

    async def accept(self, feed_id: str, raw_events: Sequence[bytes]) -> list[EventResult]:
        return await self._service.accept(feed_id, raw_events)

    async def refuse(self, feed_id: str, rows: Sequence[RefusedRow]) -> None:
        """Enter rows as rejected; the letter of a row is the same however often it is sent."""
        prepared = Prepared(feed_id, [row.fault.result() for row in rows])
        prepared.letters.extend(self._letter(feed_id, row) for row in rows if row.is_kept)
        await self._rounds.run(EventsJob(prepared))

    def is_known(self, source: str, event_id: str) -> bool:
        return digest_of(source, event_id) in self._rounds.seen

    def has_feed(self, feed_id: str) -> bool:
        try:
            self._feeds.get(feed_id)
        except NotFoundError:
            return False
        return True

    def _letter(self, feed: str, row: RefusedRow) -> Entry:
        name = letter_id(self._letter_key, feed, row.fault.reason, row.body)
        letter = DeadLetter(
            id=name,
            feed=feed,
            stage="ingest",
            reason=row.fault.reason,
            detail=row.fault.detail,
            at=format_utc(self._clock.now()),
            payload=self._sealer.seal(row.body, seal_place(name)),
            key_id=self._sealer.key_id,
            field=row.fault.field,
            origin="file",
        )
        return Entry("dead", feed, encode(letter))
