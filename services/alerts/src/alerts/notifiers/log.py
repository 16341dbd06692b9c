"""The log of alerts: publication rows to `alerts.events.v1`, acknowledged by the broker.

The trace goes beside the message, in the record header `traceparent`: what is published is then the
same, byte for byte, in every run over the same log.
"""

from collections.abc import Sequence

from alerts.domain.ports import Item
from shared.contracts.topics import ALERTS_EVENTS
from shared.kernel.trace import HEADER
from shared.stream.ports import Outgoing, Sink


class LogPublisher:
    """Publishes claimed rows in their order; connects on first use, so that a start never waits."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._is_started = False

    async def __call__(self, items: Sequence[Item]) -> None:
        """Return once all are acknowledged; raises UnavailableError."""
        if not self._is_started:
            await self._sink.start()
            self._is_started = True
        await self._sink.publish([_record(item) for item in items])

    async def close(self) -> None:
        if self._is_started:
            await self._sink.stop()


def _record(item: Item) -> Outgoing:
    trace = item.traceparent
    headers = ((HEADER, trace.encode()),) if trace else ()
    return Outgoing(ALERTS_EVENTS.name, item.student.encode(), item.body.encode(), headers)
