"""Where students belong and how feeds do: kept in tables, so that a restart knows them at once."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.worker.pending import Pending
from shared.contracts.codec import UNREADABLE, decoder, require_storable
from shared.contracts.feed import FeedStatus
from shared.contracts.student import StudentFacts
from shared.contracts.topics import DIRECTORY_STUDENTS
from shared.kernel.campus_time import parse_utc
from shared.stream.ports import NOTHING, Handled, Partition, Records, Rejected

_decode_facts = decoder(StudentFacts).decode
_decode_status = decoder(FeedStatus).decode
SaveFacts = Callable[[AsyncConnection, Sequence[StudentFacts]], Awaitable[None]]
SaveFeeds = Callable[[AsyncConnection, Sequence[FeedStatus]], Awaitable[None]]
T = TypeVar("T")


class FactsHandler:
    """Handles `directory.students.v1` and `feeds.status.v1`."""

    def __init__(self, save_facts: SaveFacts, save_feeds: SaveFeeds) -> None:
        self._save_facts = save_facts
        self._save_feeds = save_feeds
        self._pending: Pending[StudentFacts | FeedStatus] = Pending()

    async def assigned(self, partitions: Sequence[Partition]) -> None:  # noqa: ARG002 - the port's
        self._pending.settle()

    async def revoked(self, partitions: Sequence[Partition]) -> None:
        self._pending.forget(partitions)

    async def idle(self) -> Handled:
        self._pending.settle()
        return NOTHING

    async def handle(self, records: Records) -> Handled:
        self._pending.settle()
        rejected: list[Rejected] = []
        for run in records.runs:
            decode = _facts if run.partition.topic == DIRECTORY_STUDENTS.name else _status
            found: list[StudentFacts | FeedStatus] = []
            for index, value in enumerate(run.values):
                if value is None:
                    continue
                try:
                    found.append(decode(value))
                except UNREADABLE as error:
                    rejected.append(Rejected(run.record(index), "malformed", str(error)[:200]))
            self._pending.add(run.partition, found)
        return Handled(rejected=rejected)

    async def save(self, connection: AsyncConnection, partitions: Sequence[Partition]) -> None:
        items = self._pending.take(partitions)
        await self._save_facts(connection, [i for i in items if isinstance(i, StudentFacts)])
        await self._save_feeds(connection, [i for i in items if isinstance(i, FeedStatus)])


def _facts(value: bytes) -> StudentFacts:
    facts = _decode_facts(value)
    require_storable([facts.student, facts.school, facts.college, facts.team], [facts.version])
    return facts


def _status(value: bytes) -> FeedStatus:
    status = _decode_status(value)
    require_storable([status.feed, status.owner])
    parse_utc(status.at)
    return status
