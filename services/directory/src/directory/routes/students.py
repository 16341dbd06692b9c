"""`/v1/students`, their leave, and `/v1/calendar`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from msgspec import to_builtins

from directory.models import (
    ID_PATTERN,
    CalendarChangedOut,
    CalendarEntryOut,
    CalendarIn,
    CalendarOut,
    LeaveIn,
    LeaveOut,
    LeavesOut,
    StudentOut,
    StudentRowOut,
    StudentsOut,
)
from directory.routes.desks import Desks, IdPath, problems
from shared.auth.actor import Actor
from shared.auth.http import Authenticate

_PAGE_MAX = 1000


def students_router(desks: Desks, authenticate: Authenticate) -> APIRouter:
    """Return the routes about students, leave and the calendar."""
    router = APIRouter(tags=["students"])
    Caller = Annotated[Actor, Depends(authenticate)]  # noqa: N806 - a type
    AnId = Annotated[str | None, Query(pattern=ID_PATTERN, max_length=80)]  # noqa: N806 - a type

    @router.get("/students", responses=problems())
    async def list_students(
        actor: Caller,
        college: AnId = None,
        after: AnId = None,
        limit: Annotated[int, Query(ge=1, le=_PAGE_MAX)] = 100,
    ) -> StudentsOut:
        """Return a page of the students whom the caller may see, by pseudonym."""
        async with desks.work.read() as stores:
            found = await desks.students.page(
                stores, actor, college=college, after=after or "", limit=limit
            )
        rows = [
            StudentRowOut(student=f.student, college=f.college, team=f.team, enrolled=f.enrolled)
            for f in found
        ]
        return StudentsOut(students=rows, next=rows[-1].student if len(rows) == limit else None)

    @router.get("/students/{pseudonym}", responses=problems(404))
    async def get_student(pseudonym: IdPath, actor: Caller) -> StudentOut:
        """Return a student's facts, as others were told."""
        async with desks.work.read() as stores:
            facts = await desks.students.facts(stores, actor, pseudonym)
        return StudentOut.model_validate(to_builtins(facts))

    @router.get("/students/{pseudonym}/leaves", responses=problems(404))
    async def list_leaves(pseudonym: IdPath, actor: Caller) -> LeavesOut:
        """Return a student's leave, also what was withdrawn."""
        async with desks.work.read() as stores:
            found = await desks.students.leaves(stores, actor, pseudonym)
        return LeavesOut(leaves=[LeaveOut.model_validate(vars(one)) for one in found])

    @router.post("/students/{pseudonym}/leaves", status_code=201, responses=problems(400, 404))
    async def enter_leave(pseudonym: IdPath, leave: LeaveIn, actor: Caller) -> LeaveOut:
        """Enter leave; masks change at once. The same leave again is the same entry."""
        async with desks.work.write() as stores:
            made = await desks.students.enter_leave(
                stores,
                actor,
                pseudonym,
                now=desks.clock.now(),
                kind=leave.kind,
                start=leave.start,
                end=leave.end,
            )
        desks.wake()
        return LeaveOut.model_validate(vars(made))

    @router.delete("/students/{pseudonym}/leaves/{leave}", status_code=204, responses=problems(404))
    async def withdraw_leave(pseudonym: IdPath, leave: IdPath, actor: Caller) -> Response:
        """Withdraw leave; masks change at once."""
        now = desks.clock.now()
        async with desks.work.write() as stores:
            await desks.students.withdraw_leave(stores, actor, pseudonym, leave, now=now)
        desks.wake()
        return Response(status_code=204)

    @router.get("/calendar", responses=problems())
    async def get_calendar(actor: Caller, node: AnId = None) -> CalendarOut:
        """Return the academic calendar, of one unit or of all."""
        async with desks.work.read() as stores:
            found = await desks.students.calendar(stores, actor, node)
        return CalendarOut(entries=[CalendarEntryOut.model_validate(vars(e)) for e in found])

    @router.put("/calendar", responses=problems(400, 404))
    async def put_calendar(calendar: CalendarIn, actor: Caller) -> CalendarChangedOut:
        """Replace what people entered for a school or college; masks change at once."""
        days = [(entry.kind, entry.start, entry.end) for entry in calendar.entries]
        async with desks.work.write() as stores:
            changed = await desks.students.replace_calendar(
                stores, actor, calendar.node, days, now=desks.clock.now()
            )
        desks.wake()
        return CalendarChangedOut(
            node=calendar.node, entries=len(set(days)), students_changed=changed
        )

    return router
