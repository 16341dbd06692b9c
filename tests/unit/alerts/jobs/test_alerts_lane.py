"""One lane over an outbox in memory: what it writes, and when."""

import asyncio
from collections.abc import Sequence
from typing import cast

from prometheus_client import CollectorRegistry

from alerts.domain.ports import Again, Item, Outbox, Outcome, Receipt
from alerts.domain.retries import Retries
from alerts.jobs.bell import Bell
from alerts.jobs.lane import LaneRunner, Tools
from alerts.metrics import AlertMetrics
from shared.kernel.clock import ManualClock
from shared.kernel.errors import UnavailableError
from shared.observability.tracing import current


class Memory:
    """Gives its rows once; the first `failing` writes find the database away."""

    def __init__(self, rows: int, *, failing: int = 0) -> None:
        self.rows = [Item(n, f"k{n}", "message", "a", "s", 1) for n in range(rows)]
        self.failing = failing
        self.written: list[Sequence[tuple[Item, Outcome]]] = []

    async def claim(self, _lane: str, _limit: int, _now: float) -> Sequence[Item]:
        rows, self.rows = self.rows, []
        return rows

    async def settle(self, outcomes: Sequence[tuple[Item, Outcome]], _now: float) -> int:
        if self.failing:
            self.failing -= 1
            raise UnavailableError("locked")
        self.written.append(outcomes)
        return len(outcomes)


def tools(memory: Memory, timeout_s: float = 5.0) -> Tools:
    metrics = AlertMetrics(CollectorRegistry())
    box = cast("Outbox", memory)
    return Tools(box, Bell(), ManualClock(), metrics, Retries(), 0.01, timeout_s)


async def test_a_failed_write_loses_no_receipt() -> None:
    """All receipts of a claim are written together once the database is back."""
    memory = Memory(3, failing=2)

    async def deliver(_item: Item) -> Receipt:
        return Receipt("accepted")

    await LaneRunner("message", deliver, tools(memory)).run_once()
    assert [[o for _, o in each] for each in memory.written] == [[Receipt("accepted")] * 3]


async def test_a_delivery_that_outlasts_its_time_is_broken_off() -> None:
    """A provider that keeps talking is left before the lease ends, and asked again."""
    memory = Memory(1)

    async def deliver(_item: Item) -> Receipt:
        await asyncio.sleep(60)
        return Receipt("accepted")

    await LaneRunner("message", deliver, tools(memory, timeout_s=0.02)).run_once()
    ((_, outcome),) = memory.written[0]
    assert isinstance(outcome, Again)
    assert outcome.code == "timeout"


async def test_each_delivery_works_under_the_trace_of_its_row() -> None:
    """Rows that are sent at the same time do not mix their traces."""
    memory, seen = Memory(0), dict[str, str | None]()
    traces = {f"k{n}": f"00-{n:032x}-{n:016x}-01" if n else None for n in range(3)}
    memory.rows = [
        Item(n, key, "message", "a", "s", 1, traceparent=trace)
        for n, (key, trace) in enumerate(traces.items())
    ]

    async def deliver(item: Item) -> Receipt:
        await asyncio.sleep(0.01)
        seen[item.key] = current()
        return Receipt("accepted")

    await LaneRunner("message", deliver, tools(memory)).run_once()
    assert seen == traces
