"""What is known of students without names, and when absence is explained: leave and calendar."""

from collections.abc import Sequence
from datetime import date, datetime

from directory.domain.audit import AuditEntry
from directory.domain.facts import CalendarEntry, CalendarKind, Leave, LeaveKind
from directory.domain.org import Place
from directory.domain.ports import Stores
from directory.service.facts import FactsPublisher
from shared.auth.actor import Actor
from shared.auth.permission import Action, allowed, require, visible
from shared.contracts.student import StudentFacts
from shared.kernel.campus_time import format_utc
from shared.kernel.errors import NotFoundError, RuleBrokenError
from shared.kernel.ids import stable_id

MAX_LEAVE_DAYS = 3 * 366


def place_of_facts(facts: StudentFacts) -> Place:
    return Place(facts.school, facts.college, facts.team)


async def known_student(
    stores: Stores, actor: Actor, action: Action, pseudonym: str
) -> StudentFacts:
    """Return a student whom the actor may do this to.

    Raises:
        ForbiddenError: no role of the actor does this anywhere.
        NotFoundError: no such student, or none of the actor's: the two look alike.
    """
    visible(actor, action)
    student = await stores.students.get(pseudonym)
    facts = student.published if student else None
    if facts is None or not allowed(actor, action, place_of_facts(facts).scope(pseudonym)):
        raise NotFoundError("student_not_found", "no such student here", field="pseudonym")
    return facts


class StudentDesk:
    """Facts, leave and calendar; each change is published and audited in its transaction."""

    def __init__(self, publisher: FactsPublisher) -> None:
        self._publisher = publisher

    async def facts(self, stores: Stores, actor: Actor, pseudonym: str) -> StudentFacts:
        return await known_student(stores, actor, "person.read", pseudonym)

    async def page(
        self, stores: Stores, actor: Actor, *, college: str | None, after: str, limit: int
    ) -> list[StudentFacts]:
        """Return facts in order of pseudonym; the actor's rows only."""
        rows = visible(actor, "person.read")
        return await stores.students.page(rows, college=college, after=after, limit=limit)

    async def leaves(self, stores: Stores, actor: Actor, pseudonym: str) -> list[Leave]:
        await known_student(stores, actor, "person.read", pseudonym)
        found = await stores.students.leaves([pseudonym])
        return found.get(pseudonym, [])

    async def enter_leave(
        self,
        stores: Stores,
        actor: Actor,
        pseudonym: str,
        *,
        now: datetime,
        kind: LeaveKind,
        start: date,
        end: date,
    ) -> Leave:
        """Enter leave; the same leave again is the same entry, and un-withdraws it."""
        await known_student(stores, actor, "leave.write", pseudonym)
        _check_span(start, end)
        first, last = start.isoformat(), end.isoformat()
        leave_id = stable_id("leave", pseudonym, kind, first, last)
        leave = Leave(leave_id, pseudonym, kind, first, last)
        await self._save_leave(stores, actor, leave, now, outcome="entered")
        return leave

    async def withdraw_leave(
        self, stores: Stores, actor: Actor, pseudonym: str, leave_id: str, *, now: datetime
    ) -> None:
        """Withdraw leave; doing it again changes nothing."""
        await known_student(stores, actor, "leave.write", pseudonym)
        found = await stores.students.leaves([pseudonym])
        leave = next((one for one in found.get(pseudonym, []) if one.id == leave_id), None)
        if leave is None:
            raise NotFoundError("leave_not_found", "no such leave", field="leave")
        if not leave.is_withdrawn:
            withdrawn = Leave(
                leave.id, pseudonym, leave.kind, leave.start, leave.end, is_withdrawn=True
            )
            await self._save_leave(stores, actor, withdrawn, now, outcome="withdrawn")

    async def _save_leave(
        self, stores: Stores, actor: Actor, leave: Leave, now: datetime, *, outcome: str
    ) -> None:
        at = format_utc(now)
        await stores.students.save_leave(leave, actor.id, at)
        await self._publisher.refresh(stores, now, [leave.student])
        detail = {"leave": leave.id, "kind": leave.kind, "start": leave.start, "end": leave.end}
        await stores.audit.append(
            AuditEntry(at, actor.id, "leave.write", leave.student, outcome, detail)
        )

    async def calendar(self, stores: Stores, actor: Actor, node: str | None) -> list[CalendarEntry]:
        require(actor, "org.read")
        entries = await stores.org.calendar()
        return [entry for entry in entries if node is None or entry.node == node]

    async def replace_calendar(
        self,
        stores: Stores,
        actor: Actor,
        node_id: str,
        days: Sequence[tuple[CalendarKind, date, date]],
        *,
        now: datetime,
    ) -> int:
        """Replace what was entered for a school or college; return how many students changed.

        Raises:
            NotFoundError: no such unit, or none of the actor's.
            RuleBrokenError: the unit is a team, or a span ends before it begins.
        """
        visible(actor, "calendar.write")
        tree = await stores.org.tree()
        node = tree.get(node_id)
        if node is None or not allowed(actor, "calendar.write", tree.place(node_id).scope()):
            raise NotFoundError("node_not_found", "no such unit here", field="node")
        if node.kind == "team":
            raise RuleBrokenError("team_has_no_calendar", "teams follow their college")
        for _, start, end in days:
            _check_span(start, end)
        entries = {
            CalendarEntry(node_id, kind, start.isoformat(), end.isoformat())
            for kind, start, end in days
        }
        await stores.org.replace_calendar(node_id, sorted(entries))
        affected = await stores.students.in_place(tree.place(node_id))
        changed = await self._publisher.refresh(stores, now, affected)
        detail = {"entries": str(len(entries)), "students": str(changed)}
        await stores.audit.append(
            AuditEntry(format_utc(now), actor.id, "calendar.write", node_id, "replaced", detail)
        )
        return changed


def _check_span(start: date, end: date) -> None:
    if end < start:
        raise RuleBrokenError("ends_before_it_begins", "the last day is before the first")
    if (end - start).days > MAX_LEAVE_DAYS:
        raise RuleBrokenError("too_long", f"at most {MAX_LEAVE_DAYS} days")
