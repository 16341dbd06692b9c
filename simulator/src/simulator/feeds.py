"""The feeds of the synthetic campus: who delivers which event types, and how promptly."""

from dataclasses import dataclass

CARD = "card"
DOOR = "door"
LIBRARY = "library"
NETWORK = "network"
LEARNING = "learning"
ATTENDANCE = "attendance"
RESEARCH = "research"
REGISTRY = "registry"
CARE = "care"


@dataclass(frozen=True)
class Feed:
    """A source system. `lag_s` is its mean delay; `every_s` > 0 means it delivers in batches.

    `may_fail` feeds have outages; `cadence_s` is how long it may be quiet before it counts as late.
    """

    name: str
    types: tuple[str, ...]
    cadence_s: int
    lag_s: float
    every_s: int = 0
    may_fail: bool = True

    def source(self, domain: str) -> str:
        """Return the CloudEvents source, such as `card.example.edu`."""
        return f"{self.name}.{domain}"


FEEDS: dict[str, Feed] = {
    feed.name: feed
    for feed in (
        Feed(CARD, ("lantern.card.swiped.v1",), 6 * 3600, 20.0),
        Feed(DOOR, ("lantern.gate.passed.v1",), 6 * 3600, 15.0),
        Feed(
            LIBRARY,
            ("lantern.gate.passed.v1", "lantern.library.loaned.v1"),
            24 * 3600,
            30.0,
        ),
        Feed(NETWORK, ("lantern.network.used.v1", "lantern.network.flows.v1"), 12 * 3600, 60.0),
        Feed(LEARNING, ("lantern.learning.acted.v1",), 24 * 3600, 30.0, every_s=3600),
        Feed(ATTENDANCE, ("lantern.attendance.recorded.v1",), 4 * 86400, 60.0, every_s=6 * 3600),
        Feed(
            RESEARCH,
            ("lantern.advisor.contacted.v1", "lantern.literature.progressed.v1"),
            4 * 86400,
            600.0,
        ),
        Feed(
            REGISTRY,
            ("lantern.grade.posted.v1", "lantern.milestone.set.v1"),
            14 * 86400,
            600.0,
            may_fail=False,
        ),
        Feed(
            CARE,
            ("lantern.screening.submitted.v1", "lantern.report.filed.v1"),
            14 * 86400,
            2.0,
            may_fail=False,
        ),
    )
}
