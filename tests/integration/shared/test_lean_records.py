"""Reading without aiokafka's own records gives what reading with them gives."""

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.contracts.topics import CAMPUS_EVENTS
from shared.stream.kafka import KafkaSink, create_topics
from shared.stream.kafka.lean import LEAN, install
from shared.stream.ports import Outgoing

HEADERS = (("traceparent", b"00-a"), ("x", b""))
SENT = [
    Outgoing(CAMPUS_EVENTS.name, b"k", b"v", headers=HEADERS, partition=0),
    Outgoing(CAMPUS_EVENTS.name, b"k", None, partition=0),
    Outgoing(CAMPUS_EVENTS.name, None, b"", partition=0),
    Outgoing(CAMPUS_EVENTS.name, b"", b"\x00\xff" * 400, partition=0),
    *(Outgoing(CAMPUS_EVENTS.name, b"%d" % n, b"v" * n, partition=0) for n in range(300)),
]  # fmt: skip


@pytest.fixture
async def topic(kafka: str, topic_prefix: str) -> str:
    """Fill a topic with `SENT`."""
    await create_topics(kafka, partitions=1, prefix=topic_prefix, topics=[CAMPUS_EVENTS])
    sink = KafkaSink(kafka, prefix=topic_prefix)
    await sink.start()
    await sink.publish(SENT)
    await sink.stop()
    return topic_prefix + CAMPUS_EVENTS.name


async def read(kafka: str, topic: str, *, lean: bool, most: int) -> list[object]:
    """Read all of a topic with one kind of consumer, at most so many records a call."""
    install()
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, auto_offset_reset="earliest", enable_auto_commit=False,
        value_deserializer=LEAN if lean else None,
    )  # fmt: skip
    consumer.assign([TopicPartition(topic, 0)])
    await consumer.start()
    found: list[object] = []
    kinds: set[str] = set()
    try:
        while len(found) < len(SENT):
            for batch in (await consumer.getmany(timeout_ms=200, max_records=most)).values():
                kinds |= {type(each).__name__ for each in batch}
                found += [
                    (each.offset, each.key, each.value, each.timestamp, tuple(each.headers))
                    for each in batch
                ]
        assert await consumer.position(TopicPartition(topic, 0)) == len(SENT)
    finally:
        await consumer.stop()
    assert ("ConsumerRecord" in kinds) is not lean
    return found


@pytest.mark.parametrize("most", [7, 100, 5_000])
async def test_both_ways_return_the_same(kafka: str, topic: str, most: int) -> None:
    """Offsets, keys, values, times, headers and the position agree, however reads are cut."""
    lean = await read(kafka, topic, lean=True, most=most)
    assert lean == await read(kafka, topic, lean=False, most=most)
    assert [each[1:3] for each in lean] == [(o.key, o.value) for o in SENT]  # type: ignore[index]
