"""Requests and responses of ingest's REST API."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ingest.domain.feed import FEED_ID

FeedId = Annotated[str, Field(pattern=FEED_ID, max_length=64)]
TypeName = Annotated[str, Field(pattern=r"^lantern\.[a-z.]{1,50}\.v[0-9]{1,3}$", max_length=64)]
Owner = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Cadence = Annotated[float, Field(ge=1, le=400 * 86_400)]
Rate = Annotated[float, Field(gt=0, le=1_000_000)]
FeedState = Literal["new", "alive", "late", "dead"]
Stage = Literal["ingest", "features", "scoring", "alerts"]


class Strict(BaseModel):
    """A request: what is not known is an error."""

    model_config = ConfigDict(extra="forbid")


class FeedBody(Strict):
    """What is registered of a feed; `rate_per_s` is the service's default where it is left out."""

    owner: Owner
    types: Annotated[list[TypeName], Field(min_length=1, max_length=64)]
    cadence_s: Cadence
    rate_per_s: Rate | None = None


class FeedIn(FeedBody):
    """A new feed."""

    id: FeedId


class FeedPatch(Strict):
    """The parts of a registration to change."""

    owner: Owner | None = None
    types: Annotated[list[TypeName], Field(min_length=1, max_length=64)] | None = None
    cadence_s: Cadence | None = None
    rate_per_s: Rate | None = None


class CountsOut(BaseModel):
    """`read` = `accepted` + `duplicate` + `rejected`."""

    read: int
    accepted: int
    duplicate: int
    rejected: int


class FeedOut(BaseModel):
    """A feed, how it does and what it sent; ages in seconds, times in UTC."""

    id: str
    owner: str
    types: list[str]
    cadence_s: float
    rate_per_s: float
    registered_at: datetime
    state: FeedState
    last_event_at: str | None
    last_received_at: str | None
    lag_s: float | None
    yield_share: float | None
    counts: CountsOut


class FeedsOut(BaseModel):
    """All feeds, by id."""

    feeds: list[FeedOut]


class KeyIn(Strict):
    """A new key; `types` narrows it to some of the feed's types, empty means all."""

    types: Annotated[list[TypeName], Field(max_length=64)] = []


class KeyOut(BaseModel):
    """A key of a feed; only its visible prefix can be shown again."""

    id: str
    prefix: str
    types: list[str]
    created_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


class NewKeyOut(KeyOut):
    """A fresh key; `key` is shown this once."""

    key: str


class KeysOut(BaseModel):
    """A feed's keys, oldest first."""

    keys: list[KeyOut]


class EventResultOut(BaseModel):
    """What became of one event."""

    status: Literal["accepted", "duplicate", "rejected"]
    id: str | None = None
    reason: str | None = None
    field: str | None = None
    detail: str | None = None


class EventsOut(CountsOut):
    """One result an event, in the order of the request."""

    results: list[EventResultOut]


class TickIn(Strict):
    """The moment to tick for."""

    time: Annotated[str, Field(min_length=20, max_length=40)]


class TickOut(BaseModel):
    """The ticks that were published: none when time had passed that moment already."""

    published: list[str]


class AllCountsOut(BaseModel):
    """Counts a feed, and in all."""

    feeds: dict[str, CountsOut]
    total: CountsOut


class LetterOut(BaseModel):
    """A dead letter without its payload."""

    id: str
    feed: str
    stage: Stage
    reason: str
    field: str | None
    detail: str
    at: str
    origin: str | None
    state: Literal["open", "redriven"]
    redrives: int
    last_redrive_at: datetime | None
    trace_id: str | None


class LettersOut(BaseModel):
    """Newest first; `next` continues the list as `before`, null at its end."""

    letters: list[LetterOut]
    next: int | None


class OpenedLetterOut(LetterOut):
    """A dead letter; `payload` is null unless the caller has the role `it`."""

    payload: str | None
    payload_encoding: Literal["utf-8", "base64"] | None


class RedriveIn(Strict):
    """Which open letters to re-drive, newest first, at most `limit`."""

    feed: FeedId | None = None
    reason: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")] | None = None
    stage: Stage | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class RedrivenOut(BaseModel):
    """What a re-drive did to one letter."""

    letter: str
    result: EventResultOut


class RedrivesOut(BaseModel):
    """What a bulk re-drive did; `failed` could not be opened or read as an event."""

    redriven: list[RedrivenOut]
    failed: list[str]
