"""Verdicts become labels of what opened the alerts."""

import asyncio

import httpx2
import pytest
from msgspec.structs import replace
from tests.helpers.bundles import a_bundle
from tests.helpers.lanes import at_work, published, put, revision_reached
from tests.helpers.vectors import a_vector, pseudonym
from tests.helpers.verdicts import (
    LATER,
    a_handler,
    again,
    an_assessment,
    keep,
    read,
    said,
    saved_in_vain,
    second,
    tell,
    unmatched,
)

from scoring.domain.standing import Change
from scoring.main import Parts, build_app
from scoring.repository.labels import LabelRepository, forget_students, save_predictions
from shared.auth.testing import an_actor, fixed
from shared.bundle.manifest import Thresholds
from shared.contracts.alert import AlertEvent, Verdict
from shared.contracts.codec import encode
from shared.contracts.topics import (
    ALERTS_EVENTS,
    CAMPUS_EVENTS_DEAD,
)
from shared.kernel.errors import FencedError
from shared.stream.records import Outgoing, Records
from shared.stream.testing import FakeBroker


async def test_a_verdict_becomes_the_label_of_what_opened_the_alert(
    parts: Parts, broker: FakeBroker
) -> None:
    """Probability and level of the opening; data errors are none; a rule's alert has no label."""
    await said(parts, 3)
    for number in range(4):  # the fourth was opened by something else
        tell(broker, number, None)
    tell(broker, 0, "confirmed_need")
    tell(broker, 1, "data_error")
    tell(broker, 3, "confirmed_need")
    await read(parts, broker)
    labels = LabelRepository(parts.database)
    (label,) = await labels.labels(0)
    assert (label.level, label.probability, label.is_in_need) == ("blue", 0.35, True)
    assert await labels.waiting(0) == 1
    assert unmatched(parts) == 0  # its prediction may still come


async def test_what_a_lower_band_opens_has_a_label_too(parts: Parts, broker: FakeBroker) -> None:
    """A policy may open below the model's blue, 0.3: from half of it on predictions are kept."""
    vectors = [a_vector(pseudonym(n)) for n in range(2)]
    put(broker, *vectors)
    (said_of,) = {one.probability for one in parts.service.assess(vectors)}
    assert said_of is not None
    a_bundle(parts.settings.bundle_dir, thresholds=Thresholds(said_of * 1.9, 0.99, 0.999))
    async with at_work(parts, broker):
        await revision_reached(broker, 0, 2)
    first, second = published(broker)
    assert (first.level, second.level) == ("none", "none")
    for number, heard in enumerate((first, second)):
        event = AlertEvent(
            id=f"event_{number}", alert=f"alert_{number}", student=heard.student, kind="opened",
            level="blue", reason="threshold_crossed", at=LATER, sequence=1, assessment=heard.id,
        )  # fmt: skip
        broker.append(Outgoing(ALERTS_EVENTS.name, event.student.encode(), encode(event)))
    await read(parts, broker)
    assert await LabelRepository(parts.database).waiting(0) == 2
    assert unmatched(parts) == 0


async def test_an_alert_is_joined_however_late_its_prediction_is_saved(
    parts: Parts, broker: FakeBroker
) -> None:
    """Opened, and judged, before the champion's worker has saved: a label like any other."""
    for number in range(3):
        tell(broker, number, None)
    tell(broker, 0, "confirmed_need")
    await read(parts, broker)
    labels = LabelRepository(parts.database)
    assert (await labels.waiting(0), await labels.labels(0)) == (0, [])
    await said(parts, 2)
    await said(parts, 2)  # as after a kill
    (label,) = await labels.labels(0)
    assert (label.level, label.probability, label.is_in_need) == ("blue", 0.35, True)
    assert await labels.waiting(0) == 1
    tell(broker, 1, "no_need")
    await read(parts, broker)
    assert [one.is_in_need for one in await labels.labels(0)] == [True, False]
    assert unmatched(parts) == 0


async def test_neither_of_two_transactions_misses_the_other(
    parts: Parts, broker: FakeBroker
) -> None:
    """An alert that opens while its prediction is being saved waits for that, and is joined."""
    tell(broker, 0, None)
    async with parts.database.write() as connection:
        await save_predictions(connection, [an_assessment(0)])
        reading = asyncio.create_task(read(parts, broker))
        done, _ = await asyncio.wait({reading}, timeout=0.3)
        assert not done
    await reading
    assert await LabelRepository(parts.database).waiting(0) == 1


async def test_an_alert_without_a_prediction_is_given_up_after_thirty_days(
    parts: Parts, broker: FakeBroker
) -> None:
    """Then it counts as unmatched, once it is gone for good, and a prediction finds nothing."""
    await said(parts, 1)
    tell(broker, 0, None)
    tell(broker, 1, None)
    tell(broker, 2, None, at="2026-04-07T04:00:00Z")
    await read(parts, broker)
    assert unmatched(parts) == 0
    tell(broker, 3, None, at="2026-04-09T04:00:00Z")
    await read(parts, broker)
    assert unmatched(parts) == 1
    await said(parts, 3)
    assert await LabelRepository(parts.database).waiting(0) == 2  # the first and the third


async def test_what_was_rolled_back_is_not_counted(parts: Parts, broker: FakeBroker) -> None:
    """An alert that was given up in vain is counted in the round whose save is committed."""
    tell(broker, 0, None)
    await read(parts, broker)
    news = FakeBroker()
    tell(news, 1, None, at="2026-05-09T04:00:00Z")
    records, handler = Records.of(news.records(ALERTS_EVENTS.name)), a_handler(parts)
    owned = sorted({record.partition for record in records})
    await handler.handle(records)
    with pytest.raises(FencedError):
        await saved_in_vain(parts, handler, owned)
    await handler.idle()
    assert unmatched(parts) == 0
    await handler.handle(records)
    async with parts.database.write() as connection:
        await handler.save(connection, owned)
    assert unmatched(parts) == 0
    await handler.idle()
    await handler.idle()
    assert unmatched(parts) == 1


async def test_an_erased_student_leaves_no_alert_that_waits(
    parts: Parts, broker: FakeBroker
) -> None:
    """A label without a prediction is forgotten with the others."""
    tell(broker, 0, None)
    tell(broker, 1, None)
    await read(parts, broker)
    async with parts.database.write() as connection:
        await forget_students(connection, {pseudonym(0)})
    await said(parts, 2)
    assert await LabelRepository(parts.database).waiting(0) == 1


async def test_a_second_person_is_a_pair_and_a_repeat_is_none(
    parts: Parts, broker: FakeBroker
) -> None:
    """The first verdict stays the label; the same person's again changes nothing."""
    await said(parts, 1)
    tell(broker, 0, None)
    tell(broker, 0, "confirmed_need")
    tell(broker, 0, "confirmed_need")
    await read(parts, broker)
    labels = LabelRepository(parts.database)
    assert await labels.pairs() == []
    second(broker, 0, None, by="person_4")  # declined: no verdict
    second(broker, 0, "data_error", by="person_1")
    await read(parts, broker)
    assert await labels.pairs() == []
    second(broker, 0, "no_need")
    second(broker, 0, "no_need")
    second(broker, 0, "data_error", by="person_3")
    tell(broker, 0, "unreachable", by="person_2")
    await read(parts, broker)
    assert await labels.pairs() == [("confirmed_need", "no_need")]
    assert (await labels.labels(0))[0].is_in_need


async def test_a_review_of_an_alert_without_a_label_makes_none(
    parts: Parts, broker: FakeBroker
) -> None:
    """Neither an alert that no prediction opened nor one that has no verdict yet."""
    await said(parts, 1)
    tell(broker, 0, None)
    second(broker, 0, "no_need")
    tell(broker, 5, "no_need")
    second(broker, 5, "no_need")
    await read(parts, broker)
    labels = LabelRepository(parts.database)
    assert await labels.pairs() == []
    assert list(await labels.labels(0)) == []


async def test_pairs_become_the_kappa_of_the_performance(parts: Parts, broker: FakeBroker) -> None:
    """Eight of ten alike, each verdict half the time: kappa 0.6; the second is no label."""
    halves: tuple[Verdict, Verdict] = ("confirmed_need", "no_need")
    first = [halves[number // 5] for number in range(10)]
    other: list[Verdict] = ["no_need", *first[1:9], "confirmed_need"]
    await said(parts, 10)
    for number, (one, two) in enumerate(zip(first, other, strict=True)):
        tell(broker, number, None)
        tell(broker, number, one)
        second(broker, number, two)
    await read(parts, broker)
    transport = httpx2.ASGITransport(build_app(parts, fixed(an_actor("it"))))
    async with httpx2.AsyncClient(transport=transport, base_url="http://scoring") as client:
        figures = (await client.get("/v1/performance")).json()
    found = figures["agreement"]
    assert (found["pairs"], found["agreement"]) == (10, 0.8)
    assert found["kappa"] == pytest.approx(0.6)
    assert figures["calibration"][0]["observed"] == 5


async def test_rubbish_becomes_a_dead_letter_and_the_next_is_read(
    parts: Parts, broker: FakeBroker
) -> None:
    """The partition goes on."""
    await said(parts, 1)
    broker.append(Outgoing(ALERTS_EVENTS.name, pseudonym(0).encode(), b"{rubbish"))
    tell(broker, 0, None)
    tell(broker, 0, "no_need")
    await read(parts, broker)
    assert len(broker.values(CAMPUS_EVENTS_DEAD.name)) == 1
    assert len(await LabelRepository(parts.database).labels(0)) == 1


async def test_predictions_that_nothing_came_of_are_forgotten(
    parts: Parts, broker: FakeBroker
) -> None:
    """Thirty days after, an alert finds nothing to join."""
    old = an_assessment(7)
    async with parts.database.write() as connection:
        await save_predictions(connection, [old])
        await LabelRepository(parts.database).prune(connection, "2026-04-02T04:00:00Z")
    tell(broker, 7, None)
    tell(broker, 7, "no_need")
    await read(parts, broker)
    assert list(await LabelRepository(parts.database).labels(0)) == []


@pytest.mark.parametrize("is_first", [True, False])
async def test_an_alert_of_a_fenced_assessment_is_joined_by_student_and_moment(
    parts: Parts, broker: FakeBroker, *, is_first: bool
) -> None:
    """Of several champions the newest counts; another moment or student is no match."""
    told = [
        again(0, 0.4, 1),
        again(0, 0.45, 2),
        again(1, 0.5, 2, as_of="2026-03-09T05:00:00Z"),
        again(2, 0.6, 2),
    ]
    if is_first:
        await keep(parts, *told)
    for number in (0, 1, 3):
        tell(broker, number, None)
    tell(broker, 0, "confirmed_need")
    await read(parts, broker)
    if not is_first:
        await keep(parts, *told)
    labels = LabelRepository(parts.database)
    (label,) = await labels.labels(2)
    assert (label.probability, label.is_in_need) == (0.45, True)
    assert (await labels.labels(1), await labels.waiting(2)) == ([], 0)


async def test_an_alerts_own_prediction_is_put_in_the_place_of_another(
    parts: Parts, broker: FakeBroker
) -> None:
    """One of the same moment was there first; what opened the alert is saved a little later."""
    await keep(parts, again(0, 0.4, 0))
    tell(broker, 0, None)
    tell(broker, 0, "no_need")
    await read(parts, broker)
    labels = LabelRepository(parts.database)
    assert [one.probability for one in await labels.labels(0)] == [0.4]
    await keep(parts, an_assessment(0, 0.35))
    await keep(parts, again(0, 0.9, 1))
    assert [one.probability for one in await labels.labels(0)] == [0.35]


@pytest.mark.parametrize("is_first", [True, False])
async def test_what_the_new_champion_would_not_have_opened_is_no_label_of_it(
    parts: Parts, broker: FakeBroker, *, is_first: bool
) -> None:
    """Below its lowest cut it may have said nothing: that counts neither for it nor against it."""
    quiet = replace(again(0, 0.2, 1), level="none")
    if is_first:
        await keep(parts, quiet)
    tell(broker, 0, None)
    tell(broker, 0, "no_need")
    await read(parts, broker)
    if not is_first:
        await keep(parts, quiet)
    labels = LabelRepository(parts.database)
    assert await labels.labels(1) == []
    assert await labels.labels(0) == []


async def test_an_older_champion_is_not_who_a_fenced_assessment_is_of(
    parts: Parts, broker: FakeBroker
) -> None:
    """It said something of the moment, opened nothing on it, and is followed by the new one."""
    async with parts.database.write() as connection:
        await parts.changes.locked(connection)
        change = Change(LATER, "person_1", "promote", "test-1", "test-2", "try it")
        revision = (await parts.changes.append(connection, change)).number
    await keep(parts, again(0, 0.4, revision - 1))
    tell(broker, 0, None)
    tell(broker, 0, "no_need")
    await read(parts, broker)
    labels = LabelRepository(parts.database)
    await keep(parts, again(0, 0.9, revision, as_of="2026-03-10T04:00:00Z"))
    assert await labels.labels(revision - 1) == []
    await keep(parts, again(0, 0.5, revision))
    assert [one.probability for one in await labels.labels(revision)] == [0.5]
