"""Records near the limit of a broker."""

import asyncio
import random

import pytest

from shared.contracts.topics import CAMPUS_EVENTS
from shared.stream.kafka import KafkaSink, create_topics
from shared.stream.kafka.sink import RECORD_BYTES, RecordTooLargeError
from shared.stream.ports import Outgoing


def of_size(size: int) -> Outgoing:
    """Return a record of bytes that do not compress."""
    return Outgoing(CAMPUS_EVENTS.name, b"k", random.Random(1).randbytes(size - 1))  # noqa: S311 - only noise


async def test_a_record_too_large_fails_its_caller_alone(kafka: str, topic_prefix: str) -> None:
    """A neighbour in the same flush is acknowledged, and so is the largest allowed record."""
    await create_topics(kafka, partitions=1, prefix=topic_prefix, topics=[CAMPUS_EVENTS])
    sink = KafkaSink(kafka, prefix=topic_prefix, delivery_timeout_s=20)
    await sink.start()
    calls = [
        sink.publish([of_size(10), of_size(RECORD_BYTES), of_size(10)]),
        sink.publish([of_size(10), of_size(RECORD_BYTES + 1)]),
        sink.publish([of_size(10)]),
    ]
    first, refused, last = await asyncio.gather(*calls, return_exceptions=True)
    await sink.stop()
    assert (first, last) == (None, None)
    assert isinstance(refused, RecordTooLargeError)
    assert "topic campus.events.v1: a record of 1000001 bytes" in str(refused)


async def test_headers_count(kafka: str) -> None:
    """What travels beside the value is part of the record."""
    sink = KafkaSink(kafka)
    record = Outgoing(CAMPUS_EVENTS.name, b"k", b"v", headers=(("h", bytes(RECORD_BYTES)),))
    with pytest.raises(RecordTooLargeError):
        await sink.publish([record])
