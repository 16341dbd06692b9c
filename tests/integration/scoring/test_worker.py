"""The worker: from vectors in the log to assessments in the log and the table."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.helpers.bundles import a_bundle
from tests.helpers.lanes import drained, published, put, the_champions_worker
from tests.helpers.vectors import a_vector, pseudonym

from scoring.domain.ports import Place
from scoring.main import Parts
from scoring.repository.assessments import AssessmentRepository
from scoring.tables import BOOKMARKS, PREDICTIONS
from shared.bundle.manifest import Thresholds
from shared.contracts.codec import decoder
from shared.contracts.feed import DeadLetter
from shared.contracts.topics import CAMPUS_EVENTS_DEAD, RISK_ASSESSMENTS, STUDENT_FEATURES
from shared.crypto.sealing import Sealer
from shared.kernel.clock import ManualClock
from shared.kernel.errors import UnavailableError
from shared.stream.records import Outgoing
from shared.stream.testing import FakeBroker


@pytest.fixture
def broker() -> FakeBroker:
    return FakeBroker(partitions=3)


async def test_vectors_are_assessed_and_the_latest_is_kept(
    parts: Parts, broker: FakeBroker
) -> None:
    """Every vector is published, the table holds the last one of each student."""
    put(broker, *(a_vector(pseudonym(n), p) for n in range(4) for p in (1, 5)))
    worker = await the_champions_worker(parts, broker)
    await worker.start()
    await drained(worker)
    assert len(published(broker)) == 8
    found = await parts.repository.find(pseudonym(2))
    assert found is not None
    assert found.position == 5
    await worker.close()


async def test_a_repeat_changes_nothing(parts: Parts, broker: FakeBroker) -> None:
    """A vector whose position is not above the last one is neither published nor kept."""
    put(broker, a_vector(position=7), a_vector(position=7), a_vector(position=3))
    worker = await the_champions_worker(parts, broker)
    await worker.start()
    await drained(worker)
    assert [one.position for one in published(broker)] == [7]
    await worker.close()


async def test_after_a_restart_the_last_position_is_known(parts: Parts, broker: FakeBroker) -> None:
    """Another worker of the group ignores repeats that came while none was there."""
    first = await the_champions_worker(parts, broker)
    await first.start()
    put(broker, a_vector(position=7))
    await drained(first)
    await first.close()
    put(broker, a_vector(position=7), a_vector(position=8))
    second = await the_champions_worker(parts, broker)
    await second.start()
    await drained(second)
    assert [one.position for one in published(broker)] == [7, 8]
    await second.close()


async def test_the_digest_does_not_depend_on_batches_or_a_crash(
    parts: Parts, broker: FakeBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read in threes, twice lost before saving, or all at once: equal digests, equal ids."""
    vectors = [a_vector(pseudonym(n % 5), n) for n in range(20)]
    whole = await the_champions_worker(parts, broker)
    put(broker, *vectors)
    await whole.start()
    await drained(whole)
    want, ids = await parts.repository.digest(), {one.id for one in published(broker)}
    await whole.close()

    async with parts.database.write() as connection:
        await parts.repository.forget(connection, {pseudonym(n) for n in range(5)})
        await connection.execute(BOOKMARKS.delete())
    other = FakeBroker(partitions=3)
    parts.settings = parts.settings.model_copy(update={"max_records": 3})
    failures, save = iter([False, True, False, True]), AssessmentRepository.save

    async def failing(
        lane: AssessmentRepository, connection: AsyncConnection, places: Sequence[Place]
    ) -> None:
        if next(failures, False):
            raise UnavailableError("the database went away between publishing and saving")
        await save(lane, connection, places)

    monkeypatch.setattr(AssessmentRepository, "save", failing)
    again = await the_champions_worker(parts, other)
    put(other, *vectors)
    await again.start()
    for _ in range(40):
        await again.run_once(0.0)
    assert await parts.repository.digest() == want
    assert len(published(other)) > len(vectors)
    assert {one.id for one in published(other)} == ids
    await again.close()


async def test_the_digest_does_not_depend_on_places_in_the_log(
    parts: Parts, broker: FakeBroker
) -> None:
    """The same vectors further down the log, as after a repeated request: an equal digest."""
    worker = await the_champions_worker(parts, broker)
    await worker.start()
    put(broker, *(a_vector(pseudonym(n), 10 + n) for n in range(5)))
    await drained(worker)
    want = await parts.repository.digest()
    put(broker, *(a_vector(pseudonym(n), 20 + 3 * n) for n in range(5)))
    await drained(worker)
    assert await parts.repository.digest() == want
    put(broker, a_vector(pseudonym(0), 99, values=[0.9, 2.0, 0.0]))
    await drained(worker)
    assert await parts.repository.digest() != want
    await worker.close()


async def test_a_tombstone_erases_and_is_passed_on(parts: Parts, broker: FakeBroker) -> None:
    """An erased student has no row and no assessment left in the compacted topic."""
    worker = await the_champions_worker(parts, broker)
    await worker.start()
    put(broker, a_vector(position=1))
    await drained(worker)
    key = a_vector().student.encode()
    put(broker, a_vector(position=2))
    broker.append(Outgoing(STUDENT_FEATURES.name, key, None))
    await drained(worker)
    assert await parts.repository.find(a_vector().student) is None
    assert [r.value for r in broker.records(RISK_ASSESSMENTS.name)][-1] is None
    assert len(published(broker)) == 1
    await worker.close()


async def test_a_kill_between_saves_says_the_same_again(parts: Parts, broker: FakeBroker) -> None:
    """What was published and not saved comes again under the same ids, and is then saved once."""
    parts.settings = parts.settings.model_copy(update={"checkpoint_s": 0.2})
    killed = await the_champions_worker(parts, broker)
    await killed.start()
    put(broker, *(a_vector(pseudonym(n)) for n in range(4)))
    await drained(killed)
    put(broker, *(a_vector(pseudonym(n), 2) for n in range(4)))
    await drained(killed)
    first = published(broker)
    assert len(first) == 8
    assert await parts.repository.sizes() == {}
    await killed.close()
    again = await the_champions_worker(parts, broker)
    await again.start()
    await drained(again)
    ids = sorted(one.id for one in published(broker))
    assert ids == sorted(2 * [one.id for one in first])
    assert isinstance(parts.clock, ManualClock)
    parts.clock.advance(0.3)
    put(broker, a_vector(pseudonym(9)))
    await drained(again)
    assert await parts.repository.sizes() == {"champion": 5}
    await again.close()


async def test_one_who_returns_after_erasure_has_no_past(parts: Parts, broker: FakeBroker) -> None:
    """What was said before the tombstone is forgotten, although a new vector precedes the save."""
    (before,) = parts.service.assess([a_vector()])
    cuts = Thresholds(before.probability or 0, 0.99, 0.999)  # what is said is kept
    a_bundle(parts.settings.bundle_dir, thresholds=cuts)
    parts.job.reload()
    saved = await the_champions_worker(parts, broker)
    await saved.start()
    put(broker, a_vector(position=1))
    await drained(saved)
    await saved.close()
    parts.settings = parts.settings.model_copy(update={"checkpoint_s": 0.2})
    worker = await the_champions_worker(parts, broker)
    await worker.start()
    put(broker, a_vector(position=2))
    await drained(worker)
    broker.append(Outgoing(STUDENT_FEATURES.name, a_vector().student.encode(), None))
    await drained(worker)
    put(broker, a_vector(position=3))
    await drained(worker)
    assert await predicted(parts) == [published(broker)[0].id]
    await worker.drain()
    assert await predicted(parts) == [published(broker)[-1].id]
    found = await parts.repository.find(a_vector().student)
    assert found is not None
    assert found.position == 3
    await worker.close()


async def predicted(parts: Parts) -> list[str]:
    async with parts.database.read() as connection:
        return [row.id for row in await connection.execute(select(PREDICTIONS.c.id))]


@pytest.mark.parametrize("field", ["values", "coverage", "usual"])
async def test_a_vector_of_another_length_is_malformed(
    parts: Parts, broker: FakeBroker, field: str
) -> None:
    """One value too few under the catalogue in service is a dead letter; the next is assessed."""
    worker = await the_champions_worker(parts, broker)
    await worker.start()
    short: dict[str, Any] = {field: [1.0, 1.0]}
    put(broker, a_vector(position=1, **short), a_vector(position=2))
    await drained(worker)
    assert [one.position for one in published(broker)] == [2]
    (record,) = broker.records(CAMPUS_EVENTS_DEAD.name)
    assert decoder(DeadLetter).decode(record.value or b"").reason == "malformed"
    await worker.close()


async def test_a_malformed_vector_does_not_stop_the_partition(
    parts: Parts, broker: FakeBroker
) -> None:
    """Rubbish between two vectors goes sealed to the dead letters; the one after it is assessed."""
    worker = await the_champions_worker(parts, broker)
    await worker.start()
    put(broker, a_vector(position=1))
    broker.append(Outgoing(STUDENT_FEATURES.name, a_vector().student.encode(), b"{rubbish"))
    put(broker, a_vector(position=2))
    await drained(worker)
    assert [one.position for one in published(broker)] == [1, 2]
    skipped = {"reason": "malformed"}
    assert parts.registry.get_sample_value("scoring_vectors_skipped_total", skipped) == 1
    (record,) = broker.records(CAMPUS_EVENTS_DEAD.name)
    letter = decoder(DeadLetter).decode(record.value or b"")
    assert (letter.stage, letter.reason) == ("scoring", "malformed")
    assert letter.origin is not None
    assert letter.origin.startswith(STUDENT_FEATURES.name)
    sealer = Sealer("d1", {"d1": bytes.fromhex("ab" * 32)})
    assert sealer.open(letter.payload, f"dead:{letter.id}") == b"{rubbish"
    await worker.close()
