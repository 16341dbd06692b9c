"""When students began, out of the compacted `directory.students.v1`: drift is told by intake."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import msgspec

from shared.contracts.codec import UNREADABLE
from shared.kernel.errors import UnavailableError
from shared.observability.logging import get_logger
from shared.stream.compacted import CompactedReader
from shared.stream.ports import Source
from shared.stream.records import Records

_AGAIN_S = 30.0
log = get_logger("scoring.intakes")


class _Facts(msgspec.Struct):
    """The two fields that are read."""

    student: str
    intake: int


_DECODE = msgspec.json.Decoder(_Facts).decode


class Intakes:
    """A view of the topic; `years` grows while it runs, and a rubbish record is passed over."""

    def __init__(self) -> None:
        self.years: dict[str, int] = {}

    def apply(self, records: Records) -> None:
        for run in records.runs:
            for key, value in zip(run.keys, run.values, strict=True):
                if value is None:
                    self.years.pop((key or b"").decode(errors="replace"), None)
                    continue
                try:
                    facts = _DECODE(value)
                except UNREADABLE:
                    continue
                self.years[facts.student] = facts.intake

    async def run(self, stop: asyncio.Event, source: Callable[[], Source]) -> None:
        """Read the topic from its start and follow it, until `stop` is set.

        Nobody waits for it: while the broker is away, intakes are as they were.
        """
        while not stop.is_set():
            reader = CompactedReader(source(), self.apply)
            try:
                async with reader.loaded():
                    await reader.run(stop)
            except UnavailableError as error:
                log.warning("intakes.away", detail=str(error))
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _AGAIN_S)
