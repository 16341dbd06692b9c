"""Requests and responses of the REST interface."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

Pseudonym = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]+$", min_length=1, max_length=200)]
Share = Annotated[float, Field(ge=0, le=1)]


class ReadingOut(BaseModel):
    """One indicator; null is missing, zero is a value."""

    id: str
    value: float | None
    coverage: Share
    usual: float | None = Field(description="the student's own median before the window")
    low: float | None = Field(description="5th percentile of the student's own past")
    high: float | None = Field(description="95th percentile of the student's own past")


class VectorOut(BaseModel):
    """A student's indicators as of a moment. `status` is `stale` past the stated life."""

    student: str
    position: int
    as_of: str
    event_time: str | None
    window_start: str
    catalogue: str
    status: Literal["current", "stale"]
    age_s: float = Field(description="seconds between now and `as_of`")
    is_published: bool = Field(description="whether exactly this went to the topic")
    college: str | None
    masked: Literal["holiday", "leave", "internship", "exempt"] | None
    exam: bool
    dead_feeds: list[str]
    indicators: list[ReadingOut]


class DayOut(BaseModel):
    """One campus day (04:00 to 04:00); all slots zero means that nothing was seen."""

    day: str
    slots: dict[str, int | list[int]]


class DaysOut(BaseModel):
    """The days of the ring that were asked for, oldest first."""

    student: str
    days: list[DayOut]


class CoverageOut(BaseModel):
    """What was delivered of what was due: by day and event type, and by indicator."""

    student: str
    status: Literal["current", "stale"]
    age_s: float
    days: list[str]
    types: dict[str, list[Share]]
    masked: list[bool]
    indicators: dict[str, Share]
    dead_feeds: list[str]


class IndicatorOut(BaseModel):
    """One entry of the catalogue."""

    id: str
    zh: str
    en: str
    unit: str
    streams: list[str]
    window_days: int
    direction: Literal["up", "down", "both"]
    formula: str
    coverage: str
    evidence: str
    sources: list[str]


class CatalogueOut(BaseModel):
    """The catalogue in the order of a vector's values, and its semantic hash."""

    hash: str
    indicators: list[IndicatorOut]


class FeedCounts(BaseModel):
    """What became of a feed's events; what is applied, late or dead was accepted by ingest."""

    applied: int = 0
    late: int = 0
    dead: int = 0
    duplicate: int = 0


class CountsOut(BaseModel):
    """Counts by feed, and all feeds together."""

    feeds: dict[str, FeedCounts]
    total: FeedCounts


class DigestOut(BaseModel):
    """SHA-256 of all daily aggregates, and of what was published last of every student."""

    aggregates: str
    vectors: str
    partitions: list[int] = Field(description="the partitions that this process holds")
