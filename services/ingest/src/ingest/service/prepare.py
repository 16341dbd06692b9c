"""From raw events to what a round can publish: decoded, checked, pseudonymised, encoded again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from ingest.domain.decode import RawEvent, decode_event, identity
from ingest.domain.keys import letter_id
from ingest.domain.letters import seal_place
from ingest.domain.ports import Entry
from ingest.domain.results import TYPE_NOT_ALLOWED, EventResult, Fault
from ingest.domain.seen import digest_of
from ingest.domain.times import EARLIEST, LATEST_EVENT, TimeWindow, normalise
from ingest.domain.validate import check
from shared.contracts.codec import encode
from shared.contracts.event import EVENT_TYPES, EventBase
from shared.contracts.feed import DeadLetter
from shared.crypto.pseudonym import Pseudonymiser
from shared.crypto.sealing import Sealer
from shared.kernel.campus_time import format_utc

_CLASS_TYPES = {kind: name for name, kind in EVENT_TYPES.items()}
_KEPT_BYTES = 512 * 1024
_ID_MAX = 200
_MARK = "#redrive-"


def marked(event_id: str) -> str:
    """Return the id under which a refused event is published again; features knows the mark.

    >>> marked("x"), marked("x#redrive-1")
    ('x#redrive-1', 'x#redrive-2')
    """
    name, mark, number = event_id.rpartition(_MARK)
    if mark and number.isascii() and number.isdigit():
        return f"{name}{_MARK}{int(number) + 1}"
    return f"{event_id}{_MARK}1"


class Candidate(NamedTuple):
    """An event that may be published, unless its digest was seen."""

    place: int
    digest: bytes
    key: str
    value: bytes
    time: str


@dataclass(slots=True)
class Prepared:
    """A request's events: what each result will be if nothing was seen before, and what to send.

    `forced` candidates are published even when their digest was seen (re-drive of a later stage).
    """

    feed: str
    results: list[EventResult]
    candidates: list[Candidate] = field(default_factory=list)
    letters: list[Entry] = field(default_factory=list)
    forced: bool = False


class Preparer:
    """Holds the keys and limits; `prepare` is the hot path of ingest."""

    def __init__(
        self,
        pseudonymiser: Pseudonymiser,
        sealer: Sealer,
        letter_key: bytes,
        *,
        max_event_bytes: int,
    ) -> None:
        self._pseudonym = pseudonymiser.pseudonym
        self._sealer = sealer
        self._letter_key = letter_key
        self._max_event_bytes = max_event_bytes

    def extend(
        self,
        prepared: Prepared,
        raw_events: Sequence[RawEvent],
        *,
        allowed: frozenset[type[EventBase]],
        window: TimeWindow,
        now: datetime,
        trace: str,
    ) -> None:
        """Prepare more events of a request; rejected ones become dead letters.

        All of a request's events share its `trace`; one that its source traced keeps its own.
        """
        feed, results, candidates = prepared.feed, prepared.results, prepared.candidates
        pseudonym = self._pseudonym
        for place, raw in enumerate(raw_events, len(results)):
            event = self._event(raw, allowed, window)
            if isinstance(event, Fault):
                results.append(event.result(identity(raw)))
                prepared.letters.append(self._letter(feed, raw, event, now=now, trace=trace))
                continue
            digest = digest_of(event.source, event.id)
            results.append(EventResult("accepted", event.id))
            event.subject = key = pseudonym(event.subject)
            event.feed = feed
            event.traceparent = event.traceparent or trace
            candidates.append(Candidate(place, digest, key, encode(event), event.time))

    def _event(
        self, raw: RawEvent, allowed: frozenset[type[EventBase]], window: TimeWindow
    ) -> EventBase | Fault:
        if memoryview(raw).nbytes > self._max_event_bytes:
            return Fault(
                "event_too_large", f"an event has at most {self._max_event_bytes} bytes", "$"
            )
        event = decode_event(raw)
        if isinstance(event, Fault):
            return event
        if type(event) not in allowed:
            name = _CLASS_TYPES[type(event)]
            return Fault(TYPE_NOT_ALLOWED, f"this key may not send {name}", "$.type")
        return check(event, window) or event

    def pseudonymous(self, feed: str, raw: RawEvent) -> Prepared | Fault:
        """Prepare a record that already carries a pseudonym: a later stage could not handle it."""
        event = decode_event(raw)
        if isinstance(event, Fault):
            return event
        time = normalise(event.time)  # a letter of another stage may hold anything
        if time is None or not EARLIEST <= time <= LATEST_EVENT:
            return Fault("bad_time", "not an RFC 3339 time of this era", "$.time")
        digest = digest_of(event.source, event.id)
        accepted = EventResult("accepted", event.id)
        event.id = marked(event.id)
        if len(event.id) > _ID_MAX:
            return Fault("bad_length", "the id leaves no room for the mark of a re-drive", "$.id")
        candidate = Candidate(0, digest, event.subject, encode(event), time)
        return Prepared(event.feed or feed, [accepted], [candidate], forced=True)

    def _letter(
        self, feed: str, raw: RawEvent, fault: Fault, *, now: datetime, trace: str
    ) -> Entry:
        payload = bytes(raw)
        name = letter_id(self._letter_key, feed, fault.reason, payload)
        detail = fault.detail
        if len(payload) > _KEPT_BYTES:
            detail = f"{detail}; the first {_KEPT_BYTES} of {len(payload)} bytes are kept"
            payload = payload[:_KEPT_BYTES]
        letter = DeadLetter(
            id=name,
            feed=feed,
            stage="ingest",
            reason=fault.reason,
            detail=detail,
            at=format_utc(now),
            payload=self._sealer.seal(payload, seal_place(name)),
            key_id=self._sealer.key_id,
            field=fault.field,
            traceparent=trace,
        )
        return Entry("dead", feed, encode(letter))
