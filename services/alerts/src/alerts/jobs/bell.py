"""Wakes the lanes of the outbox at once; polling is only the safety net."""

import asyncio


class Bell:
    """`ring()` wakes every waiting lane; each lane has its own clapper."""

    def __init__(self) -> None:
        self._events: list[asyncio.Event] = []

    def listener(self) -> asyncio.Event:
        event = asyncio.Event()
        self._events.append(event)
        return event

    def ring(self) -> None:
        for event in self._events:
            event.set()
