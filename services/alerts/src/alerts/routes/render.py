"""From a record to the model of the viewer's tier, which has no place for what it may not see."""

from collections.abc import Sequence
from typing import Any, cast

from alerts.domain.messages import REQUESTS
from alerts.domain.policy import Policy
from alerts.domain.reasons import category
from alerts.domain.views import AlertRecord, HistoryRecord, blinded, shown_to_team
from alerts.models import (
    AlertDetail,
    AlertOut,
    Bilingual,
    CollegeAlertDetail,
    CollegeAlertOut,
    CollegeHistoryOut,
    ReasonCategory,
    SchoolAlertDetail,
    SchoolAlertOut,
    SchoolHistoryOut,
    TeamAlertDetail,
    TeamAlertOut,
    TeamHistoryOut,
)
from alerts.routes.viewer import Look
from shared.contracts.alert import Tier
from shared.kernel.trace import trace_id


def alert_out(record: AlertRecord, look: Look, policy: Policy) -> AlertOut:
    """Render an alert as a caller may see it."""
    if look.tier == "team":
        return TeamAlertOut(**_team(record, look))
    if look.tier == "college":
        return CollegeAlertOut(**_college(record, look, policy))
    return SchoolAlertOut(**_school(record, look, policy))


def alert_detail(
    record: AlertRecord, lines: Sequence[HistoryRecord], look: Look, policy: Policy
) -> AlertDetail:
    """Render an alert with its history as a caller may see it."""
    if look.tier == "team":
        return TeamAlertDetail(**_team(record, look), history=_team_history(lines))
    if look.is_blind:
        lines = [blinded(line) for line in lines]
    if look.tier == "college":
        history = [CollegeHistoryOut(**_college_line(line)) for line in lines]
        return CollegeAlertDetail(**_college(record, look, policy), history=history)
    full = [SchoolHistoryOut(**_school_line(line)) for line in lines]
    return SchoolAlertDetail(**_school(record, look, policy), history=full)


def _team(record: AlertRecord, look: Look) -> dict[str, Any]:
    return {
        "id": record.id,
        "student": record.student,
        "request": Bilingual(**REQUESTS["team"]),
        "since": record.opened_at,
        "status": record.status,
        "may": list(look.may),
    }


def _college(record: AlertRecord, look: Look, policy: Policy) -> dict[str, Any]:
    names = policy.levels[cast("Any", record.level)].names
    kinds = dict.fromkeys(category(reason) for reason in record.reasons)
    return {
        "id": record.id,
        "student": record.student,
        "college": record.college,
        "team": record.team,
        "level": record.level,
        "level_name": Bilingual(**names),
        "status": record.status,
        "reason_kinds": cast("list[ReasonCategory]", list(kinds)),
        "coverage": record.coverage,
        "is_coverage_too_low": record.has_abstained,
        "assessment": record.assessment,
        "opened_at": record.opened_at,
        "updated_at": record.updated_at,
        "acknowledged_by": list(record.acknowledged_by),
        "person_needed_by": record.red_clock_until,
        "is_silent": record.is_silent,
        "verdict": None if look.is_blind else record.verdict,
        "is_verdict_hidden": look.is_blind and record.verdict is not None,
        "may": list(look.may),
    }


def _school(record: AlertRecord, look: Look, policy: Policy) -> dict[str, Any]:
    told = (
        ("school", record.is_school_told),
        ("college", record.is_college_told),
        ("team", record.is_team_told),
    )
    return {
        **_college(record, look, policy),
        "school": record.school,
        "reason": record.reason,
        "reasons": list(record.reasons),
        "told": [tier for tier, is_told in told if is_told],
    }


def _team_history(lines: Sequence[HistoryRecord]) -> list[TeamHistoryOut]:
    shown = [line for line in lines if shown_to_team(line)]
    return [TeamHistoryOut(kind=cast("Any", _team_kind(line)), at=line.at) for line in shown]


def _team_kind(line: HistoryRecord) -> str:
    return line.kind if line.kind in ("acknowledged", "resolved") else "asked"


def _college_line(line: HistoryRecord) -> dict[str, Any]:
    return {
        "sequence": line.sequence,
        "kind": line.kind,
        "level": line.level,
        "reason_kind": category(line.reason),
        "at": line.at,
        "tier": line.tier,
        "verdict": line.verdict,
    }


def _school_line(line: HistoryRecord) -> dict[str, Any]:
    return {
        **_college_line(line),
        "reason": line.reason,
        "track": line.track,
        "actor": line.actor,
        "assessment": line.assessment,
        "trace_id": trace_id(line.traceparent) if line.traceparent else None,
    }


def change_kind(line: HistoryRecord, tier: Tier) -> str | None:
    """Return the kind of a live event for a tier; None: the tier is not told of it."""
    if tier == "team":
        return _team_kind(line) if shown_to_team(line) else None
    return line.kind
