"""The decisions' tables on both databases."""

import asyncio
from collections.abc import Sequence

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, select, update
from tests.helpers.alerts import a_policy, assessed, urgent

from alerts.domain.alert import StudentState
from alerts.domain.evidence import Evidence
from alerts.domain.persons import acknowledge, resolve, set_level
from alerts.domain.reasons import Reason
from alerts.domain.views import AlertRecord, Filter
from alerts.main import MIGRATIONS
from alerts.repository.alerts import SqlAlerts
from alerts.repository.decisions import SqlStores
from alerts.repository.facts import SqlFeeds, save_feeds, save_memberships
from alerts.service import AlertService, Tally, apply_evidence
from alerts.tables import alerts, history, metadata, outbox
from shared.auth.permission import Rows
from shared.contracts.feed import FeedStatus
from shared.contracts.student import StudentFacts
from shared.db.database import Database
from shared.db.migrate import config_for
from shared.kernel.clock import ManualClock
from shared.kernel.errors import ConflictError, NotFoundError

ALL = Rows(everything=True)


async def apply(stores: SqlStores, *evidence: Evidence) -> Tally:
    async with stores.write() as store:
        return await apply_evidence(store, evidence, a_policy())


async def listed(
    database: Database,
    rows: Rows = ALL,
    *,
    limit: int = 100,
    after: tuple[str, str] | None = None,
) -> Sequence[AlertRecord]:
    return await SqlAlerts(database).list(Filter(status="all", limit=limit, after=after), rows)


async def count(database: Database, lane: str) -> int:
    query = select(func.count()).where(outbox.c.lane == lane)
    async with database.read() as connection:
        return int((await connection.execute(query)).scalar_one())


def facts(student: str, team: str = "t1", college: str = "c1", version: int = 1) -> StudentFacts:
    return StudentFacts(
        student=student, school="u", college=college, team=team, enrolled=True, degree="master",
        intake=2025, masks=[], updated_at="2026-09-01T00:00:00Z", version=version,
    )  # fmt: skip


async def test_a_decision_writes_alert_history_and_outbox_together(
    database: Database, stores: SqlStores
) -> None:
    """An opened alert has its row, one line, its publication, its console row and its routes."""
    await apply(stores, assessed(0.6, 1))
    reader = SqlAlerts(database)
    (alert,) = await listed(database)
    assert (alert.level, alert.status, alert.is_school_told) == ("orange", "open", True)
    (line,) = await reader.history(alert.id)
    assert (line.kind, line.reason) == ("opened", "threshold_crossed")
    assert [await count(database, lane) for lane in ("publication", "console", "route")] == [
        1,
        1,
        2,
    ]


async def test_a_failed_transaction_leaves_nothing(database: Database, stores: SqlStores) -> None:
    """When anything fails before the commit neither state nor alert nor outbox row is there."""

    async def interrupted() -> None:
        async with stores.write() as store:
            await apply_evidence(store, [assessed(0.6, 1)], a_policy())
            raise RuntimeError("before the commit")

    with pytest.raises(RuntimeError, match="before the commit"):
        await interrupted()
    assert await listed(database) == []
    assert await count(database, "publication") == 0
    async with stores.write() as store:
        assert await store.load(["s1"]) == {"s1": StudentState("s1")}


async def test_the_same_evidence_again_adds_no_row(database: Database, stores: SqlStores) -> None:
    """Replaying a batch changes neither the digest nor the number of rows."""
    batch: list[Evidence] = [assessed(0.12, 1), urgent(1), assessed(0.6, 2, student="s2")]
    await apply(stores, *batch)
    before = await SqlAlerts(database).digest()
    rows = [await count(database, lane) for lane in ("publication", "console", "route")]
    tally = await apply(stores, *batch)
    assert tally.entries == []
    assert await SqlAlerts(database).digest() == before
    assert rows == [await count(database, lane) for lane in ("publication", "console", "route")]


async def test_states_survive_the_database(stores: SqlStores) -> None:
    """A state that was written is read back equal, times included."""
    await apply(stores, assessed(0.3, 1), urgent(2, red_clock=True), assessed(0.3, 3))
    async with stores.write() as store:
        first = (await store.load(["s1"]))["s1"]
    async with stores.write() as store:
        assert (await store.load(["s1"]))["s1"] == first
    assert first.rule.red_clock_until is not None
    assert "yellow" in first.model.held_since


async def test_blue_is_kept_for_the_list_and_not_sent(
    database: Database, stores: SqlStores
) -> None:
    """A level in digest delivery is published and shown, but routes no message."""
    await apply(stores, assessed(0.12, 1))
    assert [await count(database, lane) for lane in ("publication", "route")] == [1, 0]


async def test_two_writers_leave_one_open_alert(database: Database, stores: SqlStores) -> None:
    """The urgent and the model path deciding on one student at once end in one alert."""

    async def many(start: int, *, is_urgent: bool) -> None:
        for n in range(start, start + 10):
            await apply(
                stores,
                *(
                    urgent(n, student=f"s{s}") if is_urgent else assessed(0.6, n, student=f"s{s}")
                    for s in range(5)
                ),
            )

    await asyncio.gather(many(1, is_urgent=True), many(1, is_urgent=False))
    found = await listed(database)
    assert sorted(a.student for a in found) == [f"s{s}" for s in range(5)]
    for alert in found:
        lines = await SqlAlerts(database).history(alert.id)
        assert [line.sequence for line in lines] == list(range(1, len(lines) + 1))


async def test_people_act_in_transactions_of_their_own(
    database: Database, stores: SqlStores, clock: ManualClock
) -> None:
    """Acknowledge, red and resolve each leave a line with actor and tier; then acts conflict."""
    rings: list[int] = []
    service = AlertService(stores, a_policy(), clock, lambda: rings.append(1))
    tally = await apply(stores, urgent(1))
    alert = tally.entries[0].alert
    await service.act(alert, acknowledge, actor="p1", tier="college")
    await service.act(alert, set_level("red", Reason.PLAN_OR_MEANS), actor="p2", tier="school")
    await service.act(alert, resolve("confirmed_need", "referred"), actor="p2", tier="school")
    lines = await SqlAlerts(database).history(alert)
    assert [(line.kind, line.actor) for line in lines] == [
        ("opened", None), ("acknowledged", "p1"), ("raised", "p2"), ("resolved", "p2"),
    ]  # fmt: skip
    assert len(rings) == 3
    with pytest.raises(ConflictError):
        await service.act(alert, acknowledge, actor="p1", tier="college")
    with pytest.raises(NotFoundError):
        await service.act("alert_none", acknowledge, actor="p1", tier="college")
    await apply(stores, urgent(5))
    assert len(await listed(database)) == 2


async def test_an_open_alert_moves_with_its_student(database: Database, stores: SqlStores) -> None:
    """A new membership moves the open alert; a resolved one stays where it was."""
    async with database.write() as connection:
        await save_memberships(connection, [facts("s1"), facts("s2")])
    await apply(stores, urgent(1), urgent(1, student="s2"))
    async with database.write() as connection:
        await connection.execute(
            update(alerts).where(alerts.c.student == "s2").values(status="resolved")
        )
        moved = [facts("s1", "t9", "c9", 2), facts("s2", "t9", "c9", 2)]
        await save_memberships(connection, moved)
    found = {a.student: (a.college, a.team) for a in await listed(database)}
    assert found == {"s1": ("c9", "t9"), "s2": ("c1", "t1")}


async def test_dead_feeds_are_kept_and_lifted(database: Database) -> None:
    """The last status of each feed counts."""

    def status(feed: str, state: str) -> FeedStatus:
        return FeedStatus(
            feed=feed, owner="it", types=[], cadence_s=60, state=state,  # type: ignore[arg-type]
            at="2026-09-07T01:00:00Z",
        )  # fmt: skip

    async with database.write() as connection:
        await save_feeds(connection, [status("gate", "dead"), status("card", "alive")])
    assert await SqlFeeds(database).dead() == [("gate", "2026-09-07T01:00:00Z")]
    async with database.write() as connection:
        await save_feeds(connection, [status("gate", "alive")])
    assert await SqlFeeds(database).dead() == []


async def test_the_digest_is_the_same_in_any_order_of_the_topics(
    database: Database, stores: SqlStores
) -> None:
    """Urgent signals before, between or after the assessments give one digest."""
    model: list[Evidence] = [assessed(0.12, 1), assessed(0.6, 2), assessed(0.6, 4)]
    rules: list[Evidence] = [urgent(1), urgent(2, reason=Reason.REPORT_SOON, level="yellow")]
    digests = []
    for order in ([*model, *rules], [*rules, *model], [model[0], *rules, *model[1:]]):
        await apply(stores, *order)
        digests.append(await SqlAlerts(database).digest())
        async with database.write() as connection:
            for table in metadata.sorted_tables:
                await connection.execute(table.delete())
    assert digests[0] == digests[1] == digests[2]
    assert digests[0][1] == 1


async def test_lists_are_scoped_and_paged(database: Database, stores: SqlStores) -> None:
    """A page after the last row goes on where it ended; another college's rows are not there."""
    async with database.write() as connection:
        await save_memberships(
            connection, [facts(f"s{n}", college=f"c{n % 2}", team=f"t{n}") for n in range(6)]
        )
    await apply(stores, *(urgent(n + 1, student=f"s{n}") for n in range(6)))
    mine = await listed(database, Rows(colleges=frozenset({"c1"})))
    assert {a.student for a in mine} == {"s1", "s3", "s5"}
    assert await listed(database, Rows(teams=frozenset({"t1"}))) == []  # orange does not tell teams
    assert await listed(database, Rows()) == []
    first = await listed(database, limit=4)
    last = first[-1]
    rest = await listed(database, limit=4, after=(last.opened_at, last.id))
    assert len({a.id for a in (*first, *rest)}) == 6


def _difference(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


async def test_migrations_give_the_tables_and_go_down(database: Database) -> None:
    """The migrations end in exactly the declared tables, and can be undone and done again."""
    async with database.write() as connection:
        assert await connection.run_sync(_difference) == []
        await connection.run_sync(
            lambda c: command.downgrade(config_for(MIGRATIONS, metadata, c), "base")
        )
        await connection.run_sync(
            lambda c: command.upgrade(config_for(MIGRATIONS, metadata, c), "head")
        )
        assert await connection.run_sync(_difference) == []


async def test_the_history_is_numbered_in_order(database: Database, stores: SqlStores) -> None:
    """What a live stream replays after a number is exactly what came after it."""
    await apply(stores, urgent(1), urgent(1, student="s2"))
    reader = SqlAlerts(database)
    last = await reader.last_number()
    await apply(stores, assessed(0.6, 1, student="s3"))
    news = await reader.since(last, ALL)
    assert [(line.kind, alert.student) for line, alert in news] == [("opened", "s3")]
    async with database.read() as connection:
        assert (await connection.execute(select(func.count(history.c.number)))).scalar_one() == 3
