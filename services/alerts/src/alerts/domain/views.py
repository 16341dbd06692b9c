"""What a viewer may be shown of an alert, decided row by row and never by the page."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from alerts.domain.alert import Status
from shared.auth.permission import Rows
from shared.contracts.alert import Tier


@dataclass(frozen=True)
class Filter:
    """Which alerts are asked for; `after` is the last row of the page before.

    `to_review`: those that wait for a second verdict by `reviewer`, in the colleges `reviewed_in`.
    """

    status: Literal["active", "open", "acknowledged", "resolved", "all", "to_review"] = "active"
    level: str | None = None
    college: str | None = None
    student: str | None = None
    limit: int = 50
    after: tuple[str, str] | None = None
    reviewer: str = ""
    reviewed_in: frozenset[str] = frozenset()


@dataclass(frozen=True)
class AlertRecord:
    """An alert as stored; times are ISO text in UTC."""

    id: str
    student: str
    school: str | None
    college: str | None
    team: str | None
    level: str
    status: Status
    reason: str
    reasons: tuple[str, ...]
    opened_at: str
    updated_at: str
    is_team_told: bool
    is_college_told: bool
    is_school_told: bool
    acknowledged_by: tuple[str, ...]
    verdict: str | None
    red_clock_until: str | None
    coverage: float | None
    has_abstained: bool
    assessment: str | None
    is_silent: bool = False


@dataclass(frozen=True)
class HistoryRecord:
    """One line of an alert's history as stored."""

    number: int
    alert: str
    sequence: int
    kind: str
    level: str
    reason: str
    at: str
    track: str
    tier: str | None
    actor: str | None
    verdict: str | None
    assessment: str | None
    traceparent: str | None = None
    is_team_asked: bool = False


def tier_for(rows: Rows, alert: AlertRecord) -> Tier | None:
    """Return the widest tier in which a viewer may see this alert; None: not at all."""
    if rows.everything or (alert.school is not None and alert.school in rows.schools):
        return "school"
    if alert.college is not None and alert.college in rows.colleges:
        return "college"
    if alert.is_team_told and alert.team is not None and alert.team in rows.teams:
        return "team"
    return None


def blinded(line: HistoryRecord) -> HistoryRecord:
    """Return a line as a reviewer sees it who has not judged yet: neither verdict nor its note."""
    if line.kind not in ("resolved", "reviewed"):
        return line
    return replace(line, verdict=None, reason=line.kind)


def shown_to_team(line: HistoryRecord) -> bool:
    """Return whether a team learns of it: being asked and the end, never that a level moved."""
    return line.is_team_asked or line.kind in ("acknowledged", "resolved")


STATE_WORDS: Mapping[Status, Mapping[str, str]] = {
    "open": {"zh": "待确认", "en": "open"},
    "acknowledged": {"zh": "已确认", "en": "acknowledged"},
    "resolved": {"zh": "已结束", "en": "resolved"},
}
