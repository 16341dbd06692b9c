"""Killed between any two steps, however the batches fall: every event counts exactly once."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.helpers.streams import (
    GROUP,
    CountingHandler,
    a_database,
    a_worker,
    an_event,
    counts_in,
)

from shared.contracts.topics import CAMPUS_EVENTS, STUDENT_FEATURES
from shared.db.database import Database
from shared.stream.policy import SavePolicy
from shared.stream.ports import Handled, Outgoing, Partition, Records
from shared.stream.testing import FakeBroker, FakeSink, FakeSource
from shared.stream.worker import Limits


class Killed(BaseException):
    """The process is gone: nothing may catch this and go on."""


@dataclass
class Assassin:
    """Kills at the steps whose numbers it was given."""

    at: set[int]
    step: int = 0
    kills: int = 0

    def strike(self) -> None:
        self.step += 1
        if self.step in self.at:
            self.kills += 1
            raise Killed


class DeadlySink(FakeSink):
    """Kills before and after the acknowledgement."""

    def __init__(self, broker: FakeBroker, assassin: Assassin) -> None:
        super().__init__(broker)
        self._assassin = assassin

    async def publish(self, outgoing: Sequence[Outgoing]) -> None:
        self._assassin.strike()  # handled, not published
        await super().publish(outgoing)
        self._assassin.strike()  # published, not saved


class DeadlySource(FakeSource):
    """Kills around the poll and before the group's commit."""

    def __init__(self, broker: FakeBroker, assassin: Assassin) -> None:
        super().__init__(broker, [CAMPUS_EVENTS], group=GROUP)
        self._assassin = assassin

    async def poll(self, timeout_s: float, max_records: int) -> Records:
        records = await super().poll(timeout_s, max_records)
        self._assassin.strike()  # polled, not handled
        return records

    async def commit(self, next_offsets: Mapping[Partition, int]) -> None:
        self._assassin.strike()  # saved, not committed
        await super().commit(next_offsets)


class DeadlyHandler(CountingHandler):
    """Kills with the batch in memory only, and with the transaction open."""

    def __init__(self, database: Database, assassin: Assassin) -> None:
        super().__init__(database)
        self._assassin = assassin

    async def handle(self, records: Records) -> Handled:
        handled = await super().handle(records)
        self._assassin.strike()
        return handled

    async def save(self, connection: AsyncConnection, partitions: Sequence[Partition]) -> None:
        await super().save(connection, partitions)
        self._assassin.strike()  # effects written, transaction open


@dataclass(frozen=True)
class Plan:
    """One run: which steps kill, how many records a batch, how often a save."""

    kills: set[int]
    batch: int
    every: float


async def live(broker: FakeBroker, database: Database, assassin: Assassin, plan: Plan) -> None:
    """Run one process until everything is handled, or until it is killed."""
    source = DeadlySource(broker, assassin)
    worker = a_worker(
        source,
        DeadlySink(broker, assassin),
        DeadlyHandler(database, assassin),
        database=database,
        policy=SavePolicy.every(plan.every),
        limits=Limits(poll_timeout_s=0.0, max_records=plan.batch, commit_interval_s=0.0),
    )
    try:
        await worker.start()
        while True:
            if await worker.run_once() == 0:
                break
            worker._clock.advance(1.0)  # type: ignore[attr-defined]
        await worker.drain()
    finally:
        await broker.leave(source)


async def survive(
    events: list[tuple[str, int]], plan: Plan, folder: str
) -> tuple[Counter[str], FakeBroker]:
    broker = FakeBroker(partitions=2)
    broker.append(*[an_event(key, partition=number) for key, number in events])
    database = await a_database(f"sqlite+aiosqlite:///{folder}/test.db")
    assassin = Assassin(plan.kills)
    try:
        for _ in range(len(plan.kills) + 1):
            try:
                await live(broker, database, assassin, plan)
            except Killed:
                continue
            break
        return await counts_in(database), broker
    finally:
        await database.close()


@settings(max_examples=60)
@given(
    events=st.lists(
        st.tuples(st.sampled_from("abcdef"), st.integers(0, 1)), min_size=1, max_size=25
    ).map(lambda events: [(f"{key}{number}", number) for key, number in events]),
    plan=st.builds(
        Plan,
        kills=st.sets(st.integers(1, 40), max_size=6),
        batch=st.integers(1, 9),
        every=st.sampled_from([0.0, 1.0, 3.0]),
    ),
)
def test_effects_are_exactly_once(events: list[tuple[str, int]], plan: Plan) -> None:
    """Whatever is killed when, the counts equal the events and what is published is complete."""
    with tempfile.TemporaryDirectory() as folder:
        counts, broker = asyncio.run(survive(events, plan, folder))
    assert counts == Counter(key for key, _ in events)
    undisturbed = FakeBroker(partitions=2)
    undisturbed.append(*[an_event(key, partition=number) for key, number in events])
    published = set(broker.values(STUDENT_FEATURES.name))
    places = {f"{r.partition.number}/{r.offset}" for r in undisturbed.records(CAMPUS_EVENTS.name)}
    assert {value.decode().partition("=")[0] for value in published} == places
    assert len(published) == len(events)  # a repeat carries the same identity and value
