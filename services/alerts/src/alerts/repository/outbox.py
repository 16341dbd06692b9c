"""The outbox: one claim for both databases, leases, and rows that never end in the air."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Double,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.domain.ports import Again, Dead, Item, Lane, Outcome, Receipt, Recipient
from alerts.repository.decisions import outbox_row
from alerts.tables import outbox
from shared.contracts.alert import Tier
from shared.db.database import Database
from shared.db.statements import insert_into, try_lock
from shared.kernel.ids import stable_id

_TRANSIENT: tuple[Lane, ...] = ("publication", "console")
_COLUMNS = (
    outbox.c.number, outbox.c.key, outbox.c.lane, outbox.c.alert, outbox.c.student,
    outbox.c.attempts, outbox.c.sequence, outbox.c.tier, outbox.c.level, outbox.c.channel,
    outbox.c.person, outbox.c.address, outbox.c.body, outbox.c.priority,
    outbox.c.traceparent,
)  # fmt: skip


class SqlOutbox:
    """`Outbox` on a database; `owner` names this process in its leases."""

    def __init__(self, database: Database, owner: str, *, lease_s: float = 30.0) -> None:
        self._database = database
        self._owner = owner
        self._lease_s = lease_s

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[bool]:
        """Hold the publisher's turn if no other process has it; SQLite has one process anyway."""
        if self._database.is_sqlite:
            yield True
            return
        async with self._database.read(is_snapshot=False) as connection:
            yield await try_lock(connection, "alerts.publication")

    async def claim(self, lane: Lane, limit: int, now: float) -> Sequence[Item]:
        """Take due rows, and rows whose lease ran out because their sender died.

        Who publishes holds the turn, so what is in other hands there is in dead ones. The state
        is tested again outside the subquery: that keeps two senders apart where `SKIP LOCKED` does
        not exist.
        """
        if not await self._is_any_due(lane, now):  # a look costs no write lock
            return ()
        due = _due(lane, now)
        chosen = (
            select(outbox.c.number)
            .where(outbox.c.lane == lane, due)
            .order_by(outbox.c.priority, outbox.c.number)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("chosen")  # evaluated once: a plain subquery may be run again and pass the limit
        )
        statement = (
            update(outbox)
            .where(outbox.c.number.in_(select(chosen.c.number)), due)
            .values(
                state="sending",
                owner=self._owner,
                lease_until=now + self._lease_s,
                attempts=outbox.c.attempts + 1,
            )
            .returning(*_COLUMNS)
        )
        async with self._database.write() as connection:
            rows = (await connection.execute(statement)).all()
        return [_item(row) for row in sorted(rows, key=lambda r: (r.priority, r.number))]

    async def _is_any_due(self, lane: Lane, now: float) -> bool:
        async with self._database.read() as connection:
            return (await connection.execute(_look(lane), {"now": now})).first() is not None

    async def settle(self, outcomes: Sequence[tuple[Item, Outcome]], now: float) -> int:
        """Write what became of a claim; all of it or, when the database fails, nothing."""
        async with self._database.write() as connection:
            await self._lock(connection, outcomes)
            marked = 0
            for item, outcome in sorted(outcomes, key=lambda each: each[0].number):
                mine = await self._finish(connection, item, **_values(outcome, now))
                marked += mine
                if mine and isinstance(outcome, Dead) and outcome.above:
                    await self._tell_above(connection, item, outcome.above, now)
        return marked

    async def _lock(
        self, connection: AsyncConnection, outcomes: Sequence[tuple[Item, Outcome]]
    ) -> None:
        """Take all rows that count here at once and in one order.

        Two processes that give up on the last two messages of one tier must not each believe that
        the other's is still on its way.
        """
        dying = {item.alert for item, outcome in outcomes if isinstance(outcome, Dead)}
        if not dying:
            return
        ours = outbox.c.number.in_([item.number for item, _ in outcomes])
        theirs = and_(outbox.c.lane == "message", outbox.c.alert.in_(dying))
        rows = select(outbox.c.number).where(or_(ours, theirs)).order_by(outbox.c.number)
        await connection.execute(rows.with_for_update())

    async def _tell_above(
        self, connection: AsyncConnection, item: Item, above: Tier, now: float
    ) -> None:
        """Route to the next tier unless somebody of this one was told or still may be."""
        others = select(outbox.c.number).where(
            outbox.c.lane == "message",
            outbox.c.alert == item.alert,
            outbox.c.sequence == item.sequence,
            outbox.c.tier == item.tier,
            outbox.c.state != "dead",
        )
        if (await connection.execute(others.limit(1))).first() is None:
            await self._add(connection, [_route(item, above, now)])

    async def route(self, item: Item, recipients: Sequence[Recipient], now: float) -> int:
        rows = [
            outbox_row(
                key=stable_id("message", item.key, each.person, each.channel, each.address),
                lane="message", alert=item.alert, student=item.student, sequence=item.sequence,
                tier=item.tier, level=item.level, channel=each.channel, person=each.person,
                address=each.address, now=now, traceparent=item.traceparent,
            )
            for each in recipients
        ]  # fmt: skip
        async with self._database.write() as connection:
            if await self._finish(connection, item, state="sent", code="routed", finished_at=now):
                await self._add(connection, rows)
        return len(rows)

    async def pass_up(self, item: Item, tier: Tier | None, now: float) -> None:
        async with self._database.write() as connection:
            if await self._finish(connection, item, state="dead", code="nobody", finished_at=now):
                await self._add(connection, [_route(item, tier, now)] if tier else [])

    async def _add(self, connection: AsyncConnection, rows: Sequence[dict[str, object]]) -> None:
        if rows:
            await connection.execute(insert_into(connection, outbox).on_conflict_do_nothing(), rows)

    async def _finish(self, connection: AsyncConnection, item: Item, **values: object) -> int:
        """Write the outcome of an attempt unless another sender has taken the row since."""
        result = await connection.execute(
            update(outbox)
            .where(
                outbox.c.number == item.number,
                outbox.c.owner == self._owner,
                outbox.c.attempts == item.attempts,
                outbox.c.state == "sending",
            )
            .values(lease_until=None, **values)
        )
        return int(result.rowcount)

    async def depth(self, now: float) -> Mapping[str, tuple[int, float]]:
        query = (
            select(outbox.c.lane, func.count(), func.min(outbox.c.created_at))
            .where(outbox.c.state.in_(("pending", "sending")))
            .group_by(outbox.c.lane)
        )
        async with self._database.read() as connection:
            rows = await connection.execute(query)
            return {lane: (count, max(0.0, now - oldest)) for lane, count, oldest in rows}

    async def purge(self, before: float) -> int:
        """Remove what was handed to the log and the console: the history holds it already."""
        statement = delete(outbox).where(
            outbox.c.lane.in_(_TRANSIENT),
            outbox.c.state == "sent",
            outbox.c.finished_at < before,
        )
        async with self._database.write() as connection:
            return int((await connection.execute(statement)).rowcount)


def _values(outcome: Outcome, now: float) -> dict[str, object]:
    """Return the columns of an outcome; what is finished keeps no address."""
    code = outcome.code[:60]
    match outcome:
        case Again():
            return {"state": "pending", "code": code, "next_attempt_at": outcome.at}
        case Dead():
            return {"state": "dead", "code": code, "finished_at": now, "address": None}
        case Receipt():
            receipt = outcome.detail[:200]
            return {
                "state": "sent", "code": code, "receipt": receipt, "finished_at": now,
                "address": None,
            }  # fmt: skip


def _route(item: Item, tier: Tier, now: float) -> dict[str, object]:
    return outbox_row(
        key=stable_id("route", item.alert, item.sequence, tier),
        lane="route", alert=item.alert, student=item.student, sequence=item.sequence,
        tier=tier, level=item.level, now=now, traceparent=item.traceparent,
    )  # fmt: skip


@cache
def _look(lane: Lane) -> Select[tuple[int]]:
    """Return the query that each lane runs several times a second, built once."""
    due = _due(lane, bindparam("now", type_=Double()))
    return select(outbox.c.number).where(outbox.c.lane == lane, due).limit(1)


def _due(lane: Lane, now: float | BindParameter[float]) -> ColumnElement[bool]:
    is_dropped = outbox.c.state == "sending"
    if lane != "publication":
        is_dropped = and_(is_dropped, outbox.c.lease_until < now)
    return or_(and_(outbox.c.state == "pending", outbox.c.next_attempt_at <= now), is_dropped)


def _item(row: Row[tuple[object, ...]]) -> Item:
    values = row._asdict()
    del values["priority"]
    return Item(**values)
