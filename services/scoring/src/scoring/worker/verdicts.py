"""Verdicts out of `alerts.events.v1`: labels of what the champion said, and the end of its word.

When the labels break the rule of `domain.calibration`, the change that suspends the champion is
part of the transaction that read them. Log and lanes hear of it in the round after, when the change
is found in the log: what was rolled back is told to nobody.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
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


class Labels(Protocol):
    """Labels inside an open transaction."""

    async def opened(self, connection: AsyncConnection, event: AlertEvent) -> None: ...

    async def closed(self, connection: AsyncConnection, event: AlertEvent) -> None: ...

    async def reviewed(self, connection: AsyncConnection, event: AlertEvent) -> None: ...

    async def prune(self, connection: AsyncConnection, before: str) -> None: ...

    async def give_up(self, connection: AsyncConnection, before: str) -> Sequence[str]: ...

    async def knows(self, alert: str) -> bool: ...

    async def of_revision(self, connection: AsyncConnection, revision: int) -> list[Label]: ...


class Suspensions(Protocol):
    """The log of what was served, inside an open transaction."""

    async def locked(self, connection: AsyncConnection) -> Standing: ...

    async def append(self, connection: AsyncConnection, change: Change) -> Logged: ...

    async def read(self) -> Sequence[Logged]: ...


class VerdictHandler:
    """Joins alerts with predictions and verdicts; `wake` is called once a change is committed.

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
        wake: Callable[[], object],
        unmatched: Callable[[int], object],
    ) -> None:
        self._labels = labels
        self._changes = changes
        self._rule = rule
        self._clock = clock
        self._wake = wake
        self._unmatched = unmatched
        self._pending: dict[Partition, list[AlertEvent]] = {}
        self._untold: Logged | None = None
        self._given_up: Sequence[str] = ()

    async def assigned(self, partitions: Sequence[Partition]) -> None:
        """Nothing to load: labels are in tables."""

    async def revoked(self, partitions: Sequence[Partition]) -> None:
        with suppress(UnavailableError):  # the database is away: told in a later round
            await self._tell()
        for partition in partitions:
            self._pending.pop(partition, None)

    async def handle(self, records: Records) -> Handled:
        await self._tell()
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
        has_verdict = False
        for event in events:
            if event.kind == "opened" and event.assessment is not None:
                await self._labels.opened(connection, event)
            elif event.kind == "reviewed" and event.verdict is not None:
                await self._labels.reviewed(connection, event)  # no label: nothing to judge anew
            elif event.verdict is not None:
                await self._labels.closed(connection, event)
                has_verdict = True
        await self._labels.prune(connection, before)
        if has_verdict:
            await self._judge(connection, now)

    async def _judge(self, connection: AsyncConnection, now: Standing) -> None:
        if now.is_suspended:
            return
        found = broken(ratios(await self._labels.of_revision(connection, now.revision)), self._rule)
        if found is None:
            return
        change = self._suspension(now, explained(found))
        self._untold = await self._changes.append(connection, change)

    async def _tell(self) -> None:
        """Tell what the last save did, if it was committed."""
        if self._given_up:
            # they were there when the transaction began: one that is there now says it failed
            if not await self._labels.knows(self._given_up[0]):
                self._unmatched(len(self._given_up))
            self._given_up = ()
        if self._untold is not None:
            if self._untold in await self._changes.read():
                self._tell_of_suspension(self._untold)
            self._untold = None

    def _tell_of_suspension(self, made: Logged) -> None:
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
