"""Labels that break calibration suspend the champion, until a person resumes it."""

import httpx2
import pytest
from structlog.testing import capture_logs
from tests.helpers.lanes import at_work, published, put, revision_reached
from tests.helpers.vectors import a_vector, pseudonym
from tests.helpers.verdicts import a_handler, read, said, saved_in_vain, tell

from scoring.main import Parts, build_app
from scoring.service.serving import Asked
from shared.auth.testing import an_actor, fixed
from shared.contracts.topics import (
    ALERTS_EVENTS,
)
from shared.kernel.clock import ManualClock
from shared.kernel.errors import FencedError
from shared.stream.records import Records
from shared.stream.testing import FakeBroker


async def test_broken_calibration_suspends_and_a_person_resumes(
    parts: Parts, broker: FakeBroker
) -> None:
    """60 of 60 in need where 21 were expected: abstentions for everybody, until somebody acts."""
    put(broker, *(a_vector(pseudonym(n)) for n in range(4)))
    client = httpx2.AsyncClient(
        transport=httpx2.ASGITransport(build_app(parts, fixed(an_actor("it")))),
        base_url="http://scoring",
    )
    async with at_work(parts, broker):
        await revision_reached(broker, 0, 4)
        await said(parts, 60)
        for number in range(60):
            tell(broker, number, None)
            tell(broker, number, "confirmed_need")
        await read(parts, broker)
        await revision_reached(broker, 1, 4)
        quiet = [one for one in published(broker) if one.revision == 1]
        assert {(one.status, one.abstained_for) for one in quiet} == {("abstained", "calibration")}
        assert {c.indicator for one in quiet for c in one.contributions} == {"silent_days"}
        listed = (await client.get("/v1/models")).json()
        assert "60 in need, 21.0 expected" in listed["suspended"]
        assert parts.registry.get_sample_value("scoring_suspended") == 1
        await read(parts, broker)  # nothing new: no second suspension
        await parts.serving.resume(Asked("person_7", "the threshold of the term was wrong"))
        await revision_reached(broker, 2, 4)
        assert {one.status for one in published(broker) if one.revision == 2} == {"scored"}
    log = await parts.serving.log()
    assert [(e.change.action, e.change.actor) for e in log.entries] == [
        ("suspend", "system"),
        ("resume", "person_7"),
    ]
    figures = (await client.get("/v1/performance")).json()
    assert (figures["revision"], figures["calibration"][0]["labels"]) == (2, 0)
    assert [e["level"] for e in figures["estimates"]] == ["blue", "yellow", "orange"]
    assert figures["estimates"][0]["students"] == 4
    assert figures["agreement"]["pairs"] == 0
    assert "blind" in figures["agreement"]["en"]


async def test_labels_are_judged_once_they_are_committed(parts: Parts, broker: FakeBroker) -> None:
    """What was rolled back is judged by nobody; what was committed is, once, and told."""
    woken: list[int] = []
    await said(parts, 60)
    for number in range(60):
        tell(broker, number, None)
        tell(broker, number, "confirmed_need")
    records = Records.of(broker.records(ALERTS_EVENTS.name))
    owned = sorted({record.partition for record in records})
    handler = a_handler(parts, lambda: woken.append(1))
    await handler.handle(records)
    with pytest.raises(FencedError):
        await saved_in_vain(parts, handler, owned)
    await handler.idle()
    assert woken == []
    await handler.handle(records)
    async with parts.database.write() as connection:
        await handler.save(connection, owned)
        assert woken == []
    await handler.idle()
    await handler.idle()
    assert woken == [1]
    assert [one.change.action for one in await parts.changes.read()] == ["suspend"]


async def test_a_label_that_is_complete_after_its_verdict_is_judged_then(
    parts: Parts, broker: FakeBroker
) -> None:
    """Verdicts came first, then the predictions, and no alert after: suspended at the next look."""
    woken: list[int] = []
    for number in range(60):
        tell(broker, number, None)
        tell(broker, number, "confirmed_need")
    await read(parts, broker)
    handler = a_handler(parts, lambda: woken.append(1))
    await handler.idle()
    await said(parts, 60)
    await handler.idle()
    assert woken == []  # it looks every few seconds
    assert isinstance(parts.clock, ManualClock)
    parts.clock.advance(6.0)
    await handler.idle()
    assert woken == [1]
    assert [one.change.action for one in await parts.changes.read()] == ["suspend"]


async def test_labels_that_were_saved_by_a_killed_process_are_judged_by_the_next(
    parts: Parts, broker: FakeBroker
) -> None:
    """Killed between the save and its look: whoever comes next looks first."""
    await said(parts, 60)
    for number in range(60):
        tell(broker, number, None)
        tell(broker, number, "confirmed_need")
    records = Records.of(broker.records(ALERTS_EVENTS.name))
    killed, after = a_handler(parts), a_handler(parts)
    await killed.handle(records)
    async with parts.database.write() as connection:
        await killed.save(connection, sorted({record.partition for record in records}))
    assert await parts.changes.read() == []
    await after.idle()
    assert [one.change.action for one in await parts.changes.read()] == ["suspend"]


async def test_a_suspension_is_told_again_at_every_start(parts: Parts, broker: FakeBroker) -> None:
    """Whoever suspended may have been killed before saying so; after a resumption all is quiet."""
    await said(parts, 60)
    for number in range(60):
        tell(broker, number, None)
        tell(broker, number, "confirmed_need")
    await read(parts, broker)
    with capture_logs() as told:
        await parts.load()
    (one,) = [entry for entry in told if entry["event"] == "model.suspended"]
    assert one["log_level"] == "error"
    assert "in need" in one["reason"]
    await parts.serving.resume(Asked("person_7", "looked into it"))
    with capture_logs() as told:
        await parts.load()
    assert [entry for entry in told if entry["event"] == "model.suspended"] == []
