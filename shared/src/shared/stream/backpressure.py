"""A handler that says "slow down" keeps its batch; after a while its partitions are paused."""

from shared.kernel.clock import Clock
from shared.stream.ports import Source
from shared.stream.records import Partition, Records

FIRST_WAIT_S = 0.05
LONGEST_WAIT_S = 1.0


class Backpressure:
    """Holds one batch (bounded by the poll's own limit) until the handler takes it."""

    def __init__(self, source: Source, clock: Clock, *, pause_after_s: float = 5.0) -> None:
        self._source = source
        self._clock = clock
        self._pause_after_s = pause_after_s
        self._held: tuple[Records, int] | None = None
        self._since = 0.0
        self._wait_s = FIRST_WAIT_S
        self._paused: list[Partition] = []

    @property
    def is_on(self) -> bool:
        return self._held is not None

    @property
    def is_paused(self) -> bool:
        return bool(self._paused)

    def hold(self, records: Records, generation: int) -> None:
        """Keep a batch that the handler refused."""
        if self._held is None:
            self._since = self._clock.monotonic()
            self._wait_s = FIRST_WAIT_S
        self._held = (records, generation)

    async def held(self, owned: list[Partition]) -> tuple[Records, int]:
        """Wait a little, pausing fetches when it lasts, and return the batch for another try."""
        assert self._held is not None  # noqa: S101 - callers ask `is_on` first
        if self._clock.monotonic() - self._since >= self._pause_after_s and not self._paused:
            self._paused = list(owned)
            self._source.pause(self._paused)
        await self._clock.sleep(self._wait_s)
        self._wait_s = min(self._wait_s * 2, LONGEST_WAIT_S)
        return self._held

    def release(self) -> None:
        """Go on: the batch was taken, or is no longer ours."""
        self._held = None
        if self._paused:
            self._source.resume(self._paused)
            self._paused = []
