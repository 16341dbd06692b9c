"""The feature service joined on a broker in memory or a real one, for tests."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from tests.helpers.feature_log import facts

from features.config import Settings
from features.main import Parts, assemble
from features.worker import GROUP
from shared.contracts.codec import encode
from shared.contracts.student import StudentFacts
from shared.contracts.topics import CAMPUS_EVENTS, DIRECTORY_STUDENTS
from shared.kernel.clock import Clock, ManualClock
from shared.stream.ports import Outgoing, Sink
from shared.stream.testing import FakeBroker, FakeSink, FakeSource

KEY = SecretStr("ab" * 32)


def a_settings(url: str, **more: Any) -> Settings:
    """Return settings with the keys of tests."""
    values = {"database_url": url, "dead_letter_key": KEY, "flush": "ticks", **more}
    return Settings(**values)


def sqlite_url(folder: Path) -> str:
    """Return the URL of a database in a folder."""
    return f"sqlite+aiosqlite:///{folder / 'features.db'}"


@asynccontextmanager
async def running(
    broker: FakeBroker,
    settings: Settings,
    *,
    sink: Sink | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[Parts]:
    """Start the service on a broker in memory; leaving is a kill: nothing is drained."""
    parts = assemble(
        settings,
        events=FakeSource(broker, [CAMPUS_EVENTS], group=GROUP),
        facts=FakeSource(broker, [DIRECTORY_STUDENTS], group=None),
        sink=sink or FakeSink(broker),
        clock=clock or ManualClock(),
    )
    await parts.load()
    await parts.facts.load()
    await parts.worker.start()
    try:
        yield parts
    finally:
        await parts.worker.close()
        await parts.database.close()


async def work_off(parts: Parts, rounds: int = 4) -> None:
    """Handle what is there."""
    for _ in range(rounds):
        await parts.worker.run_once(0.0)


def put_events(broker: FakeBroker, events: Sequence[tuple[str, bytes]]) -> None:
    """Append events by student; the key `tick` goes to every partition, as ingest does."""
    for student, value in events:
        if student == "tick":
            for place in broker.partitions_of(CAMPUS_EVENTS.name):
                broker.append(Outgoing(CAMPUS_EVENTS.name, b"tick", value, partition=place.number))
        else:
            broker.append(Outgoing(CAMPUS_EVENTS.name, student.encode(), value))


def put_facts(broker: FakeBroker, *known: StudentFacts) -> None:
    """Append facts of students."""
    for one in known:
        broker.append(Outgoing(DIRECTORY_STUDENTS.name, one.student.encode(), encode(one)))


__all__ = ["a_settings", "facts", "put_events", "put_facts", "running", "sqlite_url", "work_off"]
