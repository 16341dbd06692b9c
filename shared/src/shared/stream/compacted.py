"""Reading a compacted topic whole at the start, then following it, without a group.

    reader = CompactedReader(
        KafkaSource(servers, [DIRECTORY_STUDENTS], group=None, prefix=prefix), students.apply
    )
    Service(..., resources=[reader.loaded], runners={"directory": reader.run})

`apply(records)` is called with every batch in order; a tombstone has `value` None. It is called
again from the start of the topic when the client had to be made anew: the last record wins, so
applying twice changes nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from shared.kernel.clock import Clock, SystemClock
from shared.kernel.errors import UnavailableError
from shared.observability.logging import get_logger
from shared.stream.ports import Source
from shared.stream.records import Partition, Records
from shared.stream.watchdog import Watchdog

log = get_logger("stream.compacted")
_POLL_S = 0.25
_MAX_RECORDS = 5_000


class CompactedReader:
    """Feeds a view of a compacted topic; `is_loaded` once the end as of the start was reached."""

    def __init__(
        self,
        source: Source,
        apply: Callable[[Records], None],
        *,
        clock: Clock | None = None,
        load_timeout_s: float = 120.0,
    ) -> None:
        self.is_loaded = False
        self._source = source
        self._apply = apply
        self._clock = clock or SystemClock()
        self._load_timeout_s = load_timeout_s
        self._watchdog = Watchdog(self._clock)

    @asynccontextmanager
    async def loaded(self) -> AsyncIterator["CompactedReader"]:
        """Start, read to the end, and stop at the exit; a resource of a `Service`."""
        try:
            await self.load()
            yield self
        finally:
            await self._source.stop()

    async def load(self) -> None:
        """Start and read to where the topic ends now.

        Raises:
            UnavailableError: it took longer than `load_timeout_s`.
        """
        try:
            async with asyncio.timeout(self._load_timeout_s):
                await self._source.start(_FromTheStart())
                ends = await self._source.ends()
                while not _reached(self._source.positions(), ends):
                    await self.read_once()
        except TimeoutError:
            raise UnavailableError(
                f"a compacted topic was not read in {self._load_timeout_s:g} s"
            ) from None
        self.is_loaded = True

    async def run(self, stop: asyncio.Event) -> None:
        """Follow the topic until `stop` is set."""
        while not stop.is_set():
            await self.read_once()

    async def read_once(self, timeout_s: float = _POLL_S) -> int:
        """Apply one batch and return its size; a client that stands still is made anew."""
        records = await self._source.poll(timeout_s, _MAX_RECORDS)
        if records:
            self._apply(records)
        stall = self._watchdog.judge(
            received=len(records),
            lag=sum(self._source.lag().values()),
            silence_s=self._source.silence_s(),
        )
        if stall is not None:
            log.warning("stream.reader_restarted", reason=stall)
            self._watchdog.recreated()
            await self._source.stop()
            await self._source.start(_FromTheStart())
        return len(records)

    def complaint(self) -> str | None:
        """Return what is wrong, for a readiness check."""
        return self._watchdog.complaint() or (None if self.is_loaded else "not loaded yet")


def _reached(positions: Mapping[Partition, int], ends: Mapping[Partition, int]) -> bool:
    return all(positions.get(place, 0) >= end for place, end in ends.items())


class _FromTheStart:
    """Reads all partitions from their start: there is nothing to load and nothing to save."""

    async def assigned(self, partitions: Sequence[Partition]) -> Mapping[Partition, int]:
        del partitions
        return {}

    async def revoked(self, partitions: Sequence[Partition]) -> None:
        del partitions
