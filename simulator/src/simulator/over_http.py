"""Events to ingest over HTTP, feed by feed under each feed's key, as NDJSON."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf

import msgspec

from shared.kernel.clock import Clock, SystemClock
from shared.kernel.errors import ConfigError, LanternError, UnavailableError
from shared.web.client import HttpClient, Response
from simulator.events import Chunk, DayEvents
from simulator.pacing import Pace
from simulator.progress import OnProgress, Progress, StreamReport, ignore_progress
from simulator.simulation import Simulation

_ACCEPTED = 202
_TOO_LARGE = 413
_AGAIN = frozenset({429, 502, 503, 504})
_LONGEST_PAUSE_S = 30.0
_FIRST_PAUSE_S = 0.25
_NDJSON = "application/x-ndjson"


class RefusedError(LanternError):
    """Ingest answered that trying again cannot help: a wrong key, a wrong type, a bad body."""


class _Answer(msgspec.Struct):
    read: int
    accepted: int
    duplicate: int
    rejected: int


_read_answer = msgspec.json.Decoder(_Answer).decode


@dataclass(frozen=True)
class HttpOptions:
    """How events are sent.

    `batch` is events a request, `in_flight` requests at a time (1 keeps a strict order, and the
    same order every time), `patience_s` how long one request is tried before giving up.
    """

    batch: int = 1000
    in_flight: int = 4
    patience_s: float = 300.0


class HttpStreamer:
    """Sends chunks to `POST /v1/events`; what was not answered is sent again with the same ids."""

    def __init__(
        self,
        client: HttpClient,
        keys: Mapping[str, str],
        *,
        options: HttpOptions | None = None,
        clock: Clock | None = None,
        on_progress: OnProgress = ignore_progress,
    ) -> None:
        self._client = client
        self._keys = keys
        self._options = options or HttpOptions()
        self._clock = clock or SystemClock()
        self._on_progress = on_progress
        self._slots = asyncio.Semaphore(self._options.in_flight)
        self.report = StreamReport()

    async def replay(
        self, simulation: Simulation, days: Iterable[DayEvents] | None = None, *, speed: float = inf
    ) -> StreamReport:
        """Send the run (or the given days) in order of delivery; return the sums."""
        pace = Pace(self._clock, speed)
        size = self._options.batch * self._options.in_flight
        encoder = simulation.encoder()
        for day in simulation.days() if days is None else days:
            for chunk in day.chunks(encoder, size if speed == inf else self._options.batch):
                await pace.reach(float(chunk.delivered[0]))
                await self.send(chunk)
        return self.report

    async def follow(self, simulation: Simulation, *, speed: float = 1.0) -> None:
        """Go on live from the end of the run, until cancelled."""
        async for chunks in simulation.live(self._clock, speed=speed):
            for chunk in chunks:
                await self.send(chunk)

    async def send(self, chunk: Chunk) -> None:
        """Send one chunk and wait for its answers; chunks never overtake each other.

        Raises:
            RefusedError: ingest will never take it.
            UnavailableError: no good answer came within `patience_s`.
            ConfigError: a feed has no key.
        """
        batches = self._batches(chunk)
        if self._options.in_flight == 1:
            for feed, lines in batches:
                await self._post(feed, lines)
        else:
            async with asyncio.TaskGroup() as group:
                for feed, lines in batches:
                    group.create_task(self._post(feed, lines))
        self._on_progress(
            Progress(self.report.sent, datetime.fromtimestamp(int(chunk.delivered[-1]), UTC))
        )

    def _batches(self, chunk: Chunk) -> list[tuple[str, list[bytes]]]:
        """Split a chunk by feed, then by size, keeping the order within each feed."""
        by_feed: dict[str, list[bytes]] = {}
        for feed, payload in zip(chunk.feed, chunk.payload, strict=True):
            by_feed.setdefault(feed, []).append(payload)
        size = self._options.batch
        return [
            (feed, lines[start : start + size])
            for feed, lines in by_feed.items()
            for start in range(0, len(lines), size)
        ]

    async def _post(self, feed: str, lines: Sequence[bytes]) -> None:
        if feed not in self._keys:
            raise ConfigError(f"feed {feed}", "has no API key")
        async with self._slots:
            answer = await self._tried(feed, b"\n".join(lines))
        if answer.status_code == _TOO_LARGE and len(lines) > 1:
            middle = len(lines) // 2
            await self._post(feed, lines[:middle])
            await self._post(feed, lines[middle:])
            return
        if answer.status_code != _ACCEPTED:
            raise RefusedError(f"feed {feed}: {answer.status_code} {answer.text[:300]}")
        counts = _read_answer(answer.content)
        self.report = self.report.plus(
            StreamReport(
                counts.read, counts.accepted, counts.duplicate, counts.rejected, requests=1
            )
        )

    async def _tried(self, feed: str, body: bytes) -> Response:
        """Post until an answer says more than "later"."""
        deadline = self._clock.monotonic() + self._options.patience_s
        pause = _FIRST_PAUSE_S
        headers = {"X-API-Key": self._keys[feed], "Content-Type": _NDJSON}
        while True:
            wait, why = pause, ""
            try:
                answer = await self._client.post("/v1/events", content=body, headers=headers)
            except UnavailableError as error:
                why = str(error)
            else:
                if answer.status_code not in _AGAIN:
                    return answer
                wait = max(_retry_after(answer) or pause, 0.01)
                why = f"{answer.status_code}"
            if self._clock.monotonic() + wait > deadline:
                raise UnavailableError(f"feed {feed}: ingest did not take a batch ({why})")
            await self._clock.sleep(wait)
            pause = min(pause * 2, _LONGEST_PAUSE_S)
            self.report = self.report.plus(StreamReport(retries=1))


def _retry_after(answer: Response) -> float | None:
    """Return the seconds that the server asks for, None where it names none that we can use."""
    text = answer.headers.get("retry-after", "")
    return min(float(text), _LONGEST_PAUSE_S) if text.isdigit() else None
