"""Screenings and reports out of the stream of all campus events.

A look at the bytes decides for almost every record; only what names an urgent type is decoded.
"""

import msgspec

from alerts.domain.evidence import UrgentSignal
from alerts.domain.rules import URGENT_TYPES, signal_of
from alerts.worker.pending import EvidenceHandler, believable
from shared.contracts.codec import UNREADABLE, require_storable
from shared.contracts.event import CampusRecord, ReportFiled, ScreeningSubmitted
from shared.stream.ports import Handled, Records, Rejected

_decode = msgspec.json.Decoder(ScreeningSubmitted | ReportFiled).decode
_decode_any = msgspec.json.Decoder(CampusRecord).decode
_SCREENING, _REPORT = (name.encode() for name in URGENT_TYPES)


def is_urgent(value: bytes) -> bool:
    """Return whether a record may be urgent; a false alarm costs one decode, a miss cannot be."""
    return _SCREENING in value or _REPORT in value


class UrgentHandler(EvidenceHandler):
    """Handles the urgent types of `campus.events.v1`."""

    async def handle(self, records: Records) -> Handled:
        self.settle()
        rejected: list[Rejected] = []
        for run in records.runs:
            found: list[UrgentSignal] = []
            for index, each in enumerate(run.raw):
                value = each.value
                if value is None or not is_urgent(value):
                    continue
                try:
                    signal = _read(value)
                except UNREADABLE as error:
                    rejected.append(Rejected(run.record(index), "malformed", str(error)[:200]))
                    continue
                if signal is None:
                    self._metrics.decisions.labels("below_rules").inc()
                else:
                    found.append(signal)
            self.pending.add(run.partition, found)
        return Handled(rejected=rejected)


def _read(value: bytes) -> UrgentSignal | None:
    """Return the signal; None where no rule holds or the bytes only mention an urgent type."""
    try:
        event = _decode(value)
        require_storable([event.subject])
        signal = signal_of(event)
    except msgspec.ValidationError:
        if isinstance(_decode_any(value), ScreeningSubmitted | ReportFiled):
            raise
        return None
    return None if signal is None else believable(signal)
