"""Dead letters: what could not be handled, sealed, with why and where; their share is limited."""

import re
from collections import Counter, deque
from collections.abc import Sequence
from typing import Literal

from shared.contracts.codec import encode
from shared.contracts.feed import DeadLetter
from shared.contracts.topics import CAMPUS_EVENTS_DEAD
from shared.crypto.sealing import Sealer
from shared.kernel.campus_time import format_utc
from shared.kernel.clock import Clock
from shared.kernel.errors import LanternError
from shared.kernel.ids import stable_id
from shared.kernel.trace import trace_id, valid
from shared.observability.logging import get_logger
from shared.stream.ports import Rejected
from shared.stream.records import Outgoing, Record

log = get_logger("stream.dead_letters")
KEPT_BYTES = 512 * 1024
_TRACEPARENT = re.compile(rb'"traceparent"\s*:\s*"([0-9a-f-]{55})"')
Stage = Literal["ingest", "features", "scoring", "alerts"]


class TooManyDeadLettersError(LanternError):
    """The share of dead letters passed its limit: a person must look before more is set aside."""


class DeadLetterLimit:
    """A share of the last `window` records; reasons in `uncounted` are free."""

    def __init__(
        self,
        *,
        share: float = 0.5,
        window: int = 10_000,
        minimum: int = 200,
        uncounted: frozenset[str] = frozenset(),
    ) -> None:
        self.share = share
        self.minimum = minimum
        self.uncounted = uncounted
        self._window = window
        self._batches: deque[tuple[int, int]] = deque()
        self._records = 0
        self._dead = 0

    def add(self, records: int, rejected: Sequence[Rejected]) -> None:
        """Count one batch.

        Raises:
            TooManyDeadLettersError: more than `minimum` and `share` of the window are dead.
        """
        dead = sum(1 for each in rejected if each.reason not in self.uncounted)
        self._batches.append((records, dead))
        self._records += records
        self._dead += dead
        while self._records - self._batches[0][0] >= self._window:
            old_records, old_dead = self._batches.popleft()
            self._records -= old_records
            self._dead -= old_dead
        if self._dead > self.minimum and self._dead > self.share * self._records:
            last = rejected[-1].reason if rejected else "unknown"
            raise TooManyDeadLettersError(
                f"{self._dead} of the last {self._records} records could not be handled "
                f"(last reason: {last}); stopped so that a fault of ours does not set a whole feed "
                "aside. Look at the dead letters, mend the cause, restart"
            )


class DeadLetters:
    """Turns rejected records into records for `campus.events.dead.v1`."""

    def __init__(
        self, stage: Stage, sealer: Sealer, clock: Clock, limit: DeadLetterLimit | None = None
    ) -> None:
        self._stage = stage
        self._sealer = sealer
        self._clock = clock
        self.limit = limit or DeadLetterLimit()

    def outgoing(self, rejected: Sequence[Rejected]) -> list[Outgoing]:
        """Return one record a rejection; the same rejection always has the same id."""
        return [self._outgoing(each) for each in rejected]

    def report(self, rejected: Sequence[Rejected]) -> None:
        """Log how many were set aside for each reason, with the place and trace of the first."""
        for reason, count in Counter(each.reason for each in rejected).items():
            record = next(each.record for each in rejected if each.reason == reason)
            trace = trace_of(record)
            log.warning(
                "stream.dead_letters",
                stage=self._stage,
                reason=reason,
                count=count,
                first=_origin(record),
                trace_id=trace_id(trace) if trace else None,
            )

    def _outgoing(self, rejected: Rejected) -> Outgoing:
        record = rejected.record
        place = record.partition
        letter = dead_letter(
            self._sealer,
            id=stable_id("dead", self._stage, place.topic, place.number, record.offset),
            stage=self._stage,
            feed=rejected.feed,
            reason=rejected.reason,
            detail=rejected.detail,
            at=format_utc(self._clock.now()),
            field=rejected.field,
            origin=_origin(record),
            payload=record.value or b"",
            traceparent=trace_of(record),
        )
        return Outgoing(CAMPUS_EVENTS_DEAD.name, rejected.feed.encode(), encode(letter))


def trace_of(record: Record) -> str | None:
    """Return the traceparent in a record's value, also where the rest cannot be decoded."""
    found = _TRACEPARENT.search(record.value or b"")
    return valid(found[1].decode()) if found else None


def _origin(record: Record) -> str:
    return f"{record.partition.topic}/{record.partition.number}/{record.offset}"


def dead_letter(  # noqa: PLR0913 - the fields of the contract
    sealer: Sealer,
    *,
    id: str,  # noqa: A002 - the contract's own word
    stage: Stage,
    feed: str,
    reason: str,
    detail: str,
    at: str,
    payload: bytes,
    field: str | None = None,
    origin: str | None = None,
    traceparent: str | None = None,
) -> DeadLetter:
    """Seal the original bytes, bound to the letter's id, and return the letter.

    Of a payload that would not fit into a record the first `KEPT_BYTES` are kept, and `detail` says
    so: a foreign record may be as large as its broker allows.
    """
    if len(payload) > KEPT_BYTES:
        kept = f"first {KEPT_BYTES} of {len(payload)} bytes"
        detail = f"{detail}; {kept}" if detail else kept
        payload = payload[:KEPT_BYTES]
    return DeadLetter(
        id=id,
        feed=feed,
        stage=stage,
        reason=reason,
        detail=detail,
        at=at,
        payload=sealer.seal(payload, f"dead:{id}"),
        key_id=sealer.key_id,
        field=field,
        origin=origin,
        traceparent=traceparent,
    )
