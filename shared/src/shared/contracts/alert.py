"""What happens to alerts, on `alerts.events.v1`: the log that training and reports read."""

from typing import Literal

from msgspec import Struct

Level = Literal["none", "blue", "yellow", "orange", "red"]
Tier = Literal["school", "college", "team"]
Verdict = Literal["confirmed_need", "no_need", "already_in_care", "data_error", "unreachable"]
AlertEventKind = Literal[
    "opened", "raised", "lowered", "signal", "withheld", "acknowledged", "notified", "resolved",
    "reviewed",
]  # fmt: skip


class AlertEvent(Struct, gc=False, frozen=True, kw_only=True):
    """One entry of an alert's history; `reason` is the decision's enum value, `sequence` from 1.

    `reviewed` is another person's own verdict on a resolved alert; the alert's stays that of
    `resolved`. Without a `verdict` that person gave none and was shown the others'.

    The trace of what it rests on is the record header `traceparent`: the message itself is the
    same, byte for byte, in every run over the same log.
    """

    id: str
    alert: str
    student: str
    kind: AlertEventKind
    level: Level
    reason: str
    at: str
    sequence: int
    tier: Tier | None = None
    actor: str | None = None
    verdict: Verdict | None = None
    assessment: str | None = None
