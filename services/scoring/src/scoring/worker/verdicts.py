"""Verdicts out of `alerts.events.v1`: labels of what the champion said, and the end of its word.

When the labels break the rule of `domain.calibration`, the change that suspends the champion is
part of the transaction that read them. Log and lanes hear of it in the round after, when the change
is found in the log: what was rolled back is told to nobody.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from scoring.domain.calibration import Label, Rule, broken, explained, ratios
from scoring.domain.standing import SYSTEM, Change, Logged, Standing
from shared.contracts.alert import AlertEvent
from shared.contracts.codec import UNREADABLE, decoder, require_storable
from shared.kernel.campus_time import format_utc, parse_utc
from shared.kernel.clock import Clock
from shared.observability.logging import get_logger
from shared.stream.ports import NOTHING, Handled, Partition, Records, Rejected

log = get_logger("scoring.verdicts")
_DECODE = decoder(AlertEvent).decode
_KEPT = timedelta(days=30)
_READ = ("opened", "resolved", "reviewed")


class Labels(Protocol):
    """Labels inside an open transaction."""

    async def opened(self, connection: AsyncConnection, event: AlertEvent) -> bool: ...

    async def closed(self, connection: AsyncConnection, event: AlertEvent) -> None: ...

    async def reviewed(self, connection: AsyncConnection, event: AlertEvent) -> None: ...

    async def prune(self, connection: AsyncConnection, before: str) -> None: ...

    async def of_revision(self, connection: AsyncConnection, revision: int) -> list[Label]: ...


class Suspensions(Protocol):
    """The log of what was served, inside an open transaction."""

    async def locked(self, connection: AsyncConnection) -> Standing: ...

    async def append(self, connection: AsyncConnection, change: Change) -> Logged: ...

    async def read(self) -> Sequence[Logged]: ...


class VerdictHandler:
    """Joins alerts with predictions and verdicts; `wake` is called once a change is committed.

    `unmatched` is called for each alert that opened on an assessment without a kept prediction.
    An alert may be quicker than the prediction that it came of, since assessments are published
    before they are saved: alerts that open wait `settled_s` before they are joined.
    """

    def __init__(
        self,
        labels: Labels,
        changes: Suspensions,
        rule: Rule,
        clock: Clock,
        *,
        wake: Callable[[], object],
        unmatched: Callable[[], object],
        settled_s: float,
    ) -> None:
        self._labels = labels
        self._changes = changes
        self._rule = rule
        self._clock = clock
        self._wake = wake
        self._unmatched = unmatched
        self._settled_s = settled_s
        self._pending: dict[Partition, list[AlertEvent]] = {}
        self._untold: Logged | None = None

    async def assigned(self, partitions: Sequence[Partition]) -> None:
        """Nothing to load: labels are in tables."""

    async def revoked(self, partitions: Sequence[Partition]) -> None:
        await self._tell()
        for partition in partitions:
            self._pending.pop(partition, None)

    async def handle(self, records: Records) -> Handled:
        await self._tell()
        rejected: list[Rejected] = []
        has_opened = False
        for run in records.runs:
            for index, value in enumerate(run.values):
                if value is None:
                    continue
                try:
                    event = _read(value)
                except UNREADABLE as error:
                    rejected.append(Rejected(run.record(index), "malformed", str(error)[:200]))
                    continue
                if event.kind in _READ:
                    self._pending.setdefault(run.partition, []).append(event)
                    has_opened |= event.kind == "opened"
        if has_opened:
            await self._clock.sleep(self._settled_s)
        return Handled((), rejected)

    async def save(self, connection: AsyncConnection, partitions: Sequence[Partition]) -> None:
        events = [event for p in partitions for event in self._pending.pop(p, ())]
        has_verdict = False
        for event in events:
            if event.kind == "opened" and event.assessment is not None:
                if not await self._labels.opened(connection, event):
                    self._unmatched()
            elif event.kind == "reviewed" and event.verdict is not None:
                await self._labels.reviewed(connection, event)  # no label: nothing to judge anew
            elif event.verdict is not None:
                await self._labels.closed(connection, event)
                has_verdict = True
        if events:
            newest = max(parse_utc(event.at) for event in events)
            await self._labels.prune(connection, format_utc(newest - _KEPT))
        if has_verdict:
            await self._judge(connection)

    async def _judge(self, connection: AsyncConnection) -> None:
        now = await self._changes.locked(connection)
        if now.is_suspended:
            return
        found = broken(ratios(await self._labels.of_revision(connection, now.revision)), self._rule)
        if found is None:
            return
        change = self._suspension(now, explained(found))
        self._untold = await self._changes.append(connection, change)

    async def _tell(self) -> None:
        """Tell of a suspension that was committed."""
        made, self._untold = self._untold, None
        if made is None or made not in await self._changes.read():
            return
        why = made.change
        log.error("model.suspended", bundle=why.bundle_to, revision=made.number, reason=why.reason)
        self._wake()

    def _suspension(self, now: Standing, reason: str) -> Change:
        at = format_utc(self._clock.now())
        return Change(at, SYSTEM, "suspend", now.champion, now.champion, reason)

    async def idle(self) -> Handled:
        await self._tell()
        return NOTHING


def _read(value: bytes) -> AlertEvent:
    event = _DECODE(value)
    require_storable([event.student, event.alert, event.assessment, event.actor], longest=80)
    parse_utc(event.at)
    return event
