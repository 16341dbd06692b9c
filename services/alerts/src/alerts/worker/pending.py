"""Evidence between `handle` and the commit of `save`, and when to save."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.domain.evidence import Evidence
from alerts.domain.policy import Policy
from alerts.domain.ports import DecisionStore
from alerts.metrics import AlertMetrics
from alerts.service import Tally, apply_evidence
from shared.kernel.trace import trace_id
from shared.observability.logging import get_logger
from shared.stream.policy import SavePolicy
from shared.stream.ports import NOTHING, Handled, Partition

log = get_logger("alerts.worker")
T = TypeVar("T")
E = TypeVar("E", bound=Evidence)
_FIRST_YEAR, _LAST_YEAR = 1990, 2099  # as ingest and features believe


def believable(evidence: E) -> E:
    """Return evidence whose moment a deadline can be added to.

    Raises:
        ValueError: it is of another century.
    """
    if not _FIRST_YEAR <= evidence.as_of.year <= _LAST_YEAR:
        raise ValueError("a moment outside of 1990 to 2099")
    return evidence


class StoreOn(Protocol):
    """Gives the decisions' store on the worker's open connection."""

    def on(self, connection: AsyncConnection) -> DecisionStore: ...


class Pending(Generic[T]):
    """What was handled and is not known to be committed.

    A save that fails is followed by `revoked` (the worker begins again from its bookmarks), a save
    that held by the next `handle` or `idle`: only then is anything forgotten or counted.
    """

    def __init__(self) -> None:
        self._items: dict[Partition, list[T]] = {}
        self._written: set[Partition] = set()

    def add(self, partition: Partition, items: Sequence[T]) -> None:
        if items:
            self._items.setdefault(partition, []).extend(items)

    def take(self, partitions: Sequence[Partition]) -> list[T]:
        """Return what is to be written now; it stays until it is known to be committed."""
        self._written.update(partitions)
        return [each for p in partitions for each in self._items.get(p, ())]

    def settle(self) -> None:
        """Forget what was written: the transaction held."""
        self.forget(tuple(self._written))
        self._written.clear()

    def forget(self, partitions: Sequence[Partition]) -> None:
        for partition in partitions:
            self._items.pop(partition, None)

    def __bool__(self) -> bool:
        return any(self._items.values())


@dataclass(frozen=True)
class WhenPending(SavePolicy):
    """Save at once when there is something to decide, else move the bookmark now and then.

    The urgent group reads the whole event stream and finds little in it: a transaction a poll would
    cost more than the reading.
    """

    pending: Callable[[], bool] = lambda: False

    def is_due(self, *, unsaved: int, since_save_s: float) -> bool:
        return unsaved > 0 and (self.pending() or since_save_s >= self.interval_s)


class EvidenceHandler:
    """What both evidence handlers share: decide in `save`, wake the outbox, count afterwards."""

    def __init__(
        self, stores: StoreOn, policy: Policy, metrics: AlertMetrics, wake: Callable[[], None]
    ) -> None:
        self._stores = stores
        self.policy = policy
        self._metrics = metrics
        self._wake = wake
        self.pending: Pending[Evidence] = Pending()
        self._tally = Tally()

    async def assigned(self, partitions: Sequence[Partition]) -> None:  # noqa: ARG002 - the port's
        self.settle()

    async def revoked(self, partitions: Sequence[Partition]) -> None:
        """Forget; what the last save wrote is in the tables or will be read again."""
        self.pending.forget(partitions)
        self._tally = Tally()

    async def idle(self) -> Handled:
        self.settle()
        return NOTHING

    def has_pending(self) -> bool:
        """Return whether evidence waits to be decided on."""
        return bool(self.pending)

    async def save(self, connection: AsyncConnection, partitions: Sequence[Partition]) -> None:
        evidence = self.pending.take(partitions)
        if not evidence:
            return
        store = self._stores.on(connection)
        self._tally = await apply_evidence(store, evidence, self.policy)
        if self._tally.entries:
            self._wake()

    def settle(self) -> None:
        """Count what the last transaction held, once it is known to be committed."""
        self.pending.settle()
        tally, self._tally = self._tally, Tally()
        for reason, count in tally.reasons.items():
            self._metrics.decisions.labels(reason).inc(count)
        for (level, reason), count in tally.count("opened", "raised").items():
            self._metrics.raised.labels(level, reason).inc(count)
        for entry in tally.entries:
            event = f"alert.{entry.kind}"
            log.info(
                event,
                alert=entry.alert,
                alert_level=entry.level,  # `level` is the log line's own
                reason=entry.reason,
                trace_id=entry.traceparent and trace_id(entry.traceparent),
            )
