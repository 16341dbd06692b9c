"""A compacted topic on real Apache Kafka, read whole at the start and then followed."""

import asyncio

import pytest
from tests.helpers.waiting import until

from shared.contracts.topics import DIRECTORY_STUDENTS
from shared.kernel.errors import UnavailableError
from shared.stream.compacted import CompactedReader
from shared.stream.kafka import KafkaSink, KafkaSource, create_topics
from shared.stream.ports import Outgoing
from shared.stream.records import Records

NAME = DIRECTORY_STUDENTS.name


class View:
    """The last value of each key."""

    def __init__(self) -> None:
        self.latest: dict[bytes, bytes | None] = {}

    def apply(self, records: Records) -> None:
        for record in records:
            self.latest[record.key or b""] = record.value


async def test_the_end_as_of_the_start_is_loaded_and_then_followed(
    kafka: str, topic_prefix: str
) -> None:
    """`loaded` returns with everything that was there; what comes later is seen by `run`."""
    await create_topics(kafka, partitions=3, prefix=topic_prefix, topics=[DIRECTORY_STUDENTS])
    sink, view = KafkaSink(kafka, prefix=topic_prefix), View()
    await sink.start()
    keys = [f"student-{n}".encode() for n in range(200)]
    await sink.publish([Outgoing(NAME, key, value) for value in (b"1", b"2") for key in keys])
    source = KafkaSource(kafka, [DIRECTORY_STUDENTS], group=None, prefix=topic_prefix)
    reader = CompactedReader(source, view.apply)
    assert reader.complaint() == "not loaded yet"
    async with reader.loaded():
        assert view.latest == dict.fromkeys(keys, b"2")
        assert reader.complaint() is None
        stop = asyncio.Event()
        following = asyncio.create_task(reader.run(stop))
        await sink.publish([Outgoing(NAME, keys[0], None), Outgoing(NAME, b"new", b"1")])
        await until(lambda: view.latest.get(b"new") == b"1" and view.latest[keys[0]] is None)
        stop.set()
        await following
    await sink.stop()


async def test_an_empty_topic_is_loaded_at_once(kafka: str, topic_prefix: str) -> None:
    """Nothing to read is no reason to wait."""
    await create_topics(kafka, partitions=3, prefix=topic_prefix, topics=[DIRECTORY_STUDENTS])
    source = KafkaSource(kafka, [DIRECTORY_STUDENTS], group=None, prefix=topic_prefix)
    async with CompactedReader(source, View().apply, load_timeout_s=30).loaded() as reader:
        assert reader.is_loaded


@pytest.mark.timeout(60)
async def test_a_broker_that_is_away_is_named_in_time() -> None:
    """Loading gives up after its limit with an error that a person can read."""
    source = KafkaSource("127.0.0.1:1", [DIRECTORY_STUDENTS], group=None)
    with pytest.raises(UnavailableError):
        await CompactedReader(source, View().apply, load_timeout_s=2).load()
    await source.stop()
