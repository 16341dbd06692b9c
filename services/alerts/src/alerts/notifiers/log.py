"""The log of alerts: publication rows to `alerts.events.v1`, acknowledged by the broker."""

from collections.abc import Sequence

from alerts.domain.ports import Item
from shared.contracts.topics import ALERTS_EVENTS
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
        await self._sink.publish(
            [Outgoing(ALERTS_EVENTS.name, i.student.encode(), i.body.encode()) for i in items]
        )

    async def close(self) -> None:
        if self._is_started:
            await self._sink.stop()
