"""What directory and ingest say: where students belong, and how the feeds do."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.domain.evidence import ModelWord
from alerts.repository.decisions import MEMBERSHIPS
from alerts.tables import alerts, feeds, memberships, model_state
from shared.contracts.feed import FeedStatus
from shared.contracts.student import StudentFacts
from shared.db.database import Database
from shared.db.statements import insert_into, lock, pieces, upsert

_ONLY = 1


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


async def save_model_word(connection: AsyncConnection, word: ModelWord) -> None:
    """Keep whether the model is suspended, as the newest revision says."""
    table = model_state
    first = {"id": _ONLY, "revision": -1, "is_suspended": False}
    added = insert_into(connection, table).values(**first).on_conflict_do_nothing()
    await connection.execute(added)
    below = word.revision + 1 if word.is_suspended else word.revision
    newer = update(table).where(table.c.revision < below)
    await connection.execute(newer.values(revision=word.revision, is_suspended=word.is_suspended))


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

    async def is_model_suspended(self) -> bool:
        """Return whether the model's word is withheld at present."""
        query = select(model_state.c.is_suspended).where(model_state.c.id == _ONLY)
        async with self._database.read() as connection:
            return bool((await connection.execute(query)).scalar_one_or_none())
