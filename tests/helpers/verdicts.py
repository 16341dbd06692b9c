"""Alerts and verdicts as scoring reads them, and what its models said."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace
from tests.helpers.lanes import drained
from tests.helpers.vectors import pseudonym

from scoring.domain.calibration import Rule
from scoring.main import Parts
from scoring.main.lanes import build_verdict_worker
from scoring.repository.labels import LabelRepository, save_predictions
from scoring.worker.verdicts import VerdictHandler
from shared.contracts.alert import AlertEvent, Verdict
from shared.contracts.assessment import Assessment
from shared.contracts.codec import encode
from shared.contracts.topics import (
    ALERTS_EVENTS,
)
from shared.kernel.errors import FencedError
from shared.stream.ports import Partition
from shared.stream.records import Outgoing
from shared.stream.testing import FakeBroker, FakeSink, FakeSource

LATER = "2026-03-09T04:00:00Z"


def an_assessment(number: int, probability: float = 0.35) -> Assessment:
    return Assessment(
        id=f"asm_{number}", student=pseudonym(number), vector=f"vec_{number}", position=1,
        as_of="2026-03-02T04:00:00Z", model="test-1", input_digest="d", status="scored",
        probability=probability, level="blue", coverage=1.0, contributions=[],
    )  # fmt: skip


def tell(
    broker: FakeBroker,
    number: int,
    verdict: Verdict | None,
    by: str = "person_1",
    *,
    at: str = LATER,
) -> None:
    """Open an alert on an assessment, or close it with a verdict."""
    event = AlertEvent(
        id=f"event_{number}_{verdict}_{by}", alert=f"alert_{number}", student=pseudonym(number),
        kind="resolved" if verdict else "opened", level="blue", reason="threshold_crossed",
        at=at, sequence=2 if verdict else 1, actor=by if verdict else None, verdict=verdict,
        assessment=None if verdict else f"asm_{number}",
    )  # fmt: skip
    broker.append(Outgoing(ALERTS_EVENTS.name, event.student.encode(), encode(event)))


def second(broker: FakeBroker, number: int, verdict: Verdict | None, by: str = "person_2") -> None:
    """Judge an alert that has been resolved, or decline to."""
    event = AlertEvent(
        id=f"review_{number}_{verdict}_{by}", alert=f"alert_{number}", student=pseudonym(number),
        kind="reviewed", level="blue", reason="reviewed", at=LATER, sequence=3, actor=by,
        verdict=verdict,
    )  # fmt: skip
    broker.append(Outgoing(ALERTS_EVENTS.name, event.student.encode(), encode(event)))


async def read(parts: Parts, broker: FakeBroker) -> None:
    source = FakeSource(broker, [ALERTS_EVENTS], group="lantern.scoring.verdicts.v1")
    worker = build_verdict_worker(parts, source, FakeSink(broker))
    await worker.start()
    await drained(worker)
    await worker.close()


async def said(parts: Parts, count: int) -> None:
    async with parts.database.write() as connection:
        await save_predictions(connection, [an_assessment(n) for n in range(count)])


def unmatched(parts: Parts) -> float | None:
    return parts.registry.get_sample_value("scoring_alerts_unmatched_total")


def a_handler(parts: Parts, wake: Callable[[], object] = lambda: None) -> VerdictHandler:
    return VerdictHandler(
        LabelRepository(parts.database),
        parts.changes,
        Rule(),
        parts.clock,
        transaction=parts.database.write,
        wake=wake,
        unmatched=parts.metrics.unmatched,
    )


async def saved_in_vain(parts: Parts, handler: VerdictHandler, owned: Sequence[Partition]) -> None:
    async with parts.database.write() as connection:
        await handler.save(connection, owned)
        raise FencedError("somebody else has the partition")


def again(number: int, probability: float, revision: int, *, as_of: str = LATER) -> Assessment:
    """Return what a later champion says of the vector that `an_assessment` was of."""
    return replace(
        an_assessment(number, probability), id=f"asm_{number}_{revision}", revision=revision,
        as_of=as_of,
    )  # fmt: skip


async def keep(parts: Parts, *told: Assessment) -> None:
    async with parts.database.write() as connection:
        await save_predictions(connection, told)
