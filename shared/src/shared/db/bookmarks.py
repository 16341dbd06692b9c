"""Stream positions in the service's own database, fenced by epoch.

Taking a partition over raises its epoch; every later write of an older owner is refused. The row
is locked from the fence to the end of the transaction, so that a take-over waits for a write that
was in time, and sees where it got to.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    MetaData,
    Select,
    Table,
    Update,
    bindparam,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.tables import bookmarks_table
from shared.kernel.errors import FencedError

TABLE_NAME = "stream_bookmarks"
UNREAD = -1
Place = tuple[str, int]


@dataclass(frozen=True)
class Claim:
    """A partition taken over: its new epoch, and where reading goes on (None: no bookmark yet)."""

    epoch: int
    next_offset: int | None


class Bookmarks:
    """The table `stream_bookmarks` of one service; places are `(topic, partition number)`."""

    def __init__(self, metadata: MetaData) -> None:
        known = metadata.tables.get(TABLE_NAME)
        self._table: Table = known if known is not None else bookmarks_table(metadata)
        self._locking, self._moving = _locking(self._table), _moving(self._table)

    async def claim(
        self, connection: AsyncConnection, group: str, places: Collection[Place]
    ) -> dict[Place, Claim]:
        """Take places over under a new epoch and return it with the stored positions."""
        if not places:
            return {}
        table = self._table
        stored = await self._locked(connection, group, places)
        claims = {
            place: Claim(
                epoch=stored.get(place, (0, UNREAD))[0] + 1, next_offset=_known(stored, place)
            )
            for place in places
        }
        old = [place for place in places if place in stored]
        new = [place for place in places if place not in stored]
        if old:
            raised = update(table).where(*_is_place(table)).values(epoch=bindparam("b_epoch"))
            await connection.execute(
                raised, [{**_place(group, p), "b_epoch": claims[p].epoch} for p in old]
            )
        if new:
            await connection.execute(insert(table), [_first_row(group, p) for p in new])
        return claims

    async def fence(
        self, connection: AsyncConnection, group: str, epochs: Mapping[Place, int]
    ) -> None:
        """Lock the rows and make sure that all are still ours; first act of a saving transaction.

        Raises:
            FencedError: a place was taken over by another owner.
        """
        stored = await self._locked(connection, group, epochs.keys())
        lost = [p for p, epoch in epochs.items() if stored.get(p, (0, UNREAD))[0] != epoch]
        if lost:
            raise FencedError(f"{group}: {len(lost)} partitions have a new owner: {sorted(lost)}")

    async def advance(
        self, connection: AsyncConnection, group: str, next_offsets: Mapping[Place, int]
    ) -> None:
        """Move the bookmarks; the same transaction called `fence` for these places before."""
        if not next_offsets:
            return
        rows = [{**_place(group, p), "b_next": offset} for p, offset in next_offsets.items()]
        await connection.execute(self._moving, rows)

    async def read(self, connection: AsyncConnection, group: str) -> dict[Place, int]:
        """Return the stored positions of a group, for status pages and counts."""
        table = self._table
        query = select(table).where(table.c.group_name == group, table.c.next_offset != UNREAD)
        rows = await connection.execute(query)
        return {(row.topic, row.partition): row.next_offset for row in rows}

    async def _locked(
        self, connection: AsyncConnection, group: str, places: Collection[Place]
    ) -> dict[Place, tuple[int, int]]:
        """Read rows in one order and lock them (on SQLite the transaction is the lock)."""
        wanted = {"b_group": group, "b_places": sorted(places)}
        rows = await connection.execute(self._locking, wanted)
        return {(row.topic, row.partition): (row.epoch, row.next_offset) for row in rows}


def _locking(table: Table) -> Select[Any]:
    places = tuple_(table.c.topic, table.c.partition)
    return (
        select(table)
        .where(
            table.c.group_name == bindparam("b_group"),
            places.in_(bindparam("b_places", expanding=True)),
        )
        .order_by(table.c.topic, table.c.partition)
        .with_for_update()
    )


def _moving(table: Table) -> Update:
    return update(table).where(*_is_place(table)).values(next_offset=bindparam("b_next"))


def _known(stored: Mapping[Place, tuple[int, int]], place: Place) -> int | None:
    _, next_offset = stored.get(place, (0, UNREAD))
    return None if next_offset == UNREAD else next_offset


def _is_place(table: Table) -> tuple[ColumnElement[bool], ...]:
    return (
        table.c.group_name == bindparam("b_group"),
        table.c.topic == bindparam("b_topic"),
        table.c.partition == bindparam("b_partition"),
    )


def _place(group: str, place: Place) -> dict[str, object]:
    return {"b_group": group, "b_topic": place[0], "b_partition": place[1]}


def _first_row(group: str, place: Place) -> dict[str, object]:
    return {
        "group_name": group,
        "topic": place[0],
        "partition": place[1],
        "next_offset": UNREAD,
        "epoch": 1,
    }
