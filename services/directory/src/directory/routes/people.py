"""`/v1/org/tree`, `/v1/people/{person}`, `/v1/recipients`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from directory.domain.org import Kind
from directory.domain.person import Assignment, Recipient
from directory.models import (
    ID_PATTERN,
    AssignmentOut,
    ChannelOut,
    NodeOut,
    PersonOut,
    RecipientOut,
    RecipientsOut,
    TreeOut,
)
from directory.routes.desks import Desks, IdPath, problems
from shared.auth.actor import Actor
from shared.auth.http import Authenticate


def people_router(desks: Desks, authenticate: Authenticate) -> APIRouter:
    """Return the routes about units and people."""
    router = APIRouter(tags=["people"])
    Caller = Annotated[Actor, Depends(authenticate)]  # noqa: N806 - a type
    student = Query(pattern=ID_PATTERN, max_length=80)

    @router.get("/org/tree", responses=problems())
    async def org_tree(actor: Caller) -> TreeOut:
        """Return the active units: school, colleges, teams."""
        async with desks.work.read() as stores:
            nodes = await desks.people.tree(stores, actor)
        return TreeOut(nodes=[NodeOut.model_validate(vars(node)) for node in nodes])

    @router.get("/people/{person}", responses=problems(404))
    async def get_person(person: IdPath, actor: Caller) -> PersonOut:
        """Return what a person is where; no name."""
        async with desks.work.read() as stores:
            found, assignments = await desks.people.person(stores, actor, person)
        return PersonOut(
            id=found.id,
            student=found.pseudonym,
            is_active=found.is_active,
            language=found.language,
            assignments=[_assignment(one) for one in assignments],
        )

    @router.get("/recipients", responses=problems(404))
    async def recipients(
        student: Annotated[str, student], tier: Kind, actor: Caller
    ) -> RecipientsOut:
        """Return who is told about a student on a tier; addresses for role `service` only."""
        now = desks.clock.now()
        async with desks.work.read() as stores:
            found = await desks.people.recipients(stores, actor, student, tier, now=now)
        return RecipientsOut(recipients=[_recipient(one) for one in found])

    return router


def _assignment(one: Assignment) -> AssignmentOut:
    return AssignmentOut(
        role=one.role,
        node=one.node,
        valid_from=one.valid_from or None,
        valid_to=one.valid_to or None,
    )


def _recipient(one: Recipient) -> RecipientOut:
    return RecipientOut(
        person=one.person,
        role=one.role,
        tier=one.tier,
        language=one.language,
        channels=[ChannelOut(kind=c.kind, address=c.address) for c in one.contacts],
    )
