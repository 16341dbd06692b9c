"""The stream kit's ports and values. Wire names stop here and in a service's `worker.py`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, order=True)
class Partition:
    """One partition of a topic."""

    topic: str
    number: int


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it came; `timestamp_ms` is the broker's append or create time."""

    partition: Partition
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp_ms: int = 0
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record to publish; without `partition` the key decides (murmur2, as all clients do)."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    partition: int | None = None


class Ownership(Protocol):
    """Told when partitions come and go; `revoked` must finish inside the drain budget."""

    async def assigned(self, partitions: Sequence[Partition]) -> Mapping[Partition, int]:
        """Take over; return the offsets to seek to (absent: the group's own, or earliest)."""
        ...

    async def revoked(self, partitions: Sequence[Partition]) -> None: ...


class Source(Protocol):
    """Where records come from: a member of a consumer group."""

    async def start(self, ownership: Ownership) -> None: ...

    async def poll(self, timeout_s: float, max_records: int) -> Sequence[Record]:
        """Return records in order within each partition; empty after `timeout_s`."""
        ...

    async def commit(self, next_offsets: Mapping[Partition, int]) -> None:
        """Commit group offsets (of partitions still owned); the bookmark for lag tools."""
        ...

    async def seek(self, partition: Partition, offset: int) -> None: ...

    def pause(self, partitions: Sequence[Partition]) -> None: ...

    def resume(self, partitions: Sequence[Partition]) -> None: ...

    def lag(self) -> Mapping[Partition, int]:
        """Return high water mark minus position of each owned partition (0 where not yet known)."""
        ...

    async def stop(self) -> None: ...


class Sink(Protocol):
    """Where records go."""

    async def start(self) -> None: ...

    async def publish(self, outgoing: Sequence[Outgoing]) -> None:
        """Return once the broker has acknowledged all; raises UnavailableError if it did not."""
        ...

    async def stop(self) -> None: ...


class Handler(Protocol):
    """What a service does with records. The worker owns retries, offsets and dead letters.

    The order of one round: `handle` -> publish what it returned -> (when the policy says so) one
    transaction of `save` and the bookmarks, fenced by epoch -> group offsets. So effects on the
    database are exactly once, and what is published is at least once with deterministic ids.
    """

    async def assigned(self, partitions: Sequence[Partition]) -> None:
        """Load the state of partitions taken over (already claimed under a new epoch)."""
        ...

    async def revoked(self, partitions: Sequence[Partition]) -> None:
        """Forget the state of partitions; a last `save` came before, if the budget allowed."""
        ...

    async def handle(self, records: Sequence[Record]) -> "Handled":
        """Apply one batch in memory, in order; raise nothing for a single bad record."""
        ...

    async def save(self, connection: AsyncConnection, partitions: Sequence[Partition]) -> None:
        """Write the effects of all that was handled since the last save, without committing."""
        ...

    async def idle(self) -> "Handled":
        """Return what to publish when a poll was empty (a flush of what was coalesced)."""
        ...


@dataclass(frozen=True)
class Rejected:
    """A record that can never be handled: it becomes a dead letter."""

    record: Record
    reason: str
    detail: str = ""
    feed: str = ""
    field: str | None = None


@dataclass(frozen=True)
class Handled:
    """The outcome of one batch."""

    outgoing: Sequence[Outgoing] = ()
    rejected: Sequence[Rejected] = field(default_factory=tuple)


NOTHING = Handled()
