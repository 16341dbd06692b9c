"""The use cases: apply a batch of the log, publish what changed, hand over and take over state."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from zoneinfo import ZoneInfo

import numpy as np

from features.domain.batch import Chunk
from features.domain.campus_clock import CampusClock, moment_seconds
from features.domain.checkpoint import Snapshot, restore, take
from features.domain.dedup import Seen
from features.domain.emission import Emitter, FlushRule
from features.domain.facts import FactBook
from features.domain.history import Historian
from features.domain.intake import Intake
from features.domain.keys import KeyMaker
from features.domain.pool import RING_BYTES, ROW, Pool, blocks_for
from features.domain.reading import Stretch, read
from features.domain.refusal import BAD_VALUE, Refusal
from features.domain.state import DEAD, PartitionState
from shared.contracts.event import Tick
from shared.contracts.features import FeatureVector
from shared.contracts.student import StudentFacts

_TRACED_BATCH = 500  # larger ones are catching up: nobody waits for a single event of them


@dataclass(frozen=True)
class Rules:
    """The choices of a deployment."""

    zone: ZoneInfo
    dedup_days: int = 14
    ahead_days: int = 30
    history: bool = True
    flush: FlushRule = field(default_factory=FlushRule)


@dataclass(frozen=True)
class Part:
    """Consecutive records of one partition."""

    partition: int
    offsets: Sequence[int]
    values: Sequence[bytes | None]


@dataclass(frozen=True)
class Outcome:
    """What one batch led to."""

    vectors: Sequence[FeatureVector] = ()
    refused: Sequence[Refusal] = ()


class FeatureService:
    """State of the partitions that this process owns; not safe for concurrent calls."""

    def __init__(self, rules: Rules, monotonic: Callable[[], float], key: bytes = b"") -> None:
        self.rules = rules
        self.clock = CampusClock(rules.zone)
        self.pool = Pool()
        self.facts = FactBook()
        self.states: dict[int, PartitionState] = {}
        self.emitter = Emitter(self.pool, self.facts, self.clock)
        self._historian = Historian(self.facts, rules.history)
        self._intake = self._new_intake(key)
        self._inbox: deque[tuple[int, str, StudentFacts | None]] = deque()
        self.facts_refused = 0
        self._monotonic = monotonic
        self._flushed_at = monotonic()
        self._flush_cost_s = 0.0

    def use_key(self, key: bytes) -> None:
        """Use the secret under which the duplicates of the database are remembered."""
        self._intake = self._new_intake(key)

    def _new_intake(self, key: bytes) -> Intake:
        return Intake(
            self.pool,
            self.clock,
            KeyMaker(key),
            horizon=self.rules.dedup_days,
            ahead_days=self.rules.ahead_days,
        )

    # --- partitions come and go -----------------------------------------------------------------

    def reserve(self, sizes: Sequence[int]) -> None:
        """Make room at once for partitions of so many students."""
        self.pool.reserve(sum(blocks_for(size) for size in sizes))

    def load(self, partition: int, saved: Snapshot | None) -> None:
        """Take over a partition, from its last checkpoint if it has one."""
        self._take_facts()
        self.forget(partition)
        state = PartitionState(partition, self.pool, Seen(self.rules.dedup_days))
        if saved is not None:
            restore(state, saved)
        self.states[partition] = state
        self.facts.take_over(state)

    def forget(self, partition: int) -> None:
        """Drop a partition's state."""
        state = self.states.pop(partition, None)
        if state is not None:
            state.forget()
        self.emitter.forget(partition)

    @property
    def nbytes(self) -> int:
        """Bytes of state held."""
        students = sum(len(state.students) for state in self.states.values())
        keys = sum(state.seen.nbytes for state in self.states.values())
        return students * (RING_BYTES + ROW.itemsize) + keys

    def learn(self, partition: int, student: str, facts: StudentFacts | None) -> None:
        """Take over what directory says of a student; None: it says nothing any more.

        May be called while a batch is applied on another thread: it counts from the next one on.
        """
        self._inbox.append((partition, student, facts))

    def _take_facts(self) -> None:
        while self._inbox:
            partition, student, facts = self._inbox.popleft()
            if facts is None:
                self.facts.forget(partition, student)
            else:
                try:
                    self.facts.learn(partition, facts)
                except ValueError:
                    self.facts_refused += 1

    def snapshot(self, partitions: Iterable[int]) -> list[Snapshot]:
        """Return, and count as saved, what changed in partitions since their last checkpoint."""
        return [take(self.states[number]) for number in partitions if number in self.states]

    # --- questions ------------------------------------------------------------------------------

    def state_of(self, student: str) -> PartitionState | None:
        """Return the state of the partition that holds a student, if it is held here."""
        return next((s for s in self.states.values() if student in s.rows), None)

    def counts(self) -> dict[str, list[int]]:
        """Return applied, late, dead and duplicate events by feed."""
        totals: dict[str, list[int]] = {}
        for state in self.states.values():
            for feed, counts in state.counts.items():
                known = totals.get(feed, [0, 0, 0, 0])
                totals[feed] = [a + b for a, b in zip(known, counts, strict=True)]
        return dict(sorted(totals.items()))

    # --- the log --------------------------------------------------------------------------------

    def handle(self, parts: Sequence[Part]) -> Outcome:
        """Apply a batch of the log; a partition's parts are in order."""
        self._take_facts()
        vectors: list[FeatureVector] = []
        refused: list[Refusal] = []
        size = sum(len(part.offsets) for part in parts)
        for wave in self._waves(parts, refused):
            refused += self._apply(wave)
            if size <= _TRACED_BATCH and self.rules.flush.mode == "adaptive":
                self._trace(wave)
            ticked = [s for s, stretch in wave if self._close(s, stretch, refused)]
            if ticked:
                vectors += self.emitter.at_ticks(ticked)
                self._remember(ticked)
        vectors += self._flush(size)
        return Outcome(vectors, refused)

    def idle(self) -> Outcome:
        """Publish what a live worker still holds back."""
        self._take_facts()
        return Outcome(self._flush(0))

    def waiting(self) -> int:
        """Return how many students' changes a flush would evaluate."""
        if self.rules.flush.mode == "ticks":
            return 0
        return int(np.count_nonzero(self.pool.changed))

    def take_coalesced(self) -> int:
        """Return how many events joined a change that was still waiting, since the last call."""
        taken, self._intake.coalesced = self._intake.coalesced, 0
        return taken

    def _waves(
        self, parts: Sequence[Part], refused: list[Refusal]
    ) -> list[list[tuple[PartitionState, Stretch]]]:
        """Return stretches to apply together: the first of each partition, then the second."""
        columns: dict[int, list[tuple[PartitionState, Stretch]]] = {}
        for part in parts:
            state = self.states.get(part.partition)
            if state is None or not part.offsets:
                continue
            reading = read(part.partition, part.values, part.offsets)
            for bad in reading.refused:
                state.count(bad.feed, DEAD)
            refused += reading.refused
            columns.setdefault(part.partition, []).extend((state, s) for s in reading.stretches)
        rows = zip_longest(*columns.values())
        return [[one for one in row if one is not None] for row in rows]

    def _apply(self, wave: Sequence[tuple[PartitionState, Stretch]]) -> list[Refusal]:
        return self._intake.apply([Chunk(s, x.events, x.offsets) for s, x in wave])

    def _close(self, state: PartitionState, stretch: Stretch, refused: list[Refusal]) -> bool:
        """Apply the tick that ends a stretch; say whether it moved time on."""
        state.position = max(state.position, stretch.last)
        if stretch.tick is None:
            return False
        try:
            moved = self._tick(state, stretch.tick)
        except (ValueError, OverflowError) as error:
            state.count(stretch.tick.source, DEAD)
            refused.append(
                Refusal(state.number, stretch.last, BAD_VALUE, detail=type(error).__name__)
            )
            return False
        return moved

    def _tick(self, state: PartitionState, tick: Tick) -> bool:
        second = moment_seconds(tick.time)
        if state.tick_at is not None and second <= state.tick_at:
            return False
        state.yields.absorb(tick.feeds)
        state.tick_at = second
        state.advance(self.clock.day_of(second))
        state.yields.forget_before(state.oldest)
        return True

    def _remember(self, ticked: Sequence[PartitionState]) -> None:
        for state in ticked:
            at = self.emitter.moment_of(state)
            if at is not None:
                self._historian.remember(state, at)

    def _trace(self, wave: Sequence[tuple[PartitionState, Stretch]]) -> None:
        """Remember by which trace each student was last touched, for the vector that follows."""
        for _, stretch in wave:
            for event in stretch.events:
                if event.traceparent:
                    self.emitter.traces[event.subject] = event.traceparent

    def _flush(self, batch: int) -> list[FeatureVector]:
        began = self._monotonic()
        since = began - self._flushed_at
        if not self.rules.flush.is_due(
            batch=batch, since_flush_s=since, last_cost_s=self._flush_cost_s
        ):
            return []
        vectors = self.emitter.changed(list(self.states.values()))
        self.emitter.traces.clear()
        self._flushed_at = self._monotonic()
        self._flush_cost_s = self._flushed_at - began
        return vectors
