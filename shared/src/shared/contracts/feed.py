"""Feed health on `feeds.status.v1` and rejected events on `campus.events.dead.v1`."""

from typing import Literal

from msgspec import Struct

FeedState = Literal["new", "alive", "late", "dead"]


class FeedStatus(Struct, gc=False, frozen=True, kw_only=True):
    """How a feed does; ages in seconds, `yield_share` of the last closed day, times in UTC.

    A feed that was registered and never seen is `new` until one cadence has passed, then `dead`.
    """

    feed: str
    owner: str
    types: list[str]
    cadence_s: float
    state: FeedState
    at: str
    last_event_at: str | None = None
    last_received_at: str | None = None
    lag_s: float | None = None
    yield_share: float | None = None
    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0


class DeadLetter(Struct, gc=False, frozen=True, kw_only=True):
    """A record that could not be handled, with why and where; nothing is lost.

    `payload` holds the original bytes, AES-256-GCM under the dead-letter key and base64, since they
    may name a student. `reason` is a stable code; `field` a place such as `$.data.amount`;
    `traceparent` that of the event, or of the request that brought it.
    """

    id: str
    feed: str
    stage: Literal["ingest", "features", "scoring", "alerts"]
    reason: str
    detail: str
    at: str
    payload: str
    key_id: str
    field: str | None = None
    origin: str | None = None
    traceparent: str | None = None
