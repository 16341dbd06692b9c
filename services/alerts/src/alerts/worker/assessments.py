"""Assessments to evidence. A backlog here never delays an urgent signal: it is another group."""

from alerts.domain.evidence import AssessmentEvidence, evidence_of
from alerts.worker.pending import EvidenceHandler, believable
from shared.contracts.assessment import Assessment
from shared.contracts.codec import UNREADABLE, decoder, require_storable
from shared.stream.ports import Handled, Records, Rejected

_decode = decoder(Assessment).decode
_LONGEST_ID = 80  # of the column


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
                    found.append(_read(value, silence))
                except UNREADABLE as error:
                    rejected.append(Rejected(run.record(index), "malformed", str(error)[:200]))
            self.pending.add(run.partition, found)
        return Handled(rejected=rejected)


def _read(value: bytes, silence: frozenset[str]) -> AssessmentEvidence:
    assessment = _decode(value)
    require_storable([assessment.student], [assessment.position])
    require_storable([assessment.id], longest=_LONGEST_ID)
    return believable(evidence_of(assessment, silence))
