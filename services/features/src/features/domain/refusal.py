"""What is not applied, and why."""

from dataclasses import dataclass

TOO_LATE, AHEAD, BAD_VALUE, BROKEN = "too_late", "ahead_of_time", "bad_value", "indicator_failed"
UNDECODABLE = "undecodable"


@dataclass(frozen=True)
class Refusal:
    """A record that is not applied, and why."""

    partition: int
    offset: int
    reason: str
    feed: str = ""
    detail: str = ""
