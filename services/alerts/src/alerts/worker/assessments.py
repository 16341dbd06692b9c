"""Assessments to evidence. A backlog here never delays an urgent signal: it is another group."""

import msgspec

from alerts.domain.evidence import evidence_of
from alerts.worker.pending import EvidenceHandler
from shared.contracts.assessment import Assessment
from shared.contracts.codec import decoder
from shared.stream.ports import Handled, Records, Rejected

_decode = decoder(Assessment).decode


class AssessmentHandler(EvidenceHandler):
    """Handles `risk.assessments.v1`."""

    async def handle(self, records: Records) -> Handled:
        self.settle()
        rejected: list[Rejected] = []
        silence = self.policy.silence.indicators
        for run in records.runs:
            found = []
            for index, value in enumerate(run.values):
                if value is None:  # a tombstone of the compacted topic
                    continue
                try:
                    found.append(evidence_of(_decode(value), silence))
                except (msgspec.DecodeError, ValueError) as error:
                    rejected.append(Rejected(run.record(index), "malformed", str(error)[:200]))
            self.pending.add(run.partition, found)
        return Handled(rejected=rejected)
