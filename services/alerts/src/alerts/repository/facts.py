"""What directory and ingest say: where students belong, and how the feeds do."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.repository.decisions import MEMBERSHIPS
from alerts.tables import alerts, feeds, memberships
from shared.contracts.feed import FeedStatus
from shared.contracts.student import StudentFacts
from shared.db.database import Database
from shared.db.statements import lock, pieces, upsert


async def save_memberships(connection: AsyncConnection, facts: Sequence[StudentFacts]) -> None:
    """Keep the last fact of each student; an open alert moves with its student.

    No alert is placed meanwhile: each is either seen here or sees what is written here.
    """
    last = {fact.student: fact for fact in facts}
    if not last:
        return
    rows = [
        {
            "student": f.student, "school": f.school, "college": f.college, "team": f.team,
            "is_enrolled": f.enrolled, "version": f.version,
        }
        for f in last.values()
    ]  # fmt: skip
    await lock(connection, MEMBERSHIPS)
    await upsert(connection, memberships, rows)
    await _move_open_alerts(connection, last)


async def _move_open_alerts(connection: AsyncConnection, last: dict[str, StudentFacts]) -> None:
    is_open = alerts.c.status != "resolved"
    for chunk in pieces(sorted(last)):
        query = select(alerts.c.student).where(alerts.c.student.in_(chunk), is_open)
        for (student,) in (await connection.execute(query)).all():
            fact = last[student]
            await connection.execute(
                update(alerts)
                .where(alerts.c.student == student, is_open)
                .values(school=fact.school, college=fact.college, team=fact.team)
            )


async def save_feeds(connection: AsyncConnection, statuses: Sequence[FeedStatus]) -> None:
    """Keep the last status of each feed."""
    last = {status.feed: status for status in statuses}
    if not last:
        return
    rows = [{"feed": s.feed, "state": s.state, "owner": s.owner, "at": s.at} for s in last.values()]
    await upsert(connection, feeds, rows)


class SqlFeeds:
    """Reads which feeds are dead now, for people to see why absence is held back."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def dead(self) -> list[tuple[str, str]]:
        """Return (feed, since) of the dead feeds."""
        query = (
            select(feeds.c.feed, feeds.c.at).where(feeds.c.state == "dead").order_by(feeds.c.feed)
        )
        async with self._database.read() as connection:
            return [(feed, at) for feed, at in (await connection.execute(query)).all()]
