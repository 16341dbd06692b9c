"""What is published and not saved yet, by the policy of production: hand-overs, promotions."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.helpers.bundles import CATALOGUE, FEATURES, a_bundle
from tests.helpers.lanes import (
    at_work,
    drained,
    published,
    put,
    streams_on,
    the_champions_worker,
    until,
)
from tests.helpers.vectors import a_vector, pseudonym
from tests.helpers.verdicts import read

from scoring import main
from scoring.config import Settings
from scoring.main import Parts
from scoring.main.lanes import open_lane
from scoring.repository.labels import LabelRepository
from scoring.runtime import Meaning
from scoring.service.serving import Asked
from scoring.tables import ASSESSMENTS, BOOKMARKS, PREDICTIONS
from shared.bundle.manifest import Thresholds
from shared.contracts.alert import AlertEvent
from shared.contracts.codec import encode
from shared.contracts.topics import ALERTS_EVENTS, RISK_ASSESSMENTS, STUDENT_FEATURES
from shared.kernel.clock import ManualClock, SystemClock
from shared.stream.partitioner import partition_for
from shared.stream.records import Outgoing, Partition
from shared.stream.testing import FakeBroker
from shared.stream.worker import Worker

WHY = Asked("person_7", "calibrated better on last term")
EVERYBODY = Thresholds(0.0001, 0.9998, 0.9999)  # what is said of anybody may open an alert
STUDENTS = [pseudonym(n) for n in range(8)]


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """Save as production does; serve `bundle`, with `second` beside it."""
    a_bundle(tmp_path / "bundle", thresholds=EVERYBODY)
    a_bundle(tmp_path / "second", model="test-2", seed=2, thresholds=EVERYBODY)
    usual = Settings.model_fields["checkpoint_s"].default
    return settings.model_copy(update={"bundles_dir": tmp_path, "checkpoint_s": usual})


def pass_time(parts: Parts) -> None:
    """Let the next round save."""
    assert isinstance(parts.clock, ManualClock)
    parts.clock.advance(2 * parts.settings.checkpoint_s)


async def the_shadows_worker(parts: Parts, broker: FakeBroker) -> Worker:
    (lane,) = [one for one in await parts.wanted() if not one.is_champion]
    opened = await open_lane(parts, streams_on(broker), lane)
    assert isinstance(opened.worker, Worker)
    return opened.worker


async def stored(parts: Parts) -> Sequence[tuple[str, int, bool]]:
    """Return who has a row, under which revision, and whether it is the champion's."""
    query = select(ASSESSMENTS.c.student, ASSESSMENTS.c.revision, ASSESSMENTS.c.lane)
    async with parts.database.read() as connection:
        rows = await connection.execute(query)
        return sorted((row.student, row.revision, row.lane == "champion") for row in rows)


async def predicted(parts: Parts) -> set[int]:
    """Return the revisions of which predictions are kept."""
    async with parts.database.read() as connection:
        return {row[0] for row in await connection.execute(select(PREDICTIONS.c.revision))}


async def read_to(parts: Parts, group: str) -> int:
    """Return how many records a group's bookmarks have passed."""
    query = select(BOOKMARKS.c.next_offset).where(BOOKMARKS.c.group_name == group)
    async with parts.database.read() as connection:
        return sum(max(0, row[0]) for row in await connection.execute(query))


@pytest.mark.parametrize("is_drained", [False, True])
async def test_a_promotion_fences_what_was_not_saved(
    parts: Parts, broker: FakeBroker, *, is_drained: bool
) -> None:
    """The old worker stores nothing, when due or at its end; the new one assesses everybody."""
    put(broker, *(a_vector(one) for one in STUDENTS))
    old = await the_champions_worker(parts, broker)
    await old.start()
    await drained(old)
    assert {one.revision for one in published(broker)} == {0}
    await parts.serving.promote("second", WHY, is_forced=True)
    if is_drained:
        await old.drain()
    else:
        pass_time(parts)
        await old.run_once(0.0)
    assert await stored(parts) == []
    assert await predicted(parts) == set()
    assert await read_to(parts, old.group) == 0
    await old.close()
    new = await the_champions_worker(parts, broker)
    await new.start()
    await drained(new)
    again = [one for one in published(broker) if one.revision == 1]
    assert sorted(one.student for one in again) == sorted(STUDENTS)
    assert {one.model for one in again} == {"test-2"}
    pass_time(parts)
    await new.run_once(0.0)
    assert await stored(parts) == [(one, 1, True) for one in sorted(STUDENTS)]
    assert await predicted(parts) == {1}
    assert (new.group != old.group, await read_to(parts, new.group)) == (True, len(STUDENTS))
    await new.close()


async def test_an_alert_of_what_was_fenced_has_a_label_of_the_new_champion(
    parts: Parts, broker: FakeBroker
) -> None:
    """It opened on an assessment that no row holds; the one after it, of that moment, is joined."""
    put(broker, a_vector(STUDENTS[0]))
    old = await the_champions_worker(parts, broker)
    await old.start()
    await drained(old)
    await parts.serving.promote("second", WHY, is_forced=True)
    await old.drain()
    await old.close()
    (fenced,) = published(broker)
    opened = AlertEvent(
        id="event_1", alert="alert_1", student=fenced.student, kind="opened", level="blue",
        reason="threshold_crossed", at=fenced.as_of, sequence=1, assessment=fenced.id,
    )  # fmt: skip
    broker.append(Outgoing(ALERTS_EVENTS.name, opened.student.encode(), encode(opened)))
    await read(parts, broker)
    labels = LabelRepository(parts.database)
    assert [await labels.waiting(n) for n in (0, 1)] == [0, 0]
    new = await the_champions_worker(parts, broker)
    await new.start()
    await drained(new)
    await new.drain()
    assert [await labels.waiting(n) for n in (0, 1)] == [0, 1]
    await new.close()


async def test_a_partition_that_goes_is_saved_and_the_other_waits(
    parts: Parts, broker: FakeBroker
) -> None:
    """A revoke of one saves its rows alone; a kill then repeats what is said of the other's."""
    leaves, stays = ([s for s in STUDENTS if partition_for(s.encode(), 2) == n] for n in (0, 1))
    assert leaves
    assert stays
    put(broker, *(a_vector(one) for one in STUDENTS))
    worker = await the_champions_worker(parts, broker)
    await worker.start()
    await drained(worker)
    await worker.revoked([Partition(STUDENT_FEATURES.name, 0)])
    assert [row[0] for row in await stored(parts)] == sorted(leaves)
    assert await read_to(parts, worker.group) == len(leaves)
    put(broker, a_vector(stays[0], 2))
    await drained(worker)
    assert [row[0] for row in await stored(parts)] == sorted(leaves)
    await worker.close()  # killed: nothing is drained
    again = await the_champions_worker(parts, broker)
    await again.start()
    await drained(again)
    await again.drain()
    times = Counter(one.id for one in published(broker))
    assert {(one.student, times[one.id]) for one in published(broker)} == {
        *((one, 1) for one in leaves),
        *((one, 2) for one in stays),
    }
    assert [row[0] for row in await stored(parts)] == sorted(STUDENTS)
    await again.close()


async def test_what_a_shadow_has_not_saved_comes_again(parts: Parts, broker: FakeBroker) -> None:
    """A killed shadow leaves no row, a drained one everybody's but an erased student's."""
    put(broker, *(a_vector(one) for one in STUDENTS))
    killed = await the_shadows_worker(parts, broker)
    await killed.start()
    await drained(killed)
    await killed.close()
    assert await stored(parts) == []
    shadow = await the_shadows_worker(parts, broker)
    await shadow.start()
    await drained(shadow)
    broker.append(Outgoing(STUDENT_FEATURES.name, STUDENTS[0].encode(), None))
    await drained(shadow)
    assert await stored(parts) == []
    await shadow.drain()
    assert await stored(parts) == [(one, 0, False) for one in sorted(STUDENTS[1:])]
    assert await predicted(parts) == set()
    assert broker.records(RISK_ASSESSMENTS.name) == []
    await shadow.close()


async def test_lanes_by_a_real_clock_save_and_change_the_champion(
    settings: Settings, broker: FakeBroker
) -> None:
    """Lanes save while nothing comes; after a promotion the champion's rows are all made anew."""
    parts = main.assemble(settings, SystemClock(), meaning=Meaning(CATALOGUE, FEATURES))
    await parts.load()
    champion, shadow = ([(s, 0, is_own) for s in STUDENTS] for is_own in (True, False))

    async def has(*rows: tuple[str, int, bool]) -> None:
        async def holds() -> bool:
            return await stored(parts) == sorted(rows)

        await until(holds)

    try:
        put(broker, *(a_vector(one) for one in STUDENTS))
        async with at_work(parts, broker):
            await has(*champion, *shadow)
            assert len(published(broker)) == len(STUDENTS)
            await parts.serving.promote("second", WHY, is_forced=True)
            await has(*((s, 1, True) for s in STUDENTS), *shadow, *shadow)  # `bundle`, `second`
            assert await predicted(parts) == {0, 1}
    finally:
        await parts.database.close()
