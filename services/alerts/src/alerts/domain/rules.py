"""Urgent rules: answers to a scale and reports by people, which bypass the model.

A rule is a row of a table with a pure condition. Cut-offs come from the scales' published scoring;
what is a proposal of this project is marked. Answers are brought to the scale's own base first
(`base` is the lowest answer that the sender uses). A list that is too short is judged on what is
there: its total is a lower bound, so a rule that holds for it holds for the whole.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from alerts.domain.alert import rank
from alerts.domain.evidence import UrgentSignal
from alerts.domain.reasons import Reason
from shared.contracts.alert import Level
from shared.contracts.event import PersonReport, ReportFiled, Screening, ScreeningSubmitted
from shared.kernel.campus_time import parse_utc
from shared.kernel.ids import stable_id
from shared.kernel.trace import valid

URGENT_TYPES = ("lantern.screening.submitted.v1", "lantern.report.filed.v1")
_LENGTH = {"phq9": 9, "gad7": 7, "scl90": 90, "upi": 64, "sds": 20}
_LOWEST = {"phq9": 0, "gad7": 0, "scl90": 1, "upi": 0, "sds": 1}
Condition = Callable[[Sequence[int]], bool]


@dataclass(frozen=True)
class Verdict:
    """What a rule asks for."""

    level: Level
    reason: Reason
    red_clock: bool = False


@dataclass(frozen=True)
class Rule:
    """One row: on this scale, when the condition holds for the answers, this follows."""

    scale: str
    holds: Condition
    verdict: Verdict


def item_at_least(number: int, least: int) -> Condition:
    """Hold where the item of this number (from 1) is answered with `least` or more."""
    return lambda items: len(items) >= number and items[number - 1] >= least


def total_at_least(least: int) -> Condition:
    """Hold where the sum of the answers reaches `least`."""
    return lambda items: sum(items) >= least


def phq9_item9(least: int) -> Condition:
    """PHQ-9 item 9, thoughts of death or self-harm, is above 0: immediate follow-up.

    Source: the instruction on published Chinese PHQ-9 forms. 1 stands at orange, 2 or 3 at orange
    with red's clock running until a person has spoken with the student (proposal).
    """
    return item_at_least(9, least)


def phq9_total() -> Condition:
    """PHQ-9 total of 15 or more, moderately severe on the published bands (level: proposal)."""
    return total_at_least(15)


def upi_item25() -> Condition:
    """UPI item 25, a thought of ending one's life, answered yes: class I.

    Source: the Chinese UPI scoring rules (class I by item 25 alone).
    """
    return item_at_least(25, 1)


def scl90_item15() -> Condition:
    """SCL-90 item 15, a thought of ending one's life, at 2 or more of 1-5 (rule: proposal)."""
    return item_at_least(15, 2)


def sds_item19() -> Condition:
    """SDS item 19, others better off without me, at 3 or more of 1-4 (rule: proposal)."""
    return item_at_least(19, 3)


def gad7_total() -> Condition:
    """GAD-7 total of 15 or more, the published band severe; a talk is offered (proposal)."""
    return total_at_least(15)


RULES = (
    Rule("phq9", phq9_item9(2), Verdict("orange", Reason.PHQ9_ITEM9_HIGH, red_clock=True)),
    Rule("phq9", phq9_item9(1), Verdict("orange", Reason.PHQ9_ITEM9)),
    Rule("phq9", phq9_total(), Verdict("orange", Reason.PHQ9_TOTAL)),
    Rule("upi", upi_item25(), Verdict("orange", Reason.UPI_ITEM25)),
    Rule("scl90", scl90_item15(), Verdict("orange", Reason.SCL90_ITEM15)),
    Rule("sds", sds_item19(), Verdict("orange", Reason.SDS_ITEM19)),
    Rule("gad7", gad7_total(), Verdict("yellow", Reason.GAD7_TOTAL)),
)
REPORTS = {
    "urgent": Verdict("orange", Reason.REPORT_URGENT, red_clock=True),
    "soon": Verdict("yellow", Reason.REPORT_SOON),
    "routine": Verdict("blue", Reason.REPORT_ROUTINE),
}


def judge_screening(screening: Screening) -> Verdict | None:
    """Return the strictest verdict on a screening (of equals the first in the table), or None."""
    shift = _LOWEST[screening.scale] - screening.base
    items = [answer + shift for answer in screening.items[: _LENGTH[screening.scale]]]
    found = [rule.verdict for rule in RULES if rule.scale == screening.scale and rule.holds(items)]
    return max(found, key=lambda v: (rank(v.level), v.red_clock), default=None)


def judge_report(report: PersonReport) -> Verdict:
    """Return the verdict on a report; it is never outvoted by the model."""
    return REPORTS[report.urgency]


def signal_of(event: ScreeningSubmitted | ReportFiled) -> UrgentSignal | None:
    """Return the signal that an event carries; None where no rule holds."""
    verdict = (
        judge_screening(event.data)
        if isinstance(event, ScreeningSubmitted)
        else judge_report(event.data)
    )
    if verdict is None:
        return None
    return UrgentSignal(
        id=stable_id("signal", event.source, event.id),
        student=event.subject,
        as_of=parse_utc(event.time),
        level=verdict.level,
        reason=verdict.reason,
        red_clock=verdict.red_clock,
        traceparent=valid(event.traceparent),
    )
