"""Assessments to evidence. A backlog here never delays an urgent signal: it is another group."""

from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.domain.evidence import AssessmentEvidence, ModelWord, evidence_of
from alerts.domain.policy import Policy
from alerts.metrics import AlertMetrics
from alerts.worker.pending import EvidenceHandler, StoreOn, believable
from shared.contracts.assessment import Assessment
from shared.contracts.codec import UNREADABLE, decoder, require_storable
from shared.stream.ports import Handled, Partition, Records, Rejected

_decode = decoder(Assessment).decode
SaveWord = Callable[[AsyncConnection, ModelWord], Awaitable[None]]
_LONGEST_ID = 80  # of the column


class AssessmentHandler(EvidenceHandler):
    """Handles `risk.assessments.v1`; `save_word` keeps whether the model is suspended."""

    def __init__(
        self,
        stores: StoreOn,
        policy: Policy,
        metrics: AlertMetrics,
        wake: Callable[[], None],
        *,
        save_word: SaveWord | None = None,
    ) -> None:
        super().__init__(stores, policy, metrics, wake)
        self._save_word = save_word
        self._word: ModelWord | None = None
        self._heard: ModelWord | None = None

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
                    evidence = _read(value, silence)
                    self._hear(evidence)
                    found.append(evidence)
                except UNREADABLE as error:
                    rejected.append(Rejected(run.record(index), "malformed", str(error)[:200]))
            self.pending.add(run.partition, found)
        return Handled(rejected=rejected)

    def _hear(self, evidence: AssessmentEvidence) -> None:
        heard = ModelWord(evidence.revision, evidence.is_rules_only)
        if self._heard is None or _weight(heard) > _weight(self._heard):
            self._heard = heard

    async def save(self, connection: AsyncConnection, partitions: Sequence[Partition]) -> None:
        await super().save(connection, partitions)
        if self._save_word is not None and self._heard is not None and self._heard != self._word:
            await self._save_word(connection, self._heard)
            self._word = self._heard

    async def revoked(self, partitions: Sequence[Partition]) -> None:
        await super().revoked(partitions)
        self._word = None  # what the last save wrote may not have held


def _weight(word: ModelWord) -> tuple[int, bool]:
    return word.revision, word.is_suspended


def _read(value: bytes, silence: frozenset[str]) -> AssessmentEvidence:
    assessment = _decode(value)
    require_storable([assessment.student], [assessment.position])
    require_storable([assessment.id], longest=_LONGEST_ID)
    return believable(evidence_of(assessment, silence))
