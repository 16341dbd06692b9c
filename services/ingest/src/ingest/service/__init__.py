"""The use cases of ingest. `IngestService.accept` is the one way in, for HTTP and for files."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from ingest.domain.results import EventResult

RawEvent = bytes | msgspec.Raw


class Accepts(Protocol):
    """What a reader of files needs: events in, one result an event out."""

    async def accept(self, feed_id: str, raw_events: Sequence[RawEvent]) -> list[EventResult]:
        """Take events of a registered feed (CloudEvents JSON, student number as subject).

        Returns one result an event, in order, once the broker has acknowledged the accepted ones
        and their ids are recorded. Repeats of (source, id) are `duplicate`.

        Raises:
            NotFoundError: the feed is not registered.
            ServiceAwayError: broker or database is away; nothing was kept, send the same again.
        """
        ...
