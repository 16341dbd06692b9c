"""Reading alerts: every query carries the viewer's scope in its WHERE."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    true,
)

from alerts.domain.digest import Line, Standing, digest_of
from alerts.domain.views import AlertRecord, Filter, HistoryRecord
from alerts.repository.judgements import is_judged, is_judgement
from alerts.tables import alerts, history, outbox
from shared.auth.permission import Rows
from shared.db.database import Database

_ALERT = tuple(alerts.c[name] for name in AlertRecord.__dataclass_fields__)
_TEAM_ASKED = exists(
    select(outbox.c.number).where(
        outbox.c.alert == history.c.alert,
        outbox.c.sequence == history.c.sequence,
        outbox.c.lane == "route",
        outbox.c.tier == "team",
    )
).label("is_team_asked")
_HISTORY = (
    *(history.c[n] for n in HistoryRecord.__dataclass_fields__ if n != "is_team_asked"),
    _TEAM_ASKED,
)


def scope(rows: Rows) -> ColumnElement[bool]:
    """Return the rows that a viewer may see at all; a silent trial's only the school may."""
    if rows.everything:
        return true()
    return or_(false(), *_wide(rows), _team(rows))


def _wide(rows: Rows) -> list[ColumnElement[bool]]:
    """Schools and colleges see the level."""
    parts: list[ColumnElement[bool]] = []
    if rows.schools:
        parts.append(alerts.c.school.in_(sorted(rows.schools)))
        parts.append(alerts.c.school.is_(None))  # not placed yet: never hidden from the school
    if rows.colleges:
        ours = alerts.c.college.in_(sorted(rows.colleges))
        parts.append(and_(ours, not_(alerts.c.is_silent)))
    return parts


def _team(rows: Rows) -> ColumnElement[bool]:
    if not rows.teams:
        return false()
    ours = alerts.c.team.in_(sorted(rows.teams))
    return and_(ours, alerts.c.is_team_told, not_(alerts.c.is_silent))


def _query(wanted: Filter, rows: Rows) -> Select[Any]:
    query = select(*_ALERT).where(scope(rows))
    if wanted.status == "active":
        query = query.where(alerts.c.status != "resolved")
    elif wanted.status == "to_review":
        query = query.where(
            alerts.c.status == "resolved",
            alerts.c.verdict.is_not(None),
            alerts.c.college.in_(sorted(wanted.reviewed_in)),
            not_(is_judged(by=wanted.reviewer)),
        )
    elif wanted.status != "all":
        query = query.where(alerts.c.status == wanted.status)
    if wanted.level is not None:  # a level must not be found out by filtering on it
        sees_level = true() if rows.everything else or_(false(), *_wide(rows))
        query = query.where(alerts.c.level == wanted.level, sees_level)
    if wanted.college is not None:
        query = query.where(alerts.c.college == wanted.college)
    if wanted.student is not None:
        query = query.where(alerts.c.student == wanted.student)
    if wanted.after is not None:
        opened, alert = wanted.after
        query = query.where(
            or_(
                alerts.c.opened_at < opened,
                and_(alerts.c.opened_at == opened, alerts.c.id < alert),
            )
        )
    return query.order_by(alerts.c.opened_at.desc(), alerts.c.id.desc()).limit(wanted.limit)


class SqlAlerts:
    """Queries for the API, the live stream and the digest."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, wanted: Filter, rows: Rows) -> Sequence[AlertRecord]:
        async with self._database.read() as connection:
            found = await connection.execute(_query(wanted, rows))
            return [_record(row) for row in found]

    async def get(self, alert: str, rows: Rows) -> AlertRecord | None:
        """Return an alert; None also where the viewer may not know of it."""
        query = select(*_ALERT).where(alerts.c.id == alert, scope(rows))
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        return _record(row) if row else None

    async def history(self, alert: str, limit: int = 500) -> Sequence[HistoryRecord]:
        query = (
            select(*_HISTORY)
            .where(history.c.alert == alert)
            .order_by(history.c.sequence, history.c.number)
            .limit(limit)
        )
        async with self._database.read() as connection:
            return [HistoryRecord(**row._asdict()) for row in await connection.execute(query)]

    async def judged_by(self, person: str, wanted: Collection[str]) -> frozenset[str]:
        """Return those of some alerts that a person has judged, or declined to."""
        query = select(history.c.alert).where(
            history.c.alert.in_(sorted(wanted)), is_judgement(), history.c.actor == person
        )
        async with self._database.read() as connection:
            return frozenset((await connection.execute(query)).scalars())

    async def last_number(self) -> int:
        """Return the number of the newest line of all histories."""
        async with self._database.read() as connection:
            found = await connection.execute(select(func.max(history.c.number)))
            return found.scalar_one_or_none() or 0

    async def since(
        self, number: int, rows: Rows, limit: int = 500
    ) -> Sequence[tuple[HistoryRecord, AlertRecord]]:
        """Return what happened after a number, with each alert as it stands now."""
        columns = [c.label(f"alert_{c.name}") for c in _ALERT]
        query = (
            select(*_HISTORY, *columns)
            .join(alerts, alerts.c.id == history.c.alert)
            .where(history.c.number > number, scope(rows))
            .order_by(history.c.number)
            .limit(limit)
        )
        async with self._database.read() as connection:
            found = (await connection.execute(query)).all()
        return [(_line(row), _record(row, "alert_")) for row in found]

    async def digest(self) -> tuple[str, int]:
        """Return the hash of all alerts and the number of students that it covers."""
        c = history.c
        lines = select(
            c.student, c.track, c.effect, c.track_level, c.reason, c.at, c.evidence
        ).order_by(c.number)
        standing = select(alerts.c.student, alerts.c.level, alerts.c.status).where(
            alerts.c.status != "resolved"
        )
        async with self._database.read() as connection:
            return digest_of(
                [Standing(*row) for row in await connection.execute(standing)],
                [Line(*row) for row in await connection.execute(lines)],
            )


def _record(row: Row[Any], prefix: str = "") -> AlertRecord:
    values = {n: getattr(row, f"{prefix}{n}") for n in AlertRecord.__dataclass_fields__}
    for name in ("reasons", "acknowledged_by"):
        values[name] = tuple(each for each in values[name].split(",") if each)
    return AlertRecord(**values)


def _line(row: Row[Any]) -> HistoryRecord:
    return HistoryRecord(**{n: getattr(row, n) for n in HistoryRecord.__dataclass_fields__})
