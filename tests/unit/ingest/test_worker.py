"""The edge to the stream."""

import asyncio
from collections.abc import Sequence

import pytest
from tests.helpers.ingest_app import MemorySink

from ingest.domain.ports import Entry
from ingest.worker import LetterHandler, SinkLog
from shared.contracts.codec import encode
from shared.contracts.feed import DeadLetter
from shared.kernel.errors import UnavailableError
from shared.stream.ports import Outgoing, Partition, Record, Records


class HangingSink(MemorySink):
    """A broker that never answers."""

    async def publish(self, outgoing: Sequence[Outgoing]) -> None:
        await asyncio.Event().wait()


async def test_a_tick_stands_at_its_place_in_every_partition() -> None:
    """Order is kept, and a tick is one record a partition."""
    sink = MemorySink()
    entries = [
        Entry("events", "p1:a", b"1"),
        Entry("tick", "tick", b"t"),
        Entry("dead", "card", b"d"),
    ]
    await SinkLog(sink, partitions=2, timeout_s=1.0).append(entries)
    assert [(o.topic, o.key, o.partition) for o in sink.published] == [
        ("campus.events.v1", b"p1:a", None),
        ("campus.events.v1", b"tick", 0),
        ("campus.events.v1", b"tick", 1),
        ("campus.events.dead.v1", b"card", None),
    ]


async def test_the_wait_for_the_broker_is_bounded() -> None:
    """A broker that says nothing is a broker that is away."""
    with pytest.raises(UnavailableError, match="did not acknowledge"):
        await SinkLog(HangingSink(), partitions=1, timeout_s=0.01).append(
            [Entry("events", "k", b"v")]
        )


async def test_an_unreadable_letter_does_not_stop_the_reader() -> None:
    """What is no letter is logged and passed over, the next one is kept."""
    kept: list[DeadLetter] = []

    async def put(_connection: object, letters: Sequence[DeadLetter]) -> None:
        kept.extend(letters)

    letter = DeadLetter(
        id="d", feed="f", stage="alerts", reason="r", detail="", at="t", payload="p", key_id="k"
    )
    place = Partition("campus.events.dead.v1", 0)
    values = [b"nonsense", None, b"\xff", encode(letter)]
    handler = LetterHandler(put)
    await handler.handle(Records.of(Record(place, n, b"f", v) for n, v in enumerate(values)))
    await handler.save(None, [place])  # type: ignore[arg-type]
    assert kept == [letter]
