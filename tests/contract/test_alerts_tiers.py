"""The fields that each tier may see: any other field fails here, on purpose."""

from alerts.models import (
    CollegeAlertDetail,
    CollegeAlertOut,
    CollegeHistoryOut,
    SchoolAlertOut,
    TeamAlertDetail,
    TeamAlertOut,
    TeamHistoryOut,
)

TEAM = {"view", "id", "student", "request", "since", "status", "may"}
COLLEGE = {
    "view", "id", "student", "college", "team", "level", "level_name", "status", "reason_kinds",
    "coverage", "is_coverage_too_low", "assessment", "opened_at", "updated_at", "acknowledged_by",
    "person_needed_by", "is_silent", "verdict", "is_verdict_hidden",
    "may",
}  # fmt: skip


def test_the_teams_fields() -> None:
    """A team sees a request and its state; no level, score, reason, scale or assessment."""
    assert set(TeamAlertOut.model_fields) == TEAM
    assert set(TeamAlertDetail.model_fields) == TEAM | {"history"}
    assert set(TeamHistoryOut.model_fields) == {"kind", "at"}


def test_the_colleges_fields() -> None:
    """A college sees level and kinds of reasons; never a rule, a scale or a probability."""
    assert set(CollegeAlertOut.model_fields) == COLLEGE
    assert set(CollegeAlertDetail.model_fields) == COLLEGE | {"history"}
    assert set(CollegeHistoryOut.model_fields) == {
        "sequence", "kind", "level", "reason_kind", "at", "tier", "verdict",
    }  # fmt: skip


def test_the_schools_fields() -> None:
    """The school sees the rules that fired and who was told; no probability either."""
    assert set(SchoolAlertOut.model_fields) == COLLEGE | {"school", "reason", "reasons", "told"}
