"""Partitions of keys, as every Kafka client chooses them."""

import pytest
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.partitioner import murmur2 as reference
from hypothesis import given
from hypothesis import strategies as st

from shared.stream.partitioner import Partitioner, murmur2, partition_for


@given(st.binary(max_size=80))
def test_the_hash_is_the_clients_own(key: bytes) -> None:
    """Our faster murmur2 equals the one of aiokafka for any bytes."""
    assert murmur2(key) == reference(key)


@given(st.binary(min_size=1, max_size=80), st.integers(1, 64))
def test_the_partition_is_the_clients_own(key: bytes, partitions: int) -> None:
    """A key goes where aiokafka's default partitioner sends it."""
    everything = list(range(partitions))
    assert partition_for(key, partitions) == DefaultPartitioner()(key, everything, everything)


@pytest.mark.parametrize(
    ("text", "expected"), [("21", -973932308), ("foobar", -790332482), ("abc", 479470107)]
)
def test_the_hash_is_javas(text: str, expected: int) -> None:
    """Known answers of the Java client's own unit test."""
    assert murmur2(text.encode()) == expected & 0xFFFFFFFF


def test_a_small_memory_gives_the_same_answers() -> None:
    """The cache may be emptied at any time without changing an answer."""
    partitioner = Partitioner(cache_size=3)
    keys = [f"k{n}".encode() for n in range(10)] * 2
    assert [partitioner(key, 7) for key in keys] == [partition_for(key, 7) for key in keys]
