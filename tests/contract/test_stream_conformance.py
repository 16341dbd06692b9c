"""One suite for every `Source` and `Sink`: the fakes in memory and the real Apache Kafka."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from tests.helpers.waiting import until

from shared.contracts.topics import CAMPUS_EVENTS, FEEDS_STATUS
from shared.stream.kafka import KafkaSink, KafkaSource, create_topics
from shared.stream.partitioner import partition_for
from shared.stream.ports import Outgoing, Partition, Record, Sink, Source
from shared.stream.testing import FakeBroker, FakeSink, FakeSource

PARTITIONS = 3
TOPIC = CAMPUS_EVENTS.name


@dataclass
class Transport:
    """Makes sources and sinks of one kind over one broker, and closes them."""

    make_source: Callable[[str | None], Source]
    make_sink: Callable[[], Sink]
    opened: list[Source | Sink] = field(default_factory=list)

    def source(self, group: str | None = "readers") -> Source:
        source = self.make_source(group)
        self.opened.append(source)
        return source

    async def sink(self) -> Sink:
        sink = self.make_sink()
        self.opened.append(sink)
        await sink.start()
        return sink


@dataclass
class Owner:
    """Remembers what came and went; says where to read on."""

    stored: dict[Partition, int] = field(default_factory=dict)
    held: set[Partition] = field(default_factory=set)
    revocations: int = 0

    async def assigned(self, partitions: Sequence[Partition]) -> Mapping[Partition, int]:
        self.held |= set(partitions)
        return {p: n for p, n in self.stored.items() if p in partitions}

    async def revoked(self, partitions: Sequence[Partition]) -> None:
        self.revocations += 1
        self.held -= set(partitions)


@pytest.fixture(params=["fake", pytest.param("kafka", marks=pytest.mark.kafka)])
async def transport(request: pytest.FixtureRequest, topic_prefix: str) -> AsyncIterator[Transport]:
    topics = [CAMPUS_EVENTS, FEEDS_STATUS]
    if request.param == "fake":
        broker = FakeBroker(partitions=PARTITIONS)
        made = Transport(
            lambda group: FakeSource(broker, [CAMPUS_EVENTS], group=group),
            lambda: FakeSink(broker),
        )
    else:
        servers = request.getfixturevalue("kafka")
        await create_topics(servers, partitions=PARTITIONS, prefix=topic_prefix, topics=topics)
        made = Transport(
            lambda group: KafkaSource(servers, [CAMPUS_EVENTS], group=group, prefix=topic_prefix),
            lambda: KafkaSink(servers, prefix=topic_prefix),
        )
    yield made
    for each in reversed(made.opened):
        await each.stop()


async def read(source: Source, count: int) -> list[Record]:
    """Poll until `count` records came, with a real limit in time."""
    found: list[Record] = []
    async with asyncio.timeout(20):
        while len(found) < count:
            found += await source.poll(0.2, 100)
    return found


def some(key: str, *values: str, partition: int | None = None) -> list[Outgoing]:
    return [Outgoing(TOPIC, key.encode(), v.encode(), partition=partition) for v in values]


async def test_what_is_published_arrives_whole(transport: Transport) -> None:
    """Key, value, headers and a tombstone come back as they were sent."""
    source, sink = transport.source(), await transport.sink()
    await source.start(Owner())
    sent = [
        Outgoing(TOPIC, b"k", b"v", headers=(("traceparent", b"00-a"), ("x", b""))),
        Outgoing(TOPIC, b"k", None),
        Outgoing(TOPIC, None, b"no key", partition=1),
    ]
    await sink.publish(sent)
    got = {(r.key, r.value, r.headers) for r in await read(source, 3)}
    assert got == {(each.key, each.value, each.headers) for each in sent}


async def test_a_key_decides_its_partition_and_keeps_its_order(transport: Transport) -> None:
    """Records of one key stay in one partition, the one that murmur2 names, in order."""
    source, sink = transport.source(), await transport.sink()
    await source.start(Owner())
    for number in range(5):
        await sink.publish([o for key in "abc" for o in some(key, f"{key}{number}")])
    found = await read(source, 15)
    for key in "abc":
        mine = [r for r in found if r.key == key.encode()]
        assert [r.value for r in mine] == [f"{key}{n}".encode() for n in range(5)]
        expected = Partition(TOPIC, partition_for(key.encode(), PARTITIONS))
        assert {r.partition for r in mine} == {expected}


async def test_an_explicit_partition_wins_over_the_key(transport: Transport) -> None:
    """A tick goes to the partition that it is sent to."""
    source, sink = transport.source(), await transport.sink()
    await source.start(Owner())
    await sink.publish([o for n in range(PARTITIONS) for o in some("tick", "t", partition=n)])
    assert {r.partition.number for r in await read(source, 3)} == set(range(PARTITIONS))


async def test_columns_and_records_agree(transport: Transport) -> None:
    """A poll read as columns says the same as read record by record."""
    source, sink = transport.source(), await transport.sink()
    await source.start(Owner())
    await sink.publish(some("a", *map(str, range(10)), partition=0))
    async with asyncio.timeout(20):
        while not (records := await source.poll(0.2, 4)):
            pass
    assert len(records) == 4
    [run] = records.runs
    assert run.values == [r.value for r in records] == [b"0", b"1", b"2", b"3"]
    assert run.offsets == [r.offset for r in records] == [0, 1, 2, 3]
    assert run.keys == [b"a"] * 4
    assert run.record(2) == records[2]
    assert records.next_offsets() == {Partition(TOPIC, 0): 4}
    assert all(r.timestamp_ms > 0 for r in records)


async def test_uncommitted_records_come_again(transport: Transport) -> None:
    """A member that left without a commit leaves its records to the next one."""
    sink = await transport.sink()
    await sink.publish(some("a", "1", "2"))
    first = transport.source()
    await first.start(Owner())
    await read(first, 2)
    await first.stop()
    second = transport.source()
    await second.start(Owner())
    assert [r.value for r in await read(second, 2)] == [b"1", b"2"]


async def test_committed_records_do_not_come_again(transport: Transport) -> None:
    """Without bookmarks of the owner, reading goes on at the group's own offset."""
    sink = await transport.sink()
    await sink.publish(some("a", "1", "2", partition=0))
    first = transport.source()
    await first.start(Owner())
    await read(first, 2)
    await first.commit({Partition(TOPIC, 0): 1})
    await first.stop()
    second = transport.source()
    await second.start(Owner())
    assert [r.value for r in await read(second, 1)] == [b"2"]


async def test_the_owners_bookmark_wins(transport: Transport) -> None:
    """On assignment the owner's offset is used, whatever the group committed."""
    sink = await transport.sink()
    await sink.publish(some("a", "1", "2", "3", partition=0))
    first = transport.source()
    await first.start(Owner())
    await first.commit({Partition(TOPIC, 0): 3})
    await first.stop()
    second = transport.source()
    await second.start(Owner(stored={Partition(TOPIC, 0): 1}))
    assert [r.value for r in await read(second, 2)] == [b"2", b"3"]


async def test_a_commit_of_a_foreign_partition_is_ignored(transport: Transport) -> None:
    """Committing what is not ours does nothing and raises nothing."""
    source = transport.source()
    await source.start(Owner())
    await source.commit({Partition(TOPIC, 99): 5})


async def test_a_paused_partition_is_silent_until_resumed(transport: Transport) -> None:
    """Paused records stay at the broker; resuming brings them, none lost."""
    source, sink = transport.source(), await transport.sink()
    await source.start(Owner())
    place = Partition(TOPIC, 1)
    source.pause([place])
    await sink.publish(some("a", "1", partition=1))
    assert not await source.poll(0.7, 10)
    source.resume([place])
    assert [r.value for r in await read(source, 1)] == [b"1"]


async def test_lag_counts_what_is_left(transport: Transport) -> None:
    """Lag is the end minus the position, and 0 once all is read."""
    source, sink = transport.source(), await transport.sink()
    await source.start(Owner())
    await sink.publish(some("a", "1", "2", "3", partition=0))
    async with asyncio.timeout(20):
        while not await source.poll(0.2, 1):
            pass
    place = Partition(TOPIC, 0)
    assert source.lag()[place] == 2
    assert source.positions()[place] == 1
    assert (await source.ends())[place] == 3
    await read(source, 2)
    assert source.lag()[place] == 0
    assert source.silence_s() < 10


async def test_seek_moves_the_position(transport: Transport) -> None:
    """After a seek the same records come again."""
    source, sink = transport.source(), await transport.sink()
    await source.start(Owner())
    await sink.publish(some("a", "1", "2", partition=0))
    await read(source, 2)
    await source.seek(Partition(TOPIC, 0), 1)
    assert [r.value for r in await read(source, 1)] == [b"2"]


async def test_members_share_the_partitions(transport: Transport) -> None:
    """When a second member joins, the first is told what it loses, and all stay owned."""
    owners = [Owner(), Owner()]
    sources = [transport.source(), transport.source()]
    await sources[0].start(owners[0])
    assert len(owners[0].held) == PARTITIONS
    polling = asyncio.create_task(_keep_polling(sources[0]))
    await sources[1].start(owners[1])
    await until(lambda: len(owners[0].held) + len(owners[1].held) == PARTITIONS)
    await until(lambda: bool(owners[0].held))
    polling.cancel()
    assert owners[0].revocations == 1
    assert not owners[0].held & owners[1].held
    assert owners[1].held


async def _keep_polling(source: Source) -> None:
    while True:
        await source.poll(0.1, 10)


async def test_a_reader_without_group_sees_everything(transport: Transport) -> None:
    """Without a group all partitions are read from their start, beside any other reader."""
    sink = await transport.sink()
    await sink.publish([o for n in range(PARTITIONS) for o in some("a", "1", partition=n)])
    for _ in range(2):
        owner, source = Owner(), transport.source(None)
        await source.start(owner)
        assert len(owner.held) == PARTITIONS
        assert len(await read(source, PARTITIONS)) == PARTITIONS


async def test_a_stopped_source_starts_again(transport: Transport) -> None:
    """The same object reads on after stop and start, with a new client."""
    source, sink = transport.source(), await transport.sink()
    await source.start(Owner())
    await sink.publish(some("a", "1", partition=0))
    await read(source, 1)
    await source.commit({Partition(TOPIC, 0): 1})
    await source.stop()
    await sink.publish(some("a", "2", partition=0))
    await source.start(Owner())
    assert [r.value for r in await read(source, 1)] == [b"2"]


async def test_concurrent_publishing_loses_nothing(transport: Transport) -> None:
    """Many callers at once each return after their own records are acknowledged."""
    source, sink = transport.source(), await transport.sink()
    await source.start(Owner())
    await asyncio.gather(*(sink.publish(some(f"k{n}", f"{n}")) for n in range(50)))
    assert {r.value for r in await read(source, 50)} == {str(n).encode() for n in range(50)}


async def test_a_big_publish_is_cut_into_batches(transport: Transport) -> None:
    """More than one batch a partition arrives whole and in order."""
    source, sink = transport.source(), await transport.sink()
    await source.start(Owner())
    filler = "x" * 2000
    await sink.publish(some("a", *(f"{n}:{filler}" for n in range(1200)), partition=0))
    values = [r.value or b"" for r in await read(source, 1200)]
    assert [int(v.split(b":")[0]) for v in values] == list(range(1200))
