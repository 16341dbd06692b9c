"""Champion and shadows at work: who is heard, promotion, roll-back, restart."""

import asyncio
from functools import partial
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select
from tests.helpers.bundles import CATALOGUE, FEATURES, a_bundle
from tests.helpers.lanes import at_work, published, put, revision_reached, until
from tests.helpers.vectors import a_vector, pseudonym

from scoring import main
from scoring.config import Settings
from scoring.domain.lanes import Candidate, shadow_lane
from scoring.main import Parts, build_app
from scoring.main.lanes import kafka_streams, use_streams
from scoring.runtime import Meaning
from scoring.service.serving import Asked
from scoring.tables import ASSESSMENTS, MODEL_CHANGES
from shared.auth.testing import Fixed, an_actor, fixed
from shared.bundle.manifest import Thresholds
from shared.contracts.assessment import Assessment
from shared.contracts.codec import encode
from shared.contracts.topics import STUDENT_FEATURES
from shared.kernel.clock import ManualClock
from shared.kernel.errors import ConflictError, FencedError, NotFoundError
from shared.stream.kafka.admin import declare_topics
from shared.stream.kafka.sink import KafkaSink
from shared.stream.records import Outgoing
from shared.stream.testing import FakeBroker

WHY = Asked("person_7", "calibrated better on last term")


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """Serve `bundle`, with `second` beside it in the folder of bundles."""
    a_bundle(tmp_path / "second", model="test-2", seed=2)
    return settings.model_copy(update={"bundles_dir": tmp_path})


def shadow_of(parts: Parts, name: str) -> str:
    found: dict[str, Candidate] = {one.name: one for one in parts.shelf.candidates()}
    return shadow_lane(found[name]).key


async def assessed(parts: Parts, lane: str, count: int) -> None:
    async def holds() -> bool:
        return (await parts.repository.sizes()).get(lane, 0) == count

    await until(holds)


async def test_a_shadow_assesses_everybody_and_nobody_hears_it(
    parts: Parts, broker: FakeBroker
) -> None:
    """Its rows hold every student from the topic's start; the topic holds the champion's alone."""
    put(broker, *(a_vector(pseudonym(n)) for n in range(6)))
    async with at_work(parts, broker):
        await assessed(parts, shadow_of(parts, "second"), 6)
        await assessed(parts, "champion", 6)
        states = {s.lane.bundle: s.status for s in parts.lanes.states()}
    assert {one.model for one in published(broker)} == {"test-1"}
    assert states == {"bundle": "working", "second": "working"}
    counted = {"bundle": "second", "status": "scored", "level": "none"}
    names = parts.registry.get_sample_value("scoring_lanes", {"status": "working"})
    assert names == 2
    assert parts.registry.get_sample_value("scoring_shadow_assessments_total", counted) is not None


async def test_a_refused_shadow_is_told_and_tried_again_when_mended(
    parts: Parts, broker: FakeBroker, tmp_path: Path
) -> None:
    """The champion works on; a new content of the folder begins a lane of its own."""
    (tmp_path / "second" / "model.onnx").write_bytes(b"altered")
    put(broker, a_vector())
    async with at_work(parts, broker):
        await assessed(parts, "champion", 1)
        (refused,) = [s for s in parts.lanes.states() if s.status == "refused"]
        assert "SHA-256" in refused.detail
        a_bundle(tmp_path / "second", model="test-3", seed=3)
        await assessed(parts, shadow_of(parts, "second"), 1)


async def test_a_promotion_assesses_everybody_anew_and_outlives_a_restart(
    parts: Parts, settings: Settings, broker: FakeBroker
) -> None:
    """Each student once more, at the same position, by the new model; a new process knows it."""
    put(broker, *(a_vector(pseudonym(n), 5) for n in range(6)))
    async with at_work(parts, broker):
        await assessed(parts, "champion", 6)
        await assessed(parts, shadow_of(parts, "second"), 6)
        entry = await parts.serving.promote("second", WHY)
        await revision_reached(broker, 1, 6)
        again = [one for one in published(broker) if one.revision == 1]
        assert {one.model for one in again} == {"test-2"}
        assert {one.position for one in again} == {5}
        assert len(again) == 6
        await assessed(parts, shadow_of(parts, "bundle"), 6)  # the old champion is a shadow now
    change = entry.change
    assert (change.actor, change.bundle_from, change.bundle_to) == ("person_7", "bundle", "second")
    anew = main.assemble(settings, ManualClock(), meaning=Meaning(CATALOGUE, FEATURES))
    try:
        put(broker, a_vector(pseudonym(1), 6))
        async with at_work(anew, broker):

            async def holds() -> bool:
                return (await latest(anew, pseudonym(1))).position == 6

            await until(holds)
        assert anew.service.require_model().manifest.model == "test-2"
        assert (await latest(anew, pseudonym(1))).revision == 1
        assert len([one for one in published(broker) if one.revision == 1]) == 7
    finally:
        await anew.database.close()


async def latest(parts: Parts, student: str) -> Assessment:
    found = await parts.repository.find(student)
    assert found is not None
    return found


async def test_a_roll_back_returns_to_the_champion_before(parts: Parts, broker: FakeBroker) -> None:
    """Under a third revision the first model speaks again; a second roll-back has nowhere to go."""
    put(broker, *(a_vector(pseudonym(n)) for n in range(3)))
    async with at_work(parts, broker):
        await assessed(parts, "champion", 3)
        await parts.serving.promote("second", WHY, is_forced=True)
        await revision_reached(broker, 1, 3)
        await parts.serving.roll_back(WHY)
        await revision_reached(broker, 2, 3)

        async def holds() -> bool:
            return (await latest(parts, pseudonym(1))).revision == 2

        await until(holds)
        assert (await latest(parts, pseudonym(1))).model == "test-1"
        with pytest.raises(ConflictError):
            await parts.serving.roll_back(WHY)
    log = await parts.serving.log()
    assert [e.change.action for e in log.entries] == ["promote", "rollback"]
    assert [e.change.is_forced for e in log.entries] == [True, False]
    assert log.broken_at is None


async def test_what_cannot_be_promoted_is_refused(
    parts: Parts, broker: FakeBroker, tmp_path: Path
) -> None:
    """No such bundle, the champion itself, an incomplete shadow, an altered bundle: no change."""
    with pytest.raises(NotFoundError):
        await parts.serving.promote("third", WHY)
    with pytest.raises(ConflictError, match="champion already"):
        await parts.serving.promote("bundle", WHY)
    put(broker, a_vector())
    async with at_work(parts, broker):
        await assessed(parts, "champion", 1)
        a_bundle(tmp_path / "late", model="test-4", seed=4)
        async with parts.database.write() as connection:
            await connection.execute(ASSESSMENTS.delete().where(ASSESSMENTS.c.lane != "champion"))
    with pytest.raises(ConflictError, match="wait, or force"):
        await parts.serving.promote("late", WHY)
    (tmp_path / "late" / "model.onnx").write_bytes(b"altered")
    with pytest.raises(ConflictError) as caught:
        await parts.serving.promote("late", WHY, is_forced=True)
    assert caught.value.code == "bundle_refused"
    assert (await parts.serving.log()).entries == []


async def test_both_lanes_are_counted_by_the_champions_cuts(
    parts: Parts, broker: FakeBroker, tmp_path: Path
) -> None:
    """A shadow's own cuts do not hide where its probabilities lie; alerts would not see them."""
    silent = Thresholds(0.9997, 0.9998, 0.9999)
    a_bundle(tmp_path / "same", model="test-5", seed=1, thresholds=silent)
    put(broker, *(a_vector(pseudonym(n)) for n in range(5)))
    async with at_work(parts, broker):
        await assessed(parts, "champion", 5)
        await assessed(parts, shadow_of(parts, "same"), 5)
    async with parts.database.write() as connection:
        for number, probability in enumerate((0.1, 0.4, 0.6, 0.8)):
            mine = ASSESSMENTS.c.student == pseudonym(number)
            await connection.execute(
                ASSESSMENTS.update().where(mine).values(probability=probability)
            )
        last = ASSESSMENTS.c.student == pseudonym(4)
        await connection.execute(ASSESSMENTS.update().where(last).values(probability=None))
    levels = ["none", "blue", "yellow", "orange", "abstained"]
    seen = await parts.serving.compare("same")
    assert seen.cells == {(level, level): 1 for level in levels}


async def test_a_champion_of_the_log_is_the_content_that_was_promoted(
    parts: Parts, settings: Settings, broker: FakeBroker, tmp_path: Path
) -> None:
    """Another content under its name is refused, by the watcher and after a restart; resumed too.

    The one of the settings, which nobody promoted, may change as ever.
    """
    a_bundle(tmp_path / "bundle", model="test-1b", seed=6)
    changed = parts.job.look()
    assert changed is not None
    assert changed.outcome == "swapped"
    put(broker, a_vector())
    async with at_work(parts, broker):
        await parts.serving.promote("second", WHY, is_forced=True)
        await revision_reached(broker, 1, 1)
        a_bundle(tmp_path / "second", model="test-9", seed=9)
        refused = parts.job.reload()
        assert refused.refusal is not None
        assert (refused.refusal.reason, refused.model) == ("not_promoted", "test-2")
    anew = main.assemble(settings, ManualClock(), meaning=Meaning(CATALOGUE, FEATURES))
    try:
        await anew.load()
        assert anew.service.model is None
        assert anew.service.refusal is not None
        assert anew.service.refusal.reason == "not_promoted"
    finally:
        await anew.database.close()


async def test_an_old_revision_cannot_write(parts: Parts) -> None:
    """A worker that has not heard of the promotion is fenced, as one that lost its partition."""
    await parts.serving.promote("second", WHY, is_forced=True)
    with pytest.raises(FencedError):
        async with parts.database.write() as connection:
            await parts.repository.save(connection, [])


async def test_an_erased_student_leaves_every_lane(parts: Parts, broker: FakeBroker) -> None:
    """Also the rows of a lane that rests are deleted by the champion's worker."""
    put(broker, a_vector(pseudonym(1)), a_vector(pseudonym(2)))
    async with at_work(parts, broker):
        await assessed(parts, "champion", 2)
        await assessed(parts, shadow_of(parts, "second"), 2)
        async with parts.database.write() as connection:
            await connection.execute(
                ASSESSMENTS.update().where(ASSESSMENTS.c.lane != "champion").values(lane="s-old-1")
            )
        broker.append(Outgoing(STUDENT_FEATURES.name, pseudonym(1).encode(), None))
        await assessed(parts, "champion", 1)
    async with parts.database.read() as connection:
        rows = await connection.execute(select(ASSESSMENTS.c.student))
        assert {row.student for row in rows} == {pseudonym(2)}


async def test_the_log_is_checked_when_it_is_read(parts: Parts) -> None:
    """An edit in the database shows, with the number of the entry."""
    await parts.serving.promote("second", WHY, is_forced=True)
    await parts.serving.roll_back(WHY)
    async with parts.database.write() as connection:
        await connection.execute(
            MODEL_CHANGES.update().where(MODEL_CHANGES.c.number == 1).values(actor="nobody")
        )
    assert (await parts.serving.log()).broken_at == 1


@pytest.mark.kafka
async def test_on_a_real_broker_a_promotion_reads_the_topic_from_its_start(
    parts: Parts, kafka: str, topic_prefix: str
) -> None:
    """Apache Kafka: two groups read all, the promoted one a third time, under a new revision."""
    where = parts.settings.model_copy(
        update={"kafka_bootstrap_servers": kafka, "topic_prefix": topic_prefix, "partitions": 2}
    )
    await declare_topics(where)
    use_streams(parts, partial(kafka_streams, where))
    await parts.load()
    sink = KafkaSink(kafka, prefix=topic_prefix)
    await sink.start()
    vectors = [a_vector(pseudonym(n)) for n in range(5)]
    await sink.publish(
        [Outgoing(STUDENT_FEATURES.name, v.student.encode(), encode(v)) for v in vectors]
    )
    stop = asyncio.Event()
    running = asyncio.create_task(parts.lanes.run(stop, interval_s=0.5))
    try:
        await assessed(parts, "champion", 5)
        await assessed(parts, shadow_of(parts, "second"), 5)
        await parts.serving.promote("second", WHY)

        async def holds() -> bool:
            found = [await latest(parts, pseudonym(n)) for n in range(5)]
            return {(one.revision, one.model) for one in found} == {(1, "test-2")}

        await until(holds, 40.0)
    finally:
        stop.set()
        await running
        await sink.stop()


@pytest.fixture
def caller() -> Fixed:
    return fixed(an_actor("it", id="person_it"))


@pytest.fixture
def client(parts: Parts, caller: Fixed) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(build_app(parts, caller))
    return httpx2.AsyncClient(transport=transport, base_url="http://scoring")


async def test_people_promote_by_the_api_and_services_do_not(
    parts: Parts, broker: FakeBroker, client: httpx2.AsyncClient, caller: Fixed
) -> None:
    """Comparison, promotion, roll-back and the log over REST; a service token gets a 403."""
    put(broker, *(a_vector(pseudonym(n)) for n in range(3)))
    async with at_work(parts, broker):
        await assessed(parts, "champion", 3)
        await assessed(parts, shadow_of(parts, "second"), 3)
        seen = (await client.get("/v1/models/second/comparison")).json()
        assert (seen["both"], sum(c["students"] for c in seen["cells"])) == (3, 3)
        listed = (await client.get("/v1/models")).json()
        assert (listed["bundle"], listed["revision"], listed["suspended"]) == ("bundle", 0, None)
        assert [(s["bundle"], s["students"]) for s in listed["shadows"]] == [("second", 3)]
        path = "/v1/models/second/promote"
        assert (await client.post(path, json={"reason": ""})).status_code == 422
        done = await client.post(path, json={"reason": "better"})
        assert done.status_code == 200, done.text
        await revision_reached(broker, 1, 3)
        assert (await client.get("/v1/models")).json()["serving"][0]["model"] == "test-2"
        back = await client.post("/v1/models/rollback", json={"reason": "worse"})
        assert back.json()["bundle_to"] == "bundle"
        assert (await client.post("/v1/models/resume", json={"reason": "yes"})).status_code == 409
    log = (await client.get("/v1/models/changes")).json()
    assert [(c["actor"], c["reason"]) for c in log["changes"]] == [
        ("person_it", "better"),
        ("person_it", "worse"),
    ]
    assert log["broken_at"] is None
    caller.actor = an_actor("service")
    assert (await client.post(path, json={"reason": "better"})).status_code == 403
