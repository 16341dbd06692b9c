"""Verdicts out of `alerts.events.v1`: labels of what the champion said, and the end of its word.

Labels are judged by the rule of `domain.calibration` once they are committed, in a transaction of
its own: a label may also be completed by whoever saves its prediction, after its verdict. So the
first round judges, and each one that finds other complete labels.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from datetime import timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from scoring.domain.calibration import Label, Rule, broken, explained, ratios
from scoring.domain.standing import SYSTEM, Change, Logged, Standing
from shared.contracts.alert import AlertEvent
from shared.contracts.codec import UNREADABLE, decoder, require_storable
from shared.kernel.campus_time import format_utc, parse_utc
from shared.kernel.clock import Clock
from shared.kernel.errors import UnavailableError
from shared.observability.logging import get_logger
from shared.stream.ports import NOTHING, Handled, Partition, Records, Rejected

log = get_logger("scoring.verdicts")
_DECODE = decoder(AlertEvent).decode
_KEPT = timedelta(days=30)
_KINDS = ("opened", "resolved", "reviewed")
_LOOK_EVERY_S = 5.0
Transaction = Callable[[], AbstractAsyncContextManager[AsyncConnection]]


class Labels(Protocol):
    """Labels inside an open transaction."""

    async def opened(
        self, connection: AsyncConnection, event: AlertEvent, revision: int
    ) -> None: ...

    async def closed(self, connection: AsyncConnection, event: AlertEvent) -> None: ...

    async def reviewed(self, connection: AsyncConnection, event: AlertEvent) -> None: ...

    async def prune(self, connection: AsyncConnection, before: str) -> None: ...

    async def give_up(self, connection: AsyncConnection, before: str) -> Sequence[str]: ...

    async def knows(self, alert: str) -> bool: ...

    async def mark(self) -> tuple[int, int, float]: ...

    async def of_revision(self, connection: AsyncConnection, revision: int) -> list[Label]: ...


class Suspensions(Protocol):
    """The log of what was served, inside an open transaction."""

    async def locked(self, connection: AsyncConnection) -> Standing: ...

    async def append(self, connection: AsyncConnection, change: Change) -> Logged: ...


class VerdictHandler:
    """Joins alerts with predictions and verdicts, and judges them; `wake` follows a suspension.

    An alert may be quicker than the prediction that it came of, since assessments are published
    before they are saved: it is kept, and joined when the prediction is saved. `unmatched` is told
    how many were given up, thirty days of the log later, once that is committed.
    """

    def __init__(
        self,
        labels: Labels,
        changes: Suspensions,
        rule: Rule,
        clock: Clock,
        *,
        transaction: Transaction,
        wake: Callable[[], object],
        unmatched: Callable[[int], object],
    ) -> None:
        self._labels = labels
        self._changes = changes
        self._rule = rule
        self._clock = clock
        self._transaction = transaction
        self._wake = wake
        self._unmatched = unmatched
        self._pending: dict[Partition, list[AlertEvent]] = {}
        self._given_up: Sequence[str] = ()
        self._judged: tuple[int, int, float] | None = None
        self._look_at = 0.0

    async def assigned(self, partitions: Sequence[Partition]) -> None:
        """Nothing to load: labels are in tables."""

    async def revoked(self, partitions: Sequence[Partition]) -> None:
        with suppress(UnavailableError):  # the database is away: told in a later round
            await self._tell()
        for partition in partitions:
            self._pending.pop(partition, None)

    async def handle(self, records: Records) -> Handled:
        await self._tell()
        await self._look()
        rejected: list[Rejected] = []
        for run in records.runs:
            for index, value in enumerate(run.values):
                if value is None:
                    continue
                try:
                    event = _read(value)
                except UNREADABLE as error:
                    rejected.append(Rejected(run.record(index), "malformed", str(error)[:200]))
                    continue
                if event.kind in _KINDS:
                    self._pending.setdefault(run.partition, []).append(event)
        return Handled((), rejected)

    async def save(self, connection: AsyncConnection, partitions: Sequence[Partition]) -> None:
        events = [event for p in partitions for event in self._pending.pop(p, ())]
        if not events:
            return
        now = await self._changes.locked(connection)  # first: see `repository.labels`
        before = format_utc(max(parse_utc(event.at) for event in events) - _KEPT)
        self._given_up = await self._labels.give_up(connection, before)
        for event in events:
            if event.kind == "opened" and event.assessment is not None:
                await self._labels.opened(connection, event, now.revision)
            elif event.kind == "reviewed" and event.verdict is not None:
                await self._labels.reviewed(connection, event)  # no label: nothing to judge anew
            elif event.verdict is not None:
                await self._labels.closed(connection, event)
        await self._labels.prune(connection, before)
        self._look_at = 0.0

    async def _look(self) -> None:
        """Judge the labels when there are others than at the last look."""
        if self._clock.monotonic() < self._look_at:
            return
        mark = await self._labels.mark()
        if mark != self._judged:
            await self._judge()
        self._judged = mark
        self._look_at = self._clock.monotonic() + _LOOK_EVERY_S

    async def _judge(self) -> None:
        """Suspend a champion whose labels break the rule, and tell it once that is committed."""
        async with self._transaction() as connection:
            now = await self._changes.locked(connection)
            labels = await self._labels.of_revision(connection, now.revision)
            found = None if now.is_suspended else broken(ratios(labels), self._rule)
            if found is None:
                return
            change = self._suspension(now, explained(found))
            made = await self._changes.append(connection, change)
        why = change.reason
        log.error("model.suspended", bundle=change.bundle_to, revision=made.number, reason=why)
        self._wake()

    async def _tell(self) -> None:
        """Tell what the last save gave up, if it was committed."""
        if self._given_up:
            # they were there when the transaction began: one that is there now says it failed
            if not await self._labels.knows(self._given_up[0]):
                self._unmatched(len(self._given_up))
            self._given_up = ()

    def _suspension(self, now: Standing, reason: str) -> Change:
        at = format_utc(self._clock.now())
        return Change(at, SYSTEM, "suspend", now.champion, now.champion, reason)

    async def idle(self) -> Handled:
        await self._tell()
        await self._look()
        return NOTHING


def _read(value: bytes) -> AlertEvent:
    event = _DECODE(value)
    require_storable([event.student, event.alert, event.assessment, event.actor], longest=80)
    parse_utc(event.at)
    return event
