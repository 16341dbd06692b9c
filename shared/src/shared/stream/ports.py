"""The stream kit's ports and values. Wire names stop here and in a service's `worker.py`.

Services import from here; the values live in `records.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.stream.records import Outgoing, Partition, Record, Records, Run

__all__ = [
    "NOTHING",
    "Handled",
    "Handler",
    "Outgoing",
    "Ownership",
    "Partition",
    "Record",
    "Records",
    "Rejected",
    "Run",
    "Sink",
    "Source",
]


class Ownership(Protocol):
    """Told when partitions come and go; `revoked` must finish inside the drain budget."""

    async def assigned(self, partitions: Sequence[Partition]) -> Mapping[Partition, int]:
        """Take over; return the offsets to seek to (absent: the group's own, or earliest)."""
        ...

    async def revoked(self, partitions: Sequence[Partition]) -> None: ...


class Source(Protocol):
    """Where records come from: a member of a consumer group, or a reader of all partitions.

    It can be started again after `stop`, with a new client.
    """

    async def start(self, ownership: Ownership) -> None: ...

    async def poll(self, timeout_s: float, max_records: int) -> Records:
        """Return records in order within each partition; empty after `timeout_s`.

        Raises:
            ConfigError, UnavailableError: the broker refuses us, or a take-over failed.
        """
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

    def positions(self) -> Mapping[Partition, int]:
        """Return where each owned partition is read next (absent: not known yet)."""
        ...

    async def ends(self) -> Mapping[Partition, int]:
        """Ask the broker where each owned partition ends now."""
        ...

    def silence_s(self) -> float:
        """Return seconds since the broker last answered; 0 when nothing is to be fetched."""
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

    async def handle(self, records: Records) -> "Handled":
        """Apply one batch in memory, in order; raise nothing for a single bad record.

        Iterate it as records, or read `records.runs` as columns in hot workers.
        """
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
