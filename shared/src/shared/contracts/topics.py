"""The map of the system: every topic, in the order of flow."""

from dataclasses import dataclass
from typing import Any, Literal

from shared.contracts.alert import AlertEvent
from shared.contracts.assessment import Assessment
from shared.contracts.event import CampusRecord
from shared.contracts.features import FeatureVector
from shared.contracts.feed import DeadLetter, FeedStatus
from shared.contracts.student import StudentFacts

Cleanup = Literal["delete", "compact", "compact,delete"]
DAYS_MS = 86_400_000
FOREVER_MS = -1


@dataclass(frozen=True)
class Topic:
    """A topic as declared: who writes it, who reads it, how long it lasts, what it carries."""

    name: str
    key: Literal["student", "feed"]
    cleanup: Cleanup
    retention_ms: int
    message: Any
    writers: tuple[str, ...]
    readers: tuple[str, ...]

    @property
    def is_student_keyed(self) -> bool:
        """Student-keyed topics share partition count and partitioner: they are co-partitioned."""
        return self.key == "student"


CAMPUS_EVENTS = Topic(
    name="campus.events.v1",
    key="student",
    cleanup="delete",
    retention_ms=30 * DAYS_MS,
    message=CampusRecord,
    writers=("ingest",),
    readers=("features", "alerts"),
)
CAMPUS_EVENTS_DEAD = Topic(
    name="campus.events.dead.v1",
    key="feed",
    cleanup="delete",
    retention_ms=90 * DAYS_MS,
    message=DeadLetter,
    writers=("ingest", "features", "alerts"),
    readers=("ingest",),
)
FEEDS_STATUS = Topic(
    name="feeds.status.v1",
    key="feed",
    cleanup="compact",
    retention_ms=FOREVER_MS,
    message=FeedStatus,
    writers=("ingest",),
    readers=("alerts",),
)
DIRECTORY_STUDENTS = Topic(
    name="directory.students.v1",
    key="student",
    cleanup="compact",
    retention_ms=FOREVER_MS,
    message=StudentFacts,
    writers=("directory",),
    readers=("features", "scoring", "alerts"),
)
STUDENT_FEATURES = Topic(
    name="student.features.v1",
    key="student",
    cleanup="compact",
    retention_ms=FOREVER_MS,
    message=FeatureVector,
    writers=("features",),
    readers=("scoring",),
)
RISK_ASSESSMENTS = Topic(
    name="risk.assessments.v1",
    key="student",
    cleanup="compact,delete",
    retention_ms=365 * DAYS_MS,
    message=Assessment,
    writers=("scoring",),
    readers=("alerts",),
)
ALERTS_EVENTS = Topic(
    name="alerts.events.v1",
    key="student",
    cleanup="delete",
    retention_ms=FOREVER_MS,
    message=AlertEvent,
    writers=("alerts",),
    readers=("scoring",),
)
TOPICS = (
    CAMPUS_EVENTS,
    CAMPUS_EVENTS_DEAD,
    FEEDS_STATUS,
    DIRECTORY_STUDENTS,
    STUDENT_FEATURES,
    RISK_ASSESSMENTS,
    ALERTS_EVENTS,
)
