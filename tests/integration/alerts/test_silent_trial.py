"""A silent trial on the real tables: nothing leaves; and whether the model is suspended."""

from collections.abc import Sequence
from dataclasses import replace

import msgspec
import pytest
from sqlalchemy import select
from tests.helpers.alerts import a_policy, assessed, urgent

from alerts.domain.evidence import Evidence, ModelWord
from alerts.domain.views import AlertRecord, Filter
from alerts.repository.alerts import SqlAlerts
from alerts.repository.decisions import SqlStores
from alerts.repository.facts import SqlFeeds, save_memberships, save_model_word
from alerts.service import apply_evidence
from alerts.tables import outbox
from shared.auth.permission import Rows
from shared.contracts.student import StudentFacts
from shared.db.database import Database
from shared.kernel.clock import ManualClock

POLICY = replace(a_policy(), silent=frozenset({"c9"}))
PEOPLE = ("route", "message")


@pytest.fixture
async def stores(database: Database) -> SqlStores:
    facts = [
        StudentFacts(
            student=student, school="u", college=college, team="t1", enrolled=True,
            degree="master", intake=2025, masks=[], updated_at="2026-09-01T00:00:00Z", version=1,
        )
        for student, college in (("quiet", "c9"), ("loud", "c1"))
    ]  # fmt: skip
    async with database.write() as connection:
        await save_memberships(connection, facts)
    return SqlStores(database, POLICY, ManualClock())


async def apply(stores: SqlStores, *evidence: Evidence) -> None:
    async with stores.write() as store:
        await apply_evidence(store, evidence, POLICY)


async def to_people(database: Database) -> set[str]:
    """Return whose alerts have rows of the outbox that go to people."""
    query = select(outbox.c.student).where(outbox.c.lane.in_(PEOPLE))
    async with database.read() as connection:
        return {row.student for row in await connection.execute(query)}


async def shown(database: Database, rows: Rows) -> Sequence[AlertRecord]:
    return await SqlAlerts(database).list(Filter(), rows)


async def test_nothing_leaves_for_a_silent_college(database: Database, stores: SqlStores) -> None:
    """Its alert is recorded, marked and seen by the school alone; the other one is sent."""
    await apply(
        stores,
        *(assessed(p, n, student=s) for s in ("quiet", "loud") for n, p in ((1, 0.4), (9, 0.9))),
    )
    assert await to_people(database) == {"loud"}
    silent = {a.student: a.is_silent for a in await shown(database, Rows(everything=True))}
    assert silent == {"quiet": True, "loud": False}
    seen = await shown(database, Rows(schools=frozenset({"u"})))
    assert {a.student: a.is_silent for a in seen} == silent
    alert = next(a.id for a in seen if a.is_silent)
    for rows in (Rows(colleges=frozenset({"c9"})), Rows(teams=frozenset({"t1"}))):
        assert "quiet" not in {a.student for a in await shown(database, rows)}
        assert await SqlAlerts(database).get(alert, rows) is None
        lines = await SqlAlerts(database).since(0, rows)
        assert "quiet" not in {record.student for _, record in lines}


async def test_the_college_sees_an_alert_once_the_trial_has_ended(
    database: Database, stores: SqlStores
) -> None:
    """The next assessment that still carries it is sent, and shows it to the college."""
    await apply(stores, assessed(0.9, 1, student="quiet"))
    ended = replace(POLICY, silent=frozenset())
    async with stores.write() as store:
        await apply_evidence(store, [assessed(0.9, 2, student="quiet")], ended)
    assert await to_people(database) == {"quiet"}
    rows = Rows(colleges=frozenset({"c9"}))
    (record,) = await shown(database, rows)
    assert not record.is_silent
    assert await SqlAlerts(database).since(0, rows)


async def test_urgent_signals_of_a_silent_college_are_sent(
    database: Database, stores: SqlStores
) -> None:
    """A PHQ-9 answer goes out at once, also where a silent alert stands already."""
    await apply(stores, assessed(0.9, 1, student="quiet"))
    assert await to_people(database) == set()
    await apply(stores, urgent(1, student="quiet"))
    assert await to_people(database) == {"quiet"}
    (record,) = await shown(database, Rows(colleges=frozenset({"c9"})))
    assert not record.is_silent


async def test_who_is_not_placed_yet_is_silent_by_the_features_word(
    database: Database, stores: SqlStores
) -> None:
    """The assessment's own college counts until directory has spoken."""
    await apply(stores, msgspec.structs.replace(assessed(0.9, 1, student="new"), college="c9"))
    assert await to_people(database) == set()


async def test_the_newest_revision_says_whether_the_model_is_suspended(
    database: Database,
) -> None:
    """A late word of an older revision changes nothing; of one revision, suspended wins."""
    feeds = SqlFeeds(database)
    assert not await feeds.is_model_suspended()
    for word, suspended in (
        (ModelWord(0, is_suspended=False), False),
        (ModelWord(1, is_suspended=True), True),
        (ModelWord(0, is_suspended=False), True),
        (ModelWord(1, is_suspended=False), True),
        (ModelWord(2, is_suspended=False), False),
        (ModelWord(1, is_suspended=True), False),
    ):
        async with database.write() as connection:
            await save_model_word(connection, word)
        assert await feeds.is_model_suspended() is suspended
