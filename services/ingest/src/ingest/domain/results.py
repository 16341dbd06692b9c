"""The outcome of each event of a request, in the order of the request."""

from dataclasses import dataclass
from typing import Literal

from msgspec import Struct

Status = Literal["accepted", "duplicate", "rejected"]
TYPE_NOT_ALLOWED = "type_not_allowed"


class EventResult(Struct, gc=False, frozen=True, omit_defaults=True):
    """What became of one event; `reason` is a stable code, `field` a place such as `$.data.x`.

    `id` is the sender's own, None where it could not be read. `detail` repeats no value that was
    sent, because a value may name a student.
    """

    status: Status
    id: str | None = None
    reason: str | None = None
    field: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an event is rejected; `detail` holds no value that was sent."""

    reason: str
    detail: str
    field: str | None = None

    def result(self, event_id: str | None = None) -> EventResult:
        return EventResult("rejected", event_id, self.reason, self.field, self.detail)
