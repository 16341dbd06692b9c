"""The REST API of the directory: parse, call a use case in one transaction, render."""

from fastapi import APIRouter

from directory.routes.audit import audit_router
from directory.routes.desks import Desks
from directory.routes.identities import identities_router
from directory.routes.people import people_router
from directory.routes.roster import roster_router
from directory.routes.students import students_router
from shared.auth.http import Authenticate


def build_router(desks: Desks, authenticate: Authenticate) -> APIRouter:
    """Return every route under `/v1`."""
    router = APIRouter(prefix="/v1")
    for part in (people_router, students_router, roster_router, identities_router, audit_router):
        router.include_router(part(desks, authenticate))
    return router


__all__ = ["Desks", "build_router"]
