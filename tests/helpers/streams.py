"""Builders for tests of the stream kit: a counting handler, its tables, a worker around them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Column, Integer, MetaData, String, Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.topics import CAMPUS_EVENTS, STUDENT_FEATURES
from shared.crypto.sealing import Sealer
from shared.db.bookmarks import Bookmarks
from shared.db.database import Database
from shared.db.tables import bookmarks_table, new_metadata
from shared.kernel.clock import Clock, ManualClock
from shared.stream.dead_letters import DeadLetterLimit, DeadLetters
from shared.stream.policy import SavePolicy
from shared.stream.ports import (
    NOTHING,
    Handled,
    Outgoing,
    Partition,
    Records,
    Rejected,
    Sink,
    Source,
)
from shared.stream.worker import Limits, Worker

GROUP = "lantern.counter.v1"
SEALER = Sealer("d1", {"d1": bytes(32)})


@dataclass
class CountTables:
    """`counts(partition, key, n)` beside the bookmarks."""

    metadata: MetaData = field(default_factory=new_metadata)

    def __post_init__(self) -> None:
        bookmarks_table(self.metadata)
        self.counts = Table(
            "counts",
            self.metadata,
            Column("partition", Integer, primary_key=True),
            Column("key", String(200), primary_key=True),
            Column("n", Integer, nullable=False),
        )


TABLES = CountTables()


async def a_database(url: str) -> Database:
    """Return a database with the tables of the counting handler."""
    database = Database(url)
    async with database.write() as connection:
        await connection.run_sync(TABLES.metadata.create_all)
    return database


async def counts_in(database: Database) -> Counter[str]:
    """Return what is stored, by key."""
    async with database.read() as connection:
        rows = await connection.execute(select(TABLES.counts))
        return Counter({row.key: row.n for row in rows})


class CountingHandler:
    """Counts values by key in memory, publishes each record's running count, saves the counts.

    A value `bad` is rejected. `refuse` holds errors to raise from `handle`, one a call.
    """

    def __init__(self, database: Database | None = None) -> None:
        self._database = database
        self.counts: dict[tuple[int, str], int] = {}
        self.refuse: list[Exception] = []
        self.refuse_save: list[Exception] = []
        self.idles = 0
        self.owned: set[Partition] = set()
        self._dirty: set[tuple[int, str]] = set()

    async def assigned(self, partitions: Sequence[Partition]) -> None:
        self.owned |= set(partitions)
        if self._database is None:
            return
        numbers = [partition.number for partition in partitions]
        query = select(TABLES.counts).where(TABLES.counts.c.partition.in_(numbers))
        async with self._database.read() as connection:
            for row in await connection.execute(query):
                self.counts[row.partition, row.key] = row.n

    async def revoked(self, partitions: Sequence[Partition]) -> None:
        self.owned -= set(partitions)
        gone = {partition.number for partition in partitions}
        self.counts = {k: n for k, n in self.counts.items() if k[0] not in gone}
        self._dirty = {k for k in self._dirty if k[0] not in gone}

    async def handle(self, records: Records) -> Handled:
        if self.refuse:
            raise self.refuse.pop(0)
        outgoing: list[Outgoing] = []
        rejected: list[Rejected] = []
        for record in records:
            if record.value == b"bad":
                rejected.append(Rejected(record, "unreadable", feed="card"))
                continue
            key = (record.partition.number, (record.key or b"").decode())
            self.counts[key] = self.counts.get(key, 0) + 1
            self._dirty.add(key)
            place = f"{record.partition.number}/{record.offset}={self.counts[key]}"
            outgoing.append(Outgoing(STUDENT_FEATURES.name, record.key, place.encode()))
        return Handled(outgoing, rejected)

    async def save(self, connection: AsyncConnection, partitions: Sequence[Partition]) -> None:
        if self.refuse_save:
            raise self.refuse_save.pop(0)
        numbers = {partition.number for partition in partitions}
        dirty = sorted(key for key in self._dirty if key[0] in numbers)
        for number, key in dirty:
            table = TABLES.counts
            await connection.execute(
                delete(table).where(table.c.partition == number, table.c.key == key)
            )
            row = {"partition": number, "key": key, "n": self.counts[number, key]}
            await connection.execute(insert(table), row)
        self._dirty -= set(dirty)

    async def idle(self) -> Handled:
        self.idles += 1
        return NOTHING


def a_worker(
    source: Source,
    sink: Sink,
    handler: CountingHandler,
    *,
    database: Database | None = None,
    policy: SavePolicy | None = None,
    clock: Clock | None = None,
    limits: Limits | None = None,
    dead_letter_limit: DeadLetterLimit | None = None,
) -> Worker:
    """Return a worker with bookmarks when there is a database."""
    clock = clock or ManualClock()
    default = SavePolicy.every_batch() if database else SavePolicy.stateless()
    return Worker(
        source=source,
        sink=sink,
        handler=handler,
        group=GROUP,
        policy=policy or default,
        clock=clock,
        database=database,
        bookmarks=Bookmarks(TABLES.metadata) if database else None,
        dead_letters=DeadLetters("features", SEALER, clock, dead_letter_limit),
        limits=limits,
    )


def an_event(key: str, value: str = "x", partition: int | None = None) -> Outgoing:
    """Return a record for campus.events.v1."""
    return Outgoing(CAMPUS_EVENTS.name, key.encode(), value.encode(), partition=partition)
