"""The decisions' tables: load under lock, write all effects of a batch."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from sqlalchemy import BindParameter, Row, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.domain.alert import Entry, Notice, OpenAlert, StudentState, rank
from alerts.domain.policy import Policy
from alerts.domain.ports import Changes
from alerts.domain.review import Reviewable
from alerts.repository.codec import decode_state, encode_state, iso
from alerts.repository.judgements import is_judgement
from alerts.tables import alerts, history, memberships, outbox, students
from shared.contracts.alert import AlertEvent
from shared.contracts.codec import encode
from shared.db.database import Database
from shared.db.statements import insert_into, is_postgres, lock, pieces, upsert
from shared.kernel.campus_time import format_utc
from shared.kernel.clock import Clock
from shared.kernel.ids import stable_id

HISTORY = "alerts.history"
MEMBERSHIPS = "alerts.memberships"
"""Held whole by who writes memberships, shared by who places alerts by them."""
_WANTED: BindParameter[str] = bindparam("wanted", expanding=True)
_STATES = (
    select(students.c.student, students.c.state)
    .where(students.c.student.in_(_WANTED))
    .order_by(students.c.student)
    .with_for_update()
)
_PLACES = select(
    memberships.c.student, memberships.c.school, memberships.c.college, memberships.c.team
).where(memberships.c.student.in_(_WANTED))
_KEPT = ("student", "opened_at", "recorded_at")  # of an alert, from its first row on


class SqlDecisionStore:
    """`DecisionStore` on one open connection; the caller commits."""

    def __init__(self, connection: AsyncConnection, policy: Policy, clock: Clock) -> None:
        self._connection = connection
        self._policy = policy
        self._clock = clock

    async def load(self, students_: Sequence[str]) -> Mapping[str, StudentState]:
        """Lock rows in the order of their key, so that two writers wait instead of deadlocking."""
        found: dict[str, StudentState] = {}
        ordered = sorted(set(students_))
        for chunk in pieces(ordered):
            if is_postgres(self._connection):
                await self._claim_rows(chunk)
            rows = await self._connection.execute(_STATES, {"wanted": chunk})
            found |= {student: decode_state(state) for student, state in rows if state}
        return {student: found.get(student) or StudentState(student) for student in ordered}

    async def _claim_rows(self, chunk: Sequence[str]) -> None:
        """Make rows of new students exist, so that there is something to lock."""
        rows = [{"student": each, "position": -1, "state": ""} for each in chunk]
        await self._connection.execute(
            insert_into(self._connection, students).on_conflict_do_nothing(), rows
        )

    async def write(self, changes: Changes) -> None:
        now = self._clock.now().timestamp()
        await self._write_states(changes.states)
        if changes.alerts:
            await self._write_alerts(changes, now)
        if changes.entries:
            await add_to_history(
                self._connection, [_history_row(entry, now) for entry in changes.entries]
            )
        rows = [*_publications(changes.entries, now), *self._routes(changes.notices, now)]
        if rows:
            await self._connection.execute(
                insert_into(self._connection, outbox).on_conflict_do_nothing(), rows
            )

    async def colleges(self, students_: Sequence[str]) -> Mapping[str, str]:
        return {s: row.college for s, row in (await self._memberships(set(students_))).items()}

    async def student_of(self, alert: str) -> str | None:
        query = select(alerts.c.student).where(alerts.c.id == alert)
        return (await self._connection.execute(query)).scalar_one_or_none()

    async def reviewable(self, alert: str) -> Reviewable:
        found = select(alerts.c.student, alerts.c.status, alerts.c.level, alerts.c.verdict)
        row = (await self._connection.execute(found.where(alerts.c.id == alert))).one()
        last = select(func.max(history.c.sequence)).where(history.c.alert == alert)
        verdicts = select(history.c.kind, history.c.actor).where(
            history.c.alert == alert, is_judgement(), history.c.actor.is_not(None)
        )
        people = (await self._connection.execute(verdicts)).all()
        return Reviewable(
            id=alert,
            student=row.student,
            status=row.status,
            level=row.level,
            verdict=row.verdict,
            sequence=(await self._connection.execute(last)).scalar_one() or 0,
            resolver=next((p.actor for p in people if p.kind == "resolved"), None),
            judges=frozenset(p.actor for p in people),
        )

    async def revive(self, number: int, address: str | None) -> bool:
        """Begin anew with the attempts of a dead row; its key stays."""
        now = self._clock.now().timestamp()
        revived = await self._connection.execute(
            update(outbox)
            .where(outbox.c.number == number, outbox.c.state == "dead")
            .values(
                state="pending",
                address=address,
                attempts=0,
                next_attempt_at=now,
                finished_at=None,
                owner=None,
            )
        )
        return bool(revived.rowcount)

    async def _write_states(self, states: Sequence[StudentState]) -> None:
        rows = [
            {"student": s.student, "position": s.model.position, "state": encode_state(s)}
            for s in states
        ]
        await upsert(self._connection, students, rows)

    async def _write_alerts(self, changes: Changes, now: float) -> None:
        await lock(self._connection, MEMBERSHIPS, is_shared=True)
        places = await self._memberships({student for student, _ in changes.alerts})
        states = {state.student: state for state in changes.states}
        ended_first = sorted(changes.alerts, key=lambda pair: pair[1].status != "resolved")
        rows = [
            _alert_row(alert, states[student], places.get(student), now)
            for student, alert in ended_first
        ]
        await upsert(self._connection, alerts, rows, *_KEPT)

    async def _memberships(self, wanted: set[str]) -> dict[str, Row[tuple[str, str, str, str]]]:
        found: dict[str, Row[tuple[str, str, str, str]]] = {}
        for chunk in pieces(sorted(wanted)):
            rows = await self._connection.execute(_PLACES, {"wanted": chunk})
            found |= {row.student: row for row in rows}
        return found

    def _routes(self, notices: Sequence[Notice], now: float) -> list[dict[str, object]]:
        """One route a tier where the level is told at once; who it is, is found when sending."""
        return [
            outbox_row(
                key=stable_id("route", n.alert, n.sequence, n.tier),
                lane="route", alert=n.alert, student=n.student, sequence=n.sequence,
                tier=n.tier, level=n.level, now=now, traceparent=n.traceparent,
            )
            for n in notices
            if self._policy.levels[n.level].delivery == "at_once"
        ]  # fmt: skip


class SqlStores:
    """Opens a transaction and gives the store on it."""

    def __init__(self, database: Database, policy: Policy, clock: Clock) -> None:
        self._database = database
        self._policy = policy
        self._clock = clock

    def on(self, connection: AsyncConnection) -> SqlDecisionStore:
        return SqlDecisionStore(connection, self._policy, self._clock)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[SqlDecisionStore]:
        async with self._database.write() as connection:
            yield self.on(connection)


async def add_to_history(connection: AsyncConnection, rows: Sequence[Mapping[str, object]]) -> None:
    """Add lines, numbered in the order in which their transactions end.

    A number is given at once and seen at the commit. So who adds lines waits until the one before
    has ended: whoever has read up to a number will never find a lower one later. Called after all
    that the transaction locks besides, and late in it.
    """
    await lock(connection, HISTORY)
    await connection.execute(history.insert(), rows)


def outbox_row(  # noqa: PLR0913 - one argument a column, all named
    *,
    key: str,
    lane: str,
    alert: str,
    student: str,
    sequence: int,
    level: str,
    now: float,
    tier: str | None = None,
    channel: str | None = None,
    person: str | None = None,
    address: str | None = None,
    body: str = "",
    traceparent: str | None = None,
) -> dict[str, object]:
    """Return one row that is due now; higher levels go first."""
    return {
        "key": key, "lane": lane, "state": "pending", "priority": -rank(level), "alert": alert,
        "student": student, "sequence": sequence, "tier": tier, "level": level,
        "channel": channel, "person": person, "address": address, "body": body, "attempts": 0,
        "next_attempt_at": now, "lease_until": None, "owner": None, "code": None,
        "receipt": None, "created_at": now, "finished_at": None, "traceparent": traceparent,
    }  # fmt: skip


def event_of(entry: Entry) -> AlertEvent:
    """Return what `alerts.events.v1` says of an entry."""
    return AlertEvent(
        id=stable_id("alertevent", entry.alert, entry.sequence, entry.evidence),
        alert=entry.alert,
        student=entry.student,
        kind=entry.kind,
        level=entry.level,
        reason=entry.reason,
        at=format_utc(entry.at),
        sequence=entry.sequence,
        tier=entry.tier,
        actor=entry.actor,
        verdict=entry.verdict,
        assessment=entry.assessment,
    )


def _publications(entries: Sequence[Entry], now: float) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for entry in entries:
        event = event_of(entry)
        common = {
            "alert": entry.alert, "student": entry.student, "sequence": entry.sequence,
            "traceparent": entry.traceparent,
        }  # fmt: skip
        rows += [
            outbox_row(
                key=event.id, lane="publication", level="none", body=encode(event).decode(),
                now=now, **common,  # type: ignore[arg-type]
            ),
            outbox_row(
                key=stable_id("console", event.id), lane="console", level=entry.level,
                channel="console", now=now, **common,  # type: ignore[arg-type]
            ),
        ]  # fmt: skip
    return rows


def _history_row(entry: Entry, now: float) -> dict[str, object]:
    return {
        "event": event_of(entry).id, "alert": entry.alert, "student": entry.student,
        "sequence": entry.sequence, "kind": entry.kind, "level": entry.level,
        "reason": entry.reason, "at": iso(entry.at), "track": entry.track,
        "effect": entry.effect, "track_level": entry.track_level, "evidence": entry.evidence,
        "assessment": entry.assessment, "tier": entry.tier, "actor": entry.actor,
        "verdict": entry.verdict, "recorded_at": now, "traceparent": entry.traceparent,
    }  # fmt: skip


def _alert_row(
    alert: OpenAlert,
    state: StudentState,
    place: Row[tuple[str, str, str, str]] | None,
    now: float,
) -> dict[str, object]:
    clock = state.rule.red_clock_until
    return {
        "id": alert.id, "student": state.student,
        "school": place.school if place else None,
        "college": place.college if place else None,
        "team": place.team if place else None,
        "level": alert.level, "level_rank": rank(alert.level), "status": alert.status,
        "reason": alert.reason, "reasons": ",".join(alert.reasons),
        "opened_at": iso(alert.opened_at), "updated_at": iso(alert.updated_at),
        "sequence": alert.sequence, "is_team_told": "team" in alert.told,
        "is_college_told": "college" in alert.told, "is_school_told": "school" in alert.told,
        "acknowledged_by": ",".join(alert.acknowledged_by), "verdict": alert.verdict,
        "red_clock_until": iso(clock) if clock else None, "coverage": state.model.coverage,
        "has_abstained": state.model.has_abstained, "assessment": state.model.assessment,
        "is_silent": alert.is_silent, "recorded_at": now,
    }  # fmt: skip
