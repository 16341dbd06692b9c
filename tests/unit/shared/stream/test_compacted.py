"""A compacted topic is read whole at the start, then followed."""

from shared.contracts.topics import DIRECTORY_STUDENTS
from shared.stream.compacted import CompactedReader
from shared.stream.records import Outgoing, Records
from shared.stream.testing import FakeBroker, FakeSource

NAME = DIRECTORY_STUDENTS.name


class View:
    """The last value of each key."""

    def __init__(self) -> None:
        self.latest: dict[bytes | None, bytes | None] = {}

    def apply(self, records: Records) -> None:
        self.latest |= {record.key: record.value for record in records}


async def test_loading_reads_everything_then_follows() -> None:
    """When loading is over the view holds all that was there; later records arrive by following."""
    broker, view = FakeBroker(), View()
    keys = [f"p1:{n}".encode() for n in range(50)]
    broker.append(*[Outgoing(NAME, key, b"1") for key in keys])
    reader = CompactedReader(FakeSource(broker, [DIRECTORY_STUDENTS], group=None), view.apply)
    assert reader.complaint() == "not loaded yet"
    async with reader.loaded():
        assert view.latest == dict.fromkeys(keys, b"1")
        assert reader.complaint() is None
        broker.append(Outgoing(NAME, keys[0], None))
        await reader.read_once()
        assert view.latest[keys[0]] is None
