"""The table of urgent rules, row by row and at each edge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.domain.reasons import Reason
from alerts.domain.rules import RULES, judge_report, judge_screening, signal_of
from shared.contracts.event import PersonReport, ReportFiled, Screening, ScreeningSubmitted

LENGTH = {"phq9": 9, "gad7": 7, "scl90": 90, "upi": 64, "sds": 20}


def answers(scale: str, fill: int, **items: int) -> list[int]:
    """All items at `fill`, some (`i9=2`) otherwise."""
    found = [fill] * LENGTH[scale]
    for name, value in items.items():
        found[int(name[1:]) - 1] = value
    return found


CASES = [
    ("phq9", 0, answers("phq9", 0), None),
    ("phq9", 0, answers("phq9", 0, i9=1), ("orange", Reason.PHQ9_ITEM9, False)),
    ("phq9", 0, answers("phq9", 0, i9=2), ("orange", Reason.PHQ9_ITEM9_HIGH, True)),
    ("phq9", 0, answers("phq9", 0, i9=3), ("orange", Reason.PHQ9_ITEM9_HIGH, True)),
    ("phq9", 0, answers("phq9", 2, i8=0, i9=0), None),
    ("phq9", 0, answers("phq9", 2, i8=1, i9=0), ("orange", Reason.PHQ9_TOTAL, False)),
    ("phq9", 1, answers("phq9", 1), None),
    ("phq9", 1, answers("phq9", 1, i9=3), ("orange", Reason.PHQ9_ITEM9_HIGH, True)),
    ("phq9", 0, [3, 3, 3, 3, 3], ("orange", Reason.PHQ9_TOTAL, False)),
    ("upi", 0, answers("upi", 0), None),
    ("upi", 0, answers("upi", 0, i25=1), ("orange", Reason.UPI_ITEM25, False)),
    ("upi", 1, answers("upi", 1, i25=2), ("orange", Reason.UPI_ITEM25, False)),
    ("scl90", 1, answers("scl90", 1), None),
    ("scl90", 1, answers("scl90", 1, i15=2), ("orange", Reason.SCL90_ITEM15, False)),
    ("scl90", 0, answers("scl90", 0, i15=1), ("orange", Reason.SCL90_ITEM15, False)),
    ("sds", 1, answers("sds", 1, i19=2), None),
    ("sds", 1, answers("sds", 1, i19=3), ("orange", Reason.SDS_ITEM19, False)),
    ("sds", 0, answers("sds", 0, i19=2), ("orange", Reason.SDS_ITEM19, False)),
    ("gad7", 0, answers("gad7", 2), None),
    ("gad7", 0, answers("gad7", 2, i1=3), ("yellow", Reason.GAD7_TOTAL, False)),
]


@pytest.mark.parametrize(("scale", "base", "items", "expected"), CASES)
def test_screenings(
    scale: str, base: int, items: list[int], expected: tuple[str, Reason, bool] | None
) -> None:
    """Each rule holds from its cut-off on, in the base in which the answers were sent."""
    verdict = judge_screening(Screening(scale=scale, base=base, items=items))  # type: ignore[arg-type]
    found = verdict and (verdict.level, verdict.reason, verdict.red_clock)
    assert found == expected


@pytest.mark.parametrize(
    ("urgency", "level", "red_clock"),
    [("urgent", "orange", True), ("soon", "yellow", False), ("routine", "blue", False)],
)
def test_reports(urgency: str, level: str, red_clock: bool) -> None:
    """A report opens at the level of its urgency, and urgent ones start red's clock."""
    report = PersonReport(urgency=urgency, reporter="peer", concern="safety")  # type: ignore[arg-type]
    verdict = judge_report(report)
    assert (verdict.level, verdict.red_clock) == (level, red_clock)


@given(
    st.sampled_from(sorted(LENGTH)),
    st.lists(st.integers(0, 5), min_size=1, max_size=100),
    st.integers(0, 1),
)
def test_any_answers_are_judged(scale: str, items: list[int], base: int) -> None:
    """Short, long and out-of-range lists raise nothing and never give red."""
    verdict = judge_screening(Screening(scale=scale, base=base, items=items))  # type: ignore[arg-type]
    assert verdict is None or verdict.level in ("yellow", "orange")


def test_the_same_event_gives_the_same_signal() -> None:
    """A signal's id depends on source and id of the event alone; doubtful answers count."""
    event = ScreeningSubmitted(
        id="e1", source="centre", subject="s1", time="2026-09-07T02:00:00Z",
        data=Screening(scale="phq9", items=answers("phq9", 0, i9=1), doubtful=True),
    )  # fmt: skip
    first, second = signal_of(event), signal_of(event)
    assert first is not None
    assert first == second
    report = ReportFiled(
        id="e1", source="hall", subject="s1", time="2026-09-07T02:00:00Z",
        data=PersonReport(urgency="soon", reporter="self", concern="mood"),
    )  # fmt: skip
    other = signal_of(report)
    assert other is not None
    assert other.id != first.id


def test_every_rule_states_its_source() -> None:
    """Each rule of the table belongs to a scale that is known, and no rule asks for red."""
    assert {rule.scale for rule in RULES} == set(LENGTH)
    assert all(rule.verdict.level != "red" for rule in RULES)
