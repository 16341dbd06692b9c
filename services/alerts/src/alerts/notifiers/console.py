"""The console channel: wakes the live streams, which read what happened from the history."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from alerts.domain.ports import Channel, Item, Receipt


class Broadcast:
    """Wakes whoever watches; a stream of another process finds out by looking at the table."""

    def __init__(self) -> None:
        self._watchers: set[asyncio.Event] = set()

    @contextmanager
    def watch(self) -> Iterator[asyncio.Event]:
        """Yield an event that is set when something happened."""
        event = asyncio.Event()
        self._watchers.add(event)
        try:
            yield event
        finally:
            self._watchers.discard(event)

    def wake(self) -> int:
        """Wake all and return how many there were."""
        for event in self._watchers:
            event.set()
        return len(self._watchers)


class ConsoleSender:
    """Hands an entry to the pages that are open now; a page that opens later reads the table."""

    channel: Channel = "console"

    def __init__(self, broadcast: Broadcast) -> None:
        self._broadcast = broadcast

    async def send(self, item: Item) -> Receipt:  # noqa: ARG002 - streams read the table
        watchers = self._broadcast.wake()
        return Receipt("shown" if watchers else "nobody_watching", f"{watchers} streams")
