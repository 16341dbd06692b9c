"""The worker dies between any two steps of a round; what was published and kept is the same."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.helpers.feature_log import a_tick, an_event, at, digest_of, facts
from tests.helpers.features_app import (
    a_settings,
    put_events,
    put_facts,
    running,
    sqlite_url,
)

from features.main import Parts
from shared.contracts.codec import decoder
from shared.contracts.features import FeatureVector
from shared.contracts.topics import STUDENT_FEATURES
from shared.kernel.clock import ManualClock
from shared.stream.ports import Outgoing
from shared.stream.testing import FakeBroker, FakeSink

STUDENTS = [f"p1:{number}" for number in range(7)]
STEPS = ("before publish", "after publish", "before save", "after save", "before commit")


class Killed(BaseException):
    """The process ended here."""


class DyingSink(FakeSink):
    """Publishes, and dies before or after it."""

    def __init__(self, broker: FakeBroker, step: str) -> None:
        super().__init__(broker)
        self._step = step

    async def publish(self, outgoing: Sequence[Outgoing]) -> None:
        if self._step == "before publish":
            raise Killed
        await super().publish(outgoing)
        if self._step == "after publish":
            raise Killed


def a_log() -> list[tuple[str, bytes]]:
    log: list[tuple[str, bytes]] = []
    for day in range(25):
        for number, student in enumerate(STUDENTS):
            if (day * number) % 5 != 1:
                time = at(day, 30 * number)
                log.append((student, an_event(id=f"{day}-{number}", student=student, time=time)))
        log.append(("tick", a_tick(day + 0.9)))
    return log


def arm(parts: Parts, step: str) -> None:
    """Make the worker die at a step of its next save."""
    save, commit = parts.handler.save, parts.worker._source.commit

    async def dying_save(connection: object, partitions: object) -> None:
        if step == "before save":
            raise Killed
        await save(connection, partitions)  # type: ignore[arg-type]
        if step == "after save":
            raise Killed

    async def dying_commit(offsets: object) -> None:
        if step == "before commit":
            raise Killed
        await commit(offsets)  # type: ignore[arg-type]

    parts.handler.save = dying_save  # type: ignore[method-assign]
    parts.worker._source.commit = dying_commit  # type: ignore[method-assign, assignment]


async def finish(parts: Parts, clock: ManualClock) -> None:
    while await parts.worker.run_once(0.0):
        clock.advance(1.0)


def last_seen(broker: FakeBroker) -> list[FeatureVector]:
    """Return what a reader takes that ignores positions not above the last one it saw."""
    seen: dict[str, int] = {}
    taken = []
    for value in broker.values(STUDENT_FEATURES.name):
        vector = decoder(FeatureVector).decode(value)
        if vector.position > seen.get(vector.student, -1):
            seen[vector.student] = vector.position
            taken.append(vector)
    return sorted(taken, key=lambda one: (one.student, one.position))


async def undisturbed(folder: Path) -> tuple[tuple[str, str], dict[str, list[int]], object]:
    broker, clock = FakeBroker(partitions=3), ManualClock()
    put_facts(broker, *(facts(student) for student in STUDENTS))
    put_events(broker, a_log())
    async with running(broker, a_settings(sqlite_url(folder)), clock=clock) as parts:
        await finish(parts, clock)
        return digest_of(parts.service), parts.service.counts(), last_seen(broker)


@pytest.mark.parametrize("step", STEPS)
async def test_death_between_any_two_steps_changes_nothing(step: str, tmp_path: Path) -> None:
    """Killed at this step again and again, digests, counts and what readers take are the same."""
    (tmp_path / "plain").mkdir()
    expected = await undisturbed(tmp_path / "plain")
    broker, clock = FakeBroker(partitions=3), ManualClock()
    put_facts(broker, *(facts(student) for student in STUDENTS))
    put_events(broker, a_log())
    settings = a_settings(sqlite_url(tmp_path), max_records=7, checkpoint_s=3.0)
    for alive_rounds in (1, 3, 2, 6):
        sink = FakeSink(broker)
        async with running(broker, settings, sink=sink, clock=clock) as parts:
            for _ in range(alive_rounds):
                await parts.worker.run_once(0.0)
                clock.advance(1.0)
            arm(parts, step)
            parts.worker._sink = DyingSink(broker, step)
            with pytest.raises(Killed):
                await finish(parts, clock)
    async with running(broker, settings, clock=clock) as parts:
        await finish(parts, clock)
        found = digest_of(parts.service), parts.service.counts(), last_seen(broker)
    assert found == expected
