"""What the routes share: the use cases, transactions, the clock, and documented problems."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Path

from directory.domain.ports import Work
from directory.metrics import DirectoryMetrics
from directory.models import ID_PATTERN
from directory.service.audit import IsSignature
from directory.service.identities import IdentityDesk
from directory.service.people import PeopleDesk
from directory.service.roster import RosterImporter
from directory.service.students import StudentDesk
from shared.kernel.clock import Clock
from shared.web.problems import declared

IdPath = Annotated[str, Path(pattern=ID_PATTERN, max_length=80)]
_MEANING = {
    400: "Against a rule",
    401: "No valid bearer token",
    403: "Not permitted",
    404: "Nothing here, or nothing of the caller's",
    409: "Not in a state that allows this",
    413: "Too large",
    422: "Does not fit the schema",
    503: "Something this service needs is away",
}


@dataclass(frozen=True)
class Desks:
    """Everything behind the routes. `wake` tells the sender that the outbox has something."""

    work: Work
    clock: Clock
    people: PeopleDesk
    students: StudentDesk
    roster: RosterImporter
    identities: IdentityDesk
    is_signature: IsSignature
    metrics: DirectoryMetrics
    wake: Callable[[], None]
    max_import_bytes: int


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI responses of these statuses beside those that every route has."""
    return declared(_MEANING, 401, 403, 422, 503, *statuses)
