"""Runs one worker a lane, and keeps what runs equal to what should.

The old champion's worker has drained before the new one's begins, so that one revision never says
anything under another's number. A champion that fails ends the process, as any worker does; a
shadow that fails is told and tried again at the next look.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from scoring.domain.lanes import CHAMPION, Lane
from scoring.domain.ports import LaneState
from scoring.metrics import ScoringMetrics
from shared.bundle.reading import BundleRefusedError
from shared.observability.logging import get_logger

log = get_logger("scoring.lanes")


class Runs(Protocol):
    """A worker, as far as lanes know it."""

    async def run(self, stop: asyncio.Event) -> None: ...


@dataclass(frozen=True)
class Opened:
    """A lane that can begin: the model that it loaded (None: it waits for one), and its worker."""

    model: str | None
    worker: Runs


@dataclass(frozen=True)
class _Working:
    stop: asyncio.Event
    task: asyncio.Task[None]
    model: str | None


class Lanes:
    """`wanted` says which lanes should run; `open_lane` loads one and returns its worker.

    `own` is the key of the lane that readiness asks for.
    """

    def __init__(
        self,
        wanted: Callable[[], Awaitable[Sequence[Lane]]],
        open_lane: Callable[[Lane], Awaitable[Opened]],
        metrics: ScoringMetrics,
        *,
        own: str = CHAMPION,
    ) -> None:
        self._wanted = wanted
        self._open = open_lane
        self._metrics = metrics
        self._own = own
        self._working: dict[Lane, _Working] = {}
        self._refused: dict[Lane, str] = {}
        self._failed: dict[Lane, str] = {}
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look again at once."""
        self._woken.set()

    def states(self) -> list[LaneState]:
        """Return how each lane does, the champion first."""
        working = [LaneState(lane, "working", w.model) for lane, w in self._working.items()]
        refused = [LaneState(lane, "refused", None, why) for lane, why in self._refused.items()]
        failed = [
            LaneState(lane, "failed", None, why)
            for lane, why in self._failed.items()
            if lane not in self._working
        ]
        found = [*working, *refused, *failed]
        return sorted(found, key=lambda s: (not s.lane.is_champion, s.lane.bundle))

    def complaint(self) -> str | None:
        """Say whether the process's own lane is missing, for a readiness check.

        Shadows at work do not stand in for it.
        """
        own = (each.task for lane, each in self._working.items() if lane.key == self._own)
        return None if any(not task.done() for task in own) else f"{self._own} is not at work"

    async def run(self, stop: asyncio.Event, *, interval_s: float) -> None:
        """Look at once, when woken, and every so often, until `stop` is set; then drain all."""
        try:
            while not stop.is_set():
                self._woken.clear()
                await self.look()
                await self._rest(stop, interval_s)
        finally:
            await self._end(list(self._working))

    async def look(self) -> None:
        """Stop lanes that are no longer wanted, and start those that are.

        Raises:
            Exception: what ended the champion's worker.
        """
        self._collect()
        wanted = list(await self._wanted())
        self._refused = {lane: why for lane, why in self._refused.items() if lane in wanted}
        self._failed = {lane: why for lane, why in self._failed.items() if lane in wanted}
        await self._end([lane for lane in self._working if lane not in wanted])
        for lane in wanted:
            if lane not in self._working and lane not in self._refused:
                await self._begin(lane)
        self._metrics.lanes(state.status for state in self.states())

    async def _begin(self, lane: Lane) -> None:
        try:
            opened = await self._open(lane)
        except BundleRefusedError as error:
            self._refused[lane] = str(error)
            log.warning("lane.refused", bundle=lane.bundle, reason=error.reason, why=error.detail)
            return
        stop = asyncio.Event()
        task = asyncio.create_task(self._watched(lane, opened.worker, stop), name=lane.group)
        self._working[lane] = _Working(stop, task, opened.model)
        log.info("lane.began", bundle=lane.bundle, group=lane.group, champion=lane.is_champion)

    async def _watched(self, lane: Lane, worker: Runs, stop: asyncio.Event) -> None:
        try:
            await worker.run(stop)
        finally:
            if lane.is_champion:
                self.wake()

    async def _end(self, lanes: Sequence[Lane]) -> None:
        for lane in lanes:
            self._working[lane].stop.set()
        for lane in lanes:
            task = self._working[lane].task
            await asyncio.wait({task})
            self._working.pop(lane)
            if task.cancelled():
                continue
            error = task.exception()
            if error is not None and lane.is_champion:
                raise error
            log.info("lane.ended", bundle=lane.bundle, group=lane.group)

    def _collect(self) -> None:
        """Take note of workers that ended by themselves."""
        for lane, working in list(self._working.items()):
            if not working.task.done():
                continue
            del self._working[lane]
            error = None if working.task.cancelled() else working.task.exception()
            if lane.is_champion and error is not None:
                raise error
            self._failed[lane] = type(error).__name__ if error else "it ended by itself"
            log.error("lane.failed", bundle=lane.bundle, group=lane.group, detail=str(error)[:200])

    async def _rest(self, stop: asyncio.Event, interval_s: float) -> None:
        waits = [asyncio.create_task(each.wait()) for each in (stop, self._woken)]
        try:
            with suppress(TimeoutError):
                await asyncio.wait(waits, timeout=interval_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
