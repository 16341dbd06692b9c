"""The edge to the stream: what ingest publishes, and the dead letters that it reads back."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from ingest.domain.ports import Channel, Entry
from shared.contracts.codec import decoder
from shared.contracts.feed import DeadLetter
from shared.contracts.topics import CAMPUS_EVENTS, CAMPUS_EVENTS_DEAD, FEEDS_STATUS
from shared.kernel.errors import UnavailableError
from shared.observability.logging import get_logger
from shared.stream.ports import NOTHING, Handled, Outgoing, Partition, Records, Sink

log = get_logger("ingest.worker")
_TOPICS: dict[Channel, str] = {
    "events": CAMPUS_EVENTS.name,
    "dead": CAMPUS_EVENTS_DEAD.name,
    "status": FEEDS_STATUS.name,
}
_decode = decoder(DeadLetter).decode
Put = Callable[[AsyncConnection, Sequence[DeadLetter]], Awaitable[None]]


class SinkLog:
    """Implements `ingest.domain.ports.EventLog` on a sink, with a limit on the wait."""

    def __init__(self, sink: Sink, *, partitions: int, timeout_s: float) -> None:
        self._sink, self._partitions, self._timeout_s = sink, partitions, timeout_s

    async def append(self, entries: Sequence[Entry]) -> None:
        outgoing: list[Outgoing] = []
        events, add = _TOPICS["events"], outgoing.append
        for channel, key, value in entries:
            if channel == "events":
                add(Outgoing(events, key.encode(), value))
            elif channel == "tick":
                outgoing.extend(self._ticks(key, value))
            else:
                add(Outgoing(_TOPICS[channel], key.encode(), value))
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._sink.publish(outgoing)
        except TimeoutError:
            raise UnavailableError(
                f"the broker did not acknowledge within {self._timeout_s:g} s"
            ) from None

    def _ticks(self, key: str, value: bytes) -> list[Outgoing]:
        """Return one record a partition: a tick stands at this place of each."""
        return [
            Outgoing(CAMPUS_EVENTS.name, key.encode(), value, partition=number)
            for number in range(self._partitions)
        ]


class LetterHandler:
    """Implements `shared.stream.ports.Handler`: dead letters of all stages become rows."""

    def __init__(self, put: Put) -> None:
        self._put = put
        self._unsaved: list[DeadLetter] = []

    async def assigned(self, partitions: Sequence[Partition]) -> None:  # noqa: ARG002 - the port
        self._unsaved.clear()

    async def revoked(self, partitions: Sequence[Partition]) -> None:  # noqa: ARG002 - the port
        self._unsaved.clear()

    async def handle(self, records: Records) -> Handled:
        for record in records:
            try:
                self._unsaved.append(_decode(record.value or b""))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                log.warning("letter.unreadable", offset=record.offset)
        return NOTHING

    async def save(
        self,
        connection: AsyncConnection,
        partitions: Sequence[Partition],  # noqa: ARG002 - the port
    ) -> None:
        await self._put(connection, self._unsaved)
        self._unsaved = []

    async def idle(self) -> Handled:
        return NOTHING


class NoSink:
    """Implements `shared.stream.ports.Sink` for a worker that only reads."""

    async def start(self) -> None: ...

    async def publish(self, outgoing: Sequence[Outgoing]) -> None:
        """Refuse: reading letters publishes nothing."""
        raise UnavailableError(f"{len(outgoing)} records for a worker that only reads")

    async def stop(self) -> None: ...
