"""Plain events for figures that need many students or long histories, and their HTTP feed."""

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from benchmarks.stand import Stand
from shared.contracts.topics import CAMPUS_EVENTS
from shared.stream.ports import Outgoing

FEED = "card"
FIRST_DAY = date(2026, 7, 1)
_MINUTES, _LATE = 960, 840  # from 00:00 UTC, 08:00 local time, to midnight, and to 22:00 local
_CLOCKS = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(_MINUTES)]
_STRIDE = 377  # shares no factor with the minutes, so that all come in turn
_PLACES = ("meal", "shop", "shower", "printing", "library")


def pseudonyms(count: int) -> list[str]:
    """Return student keys of the real length."""
    return [f"p1:{number:032x}" for number in range(count)]


class Cards:
    """Card events of random moments of a day; equal seeds give equal events."""

    def __init__(self, run: str, *, seed: int = 1) -> None:
        self._run = run
        self._random = random.Random(seed)  # noqa: S311 - load, not a secret
        self._number = 0

    def event(self, subject: str, day: date) -> bytes:
        """Return one event as JSON; its campus day is `day`."""
        minute = self._random.randrange(1080) % _MINUTES  # more at breakfast than later
        return self._event(subject, day, minute, self._random.choice(_PLACES))

    def meal(self, subject: str, day: date) -> bytes:
        """Return a meal before 22:00, which lowers the share of late purchases above 0."""
        return self._event(subject, day, self._random.randrange(_LATE), "meal")

    def late_snack(self, subject: str, day: date) -> bytes:
        """Return a purchase after 22:00."""
        return self._event(subject, day, self._random.randrange(_LATE, _MINUTES), "shop")

    def plain(self, subject: str, day: str) -> bytes:
        """Return one event without drawing lots, for loads of many millions."""
        self._number += 1
        clock = _CLOCKS[self._number * _STRIDE % _MINUTES]
        return (
            f'{{"type":"lantern.card.swiped.v1","specversion":"1.0","id":"{self._run}-{self._number}",'
            f'"source":"urn:bench:card","subject":"{subject}","time":"{day}T{clock}:00Z",'
            f'"feed":"{FEED}","data":{{"merchant":"meal","amount":12.5,"device":"d1"}}}}'
        ).encode()

    def _event(self, subject: str, day: date, minute: int, place: str) -> bytes:
        self._number += 1
        moment = f"{day}T{minute // 60:02d}:{minute % 60:02d}:00Z"
        return (
            f'{{"type":"lantern.card.swiped.v1","specversion":"1.0","id":"{self._run}-{self._number}",'
            f'"source":"urn:bench:card","subject":"{subject}","time":"{moment}","feed":"{FEED}",'
            f'"data":{{"merchant":"{place}",'
            f'"amount":{self._random.randrange(100, 3000) / 100},"device":"d{minute}"}}}}'
        ).encode()

    def days(
        self, subjects: Sequence[str], days: int, *, each: int = 1, first: date = FIRST_DAY
    ) -> Iterator[list[tuple[str, bytes]]]:
        """Yield day after day, `each` events of every student, students in random order."""
        for number in range(days):
            day = first + timedelta(days=number)
            order = [subject for subject in subjects for _ in range(each)]
            self._random.shuffle(order)
            yield [(subject, self.event(subject, day)) for subject in order]


async def publish(here: Stand, batches: Iterable[list[tuple[str, bytes]]]) -> int:
    """Publish events to `campus.events.v1` as they are; return how many."""
    sink, sent = here.sink(), 0
    await sink.start()
    try:
        for batch in batches:
            for start in range(0, len(batch), 20_000):
                part = batch[start : start + 20_000]
                await sink.publish(
                    [Outgoing(CAMPUS_EVENTS.name, key.encode(), value) for key, value in part]
                )
            sent += len(batch)
    finally:
        await sink.stop()
    return sent


async def register(here: Stand, types: Sequence[str] = ("lantern.card.swiped.v1",)) -> str:
    """Register the feed of these events with ingest, and return an API key."""
    async with here.here.client("ingest") as client:
        body = {
            "owner": "bench", "types": list(types), "cadence_s": 3600,
            "rate_per_s": 1_000_000,
        }  # fmt: skip
        (await client.request("PUT", f"/v1/feeds/{FEED}", json=body)).raise_for_status()
        answer = await client.post(f"/v1/feeds/{FEED}/keys", json={})
        answer.raise_for_status()
        return str(answer.json()["key"])
