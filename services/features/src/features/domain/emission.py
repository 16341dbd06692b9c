"""What is published, and when: changed vectors at ticks, and between ticks when live.

`ticks` publishes at ticks only, so that what is published is a function of the log. `adaptive` also
publishes what changed as soon as the worker has caught up, and while it is behind after a bounded
delay. It never spends more than about half of its time on evaluation while it keeps up, a twentieth
while it is behind: the time between two flushes is at least one, or 19 times what the last took.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from features.domain import vector
from features.domain.campus_clock import CampusClock
from features.domain.evaluation import ROWS_AT_ONCE, Evaluator, Moment, moment
from features.domain.facts import FactBook
from features.domain.pool import BLOCK, NEVER, Pool
from features.domain.state import PartitionState
from shared.contracts.features import FeatureVector

Ints = NDArray[np.int64]
Flush = Literal["adaptive", "ticks"]
_BEHIND_PAUSE = 19  # behind, a twentieth of the time goes into evaluation


@dataclass(frozen=True)
class FlushRule:
    """When an adaptive worker flushes; a batch as large as `behind` says that it is behind."""

    mode: Flush = "adaptive"
    delay_s: float = 0.1
    behind: int = 1_000

    def is_due(self, *, batch: int, since_flush_s: float, last_cost_s: float) -> bool:
        """Say whether to publish what changed, after a batch of so many records."""
        if self.mode == "ticks":
            return False
        if batch < self.behind:
            return since_flush_s >= last_cost_s
        return since_flush_s >= max(self.delay_s, _BEHIND_PAUSE * last_cost_s)


@dataclass
class Tally:
    """What emission did since it was last asked."""

    evaluated: int = 0
    emitted: int = 0


@dataclass
class Emitter:
    """Evaluates rows, compares with what was published last, builds what is to be published."""

    pool: Pool
    facts: FactBook
    clock: CampusClock
    tally: Tally = field(default_factory=Tally)
    traces: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._evaluator = Evaluator(self.pool, self.facts)
        self._complete: dict[int, object] = {}
        self._moments: dict[int, Moment] = {}

    def moment_of(self, state: PartitionState) -> Moment | None:
        """Return the moment for which a partition is judged: its last tick, else its last event."""
        as_of = state.tick_at
        known = self._moments.get(state.number)
        if as_of is not None and known is not None and known.as_of == as_of:
            return known  # yields change with ticks only
        if as_of is None:
            rows = state.all_rows()
            heard = int(self.pool.rows["last_event"][rows].max(initial=NEVER))
            if heard == NEVER:
                return None
            as_of = heard
        days, minutes = self.clock.days_and_minutes(np.array([as_of], np.int64))
        at = moment(as_of, int(days[0]), int(minutes[0]), state.yields)
        if state.tick_at is not None:
            self._moments[state.number] = at
        return at

    def at_ticks(self, states: Sequence[PartitionState]) -> list[FeatureVector]:
        """Publish for partitions that have just applied a tick."""
        return self._publish(states, everyone=True)

    def changed(self, states: Sequence[PartitionState]) -> list[FeatureVector]:
        """Publish for students whose state changed since they were last evaluated."""
        return self._publish(states, everyone=False)

    def take_tally(self) -> Tally:
        """Return what was counted since the last call."""
        taken, self.tally = self.tally, Tally()
        return taken

    def forget(self, partition: int) -> None:
        """Drop what is remembered of a partition."""
        self._complete.pop(partition, None)
        self._moments.pop(partition, None)

    def _publish(self, states: Sequence[PartitionState], *, everyone: bool) -> list[FeatureVector]:
        built: list[FeatureVector] = []
        for at, together in self._by_moment(states):
            rows = [self._due(state, at, everyone=everyone) for state in together]
            built += self._publish_rows(at, together, rows)
        return built

    def _by_moment(
        self, states: Sequence[PartitionState]
    ) -> Iterable[tuple[Moment, list[PartitionState]]]:
        groups: dict[object, tuple[Moment, list[PartitionState]]] = {}
        for state in states:
            self.facts.sync(state)
            at = self.moment_of(state)
            if at is not None:
                groups.setdefault((at.as_of, at.key()), (at, []))[1].append(state)
        return groups.values()

    def _due(self, state: PartitionState, at: Moment, *, everyone: bool) -> Ints:
        """Return the rows to evaluate: all, unless nothing but the minute has moved on."""
        rows = state.all_rows()
        key = at.key()
        if everyone and self._complete.get(state.number) != key:
            self._complete[state.number] = key
        else:
            rows = rows[self.pool.changed[rows]]
        due: Ints = rows[self.pool.active[rows]]
        self.pool.changed[rows] = False
        return due

    def _publish_rows(
        self, at: Moment, states: Sequence[PartitionState], rows: Sequence[Ints]
    ) -> list[FeatureVector]:
        together = np.concatenate(rows) if rows else np.empty(0, np.int64)
        owner = np.repeat(np.arange(len(rows)), [len(part) for part in rows])
        built = []
        for start in range(0, len(together), ROWS_AT_ONCE):
            part = slice(start, start + ROWS_AT_ONCE)
            built += self._publish_part(at, states, together[part], owner[part])
        return built

    def _publish_part(
        self, at: Moment, states: Sequence[PartitionState], rows: Ints, owner: Ints
    ) -> list[FeatureVector]:
        done = self._evaluator.evaluate(rows, at)
        published = self.pool.rows["published"]
        index = np.flatnonzero(done.digests != published[rows])
        self.tally.evaluated += len(rows)
        if not len(index):
            return []
        published[rows[index]] = done.digests[index]
        self.pool.dirty_rows[rows[index] // BLOCK] = True
        chosen = []
        for place in index.tolist():
            state = states[int(owner[place])]
            chosen.append((place, state.student_at(int(rows[place])), state.position))
        chosen.sort(key=lambda one: one[1])
        self.tally.emitted += len(chosen)
        return vector.build(self.pool, self.facts, done, at, chosen=chosen, traces=self.traces)
