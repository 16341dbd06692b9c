"""What a streamer tells while it works, and when it is done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Progress:
    """Events sent so far and the campus time that they have reached."""

    sent: int
    campus_time: datetime


@dataclass(frozen=True)
class StreamReport:
    """The sums of a stream; `sent` = `accepted` + `duplicate` + `rejected`, retries not counted."""

    sent: int = 0
    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    requests: int = 0
    retries: int = 0

    def plus(self, other: "StreamReport") -> "StreamReport":
        return StreamReport(
            self.sent + other.sent,
            self.accepted + other.accepted,
            self.duplicate + other.duplicate,
            self.rejected + other.rejected,
            self.requests + other.requests,
            self.retries + other.retries,
        )


OnProgress = Callable[[Progress], None]


def ignore_progress(_: Progress) -> None:
    """Say nothing."""
