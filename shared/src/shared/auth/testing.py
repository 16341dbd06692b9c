"""Fakes of the auth kit: callers by role, and an `authenticate` that always names one of them."""

from collections.abc import Iterable

from fastapi import Request

from shared.auth.actor import Actor, Role
from shared.auth.http import Credentials


class Fixed:
    """An `authenticate` for tests; `actor` may be exchanged between requests.

    It declares the same security scheme as the real one, so that OpenAPI documents agree.
    """

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    async def __call__(self, request: Request, credentials: Credentials = None) -> Actor:
        return self.actor


def fixed(actor: Actor) -> Fixed:
    """Return an `authenticate` that takes every request for this actor's."""
    return Fixed(actor)


def an_actor(
    role: Role = "service",
    *more: Role,
    id: str | None = None,  # noqa: A002 - the field's own name
    school: str | None = None,
    colleges: Iterable[str] = (),
    teams: Iterable[str] = (),
    student: str | None = None,
) -> Actor:
    """Build an actor: `an_actor("college_counsellor", colleges=["c1"])`."""
    return Actor(
        id=id or f"person_{role}",
        roles=frozenset((role, *more)),
        school=school,
        colleges=frozenset(colleges),
        teams=frozenset(teams),
        student=student,
    )
