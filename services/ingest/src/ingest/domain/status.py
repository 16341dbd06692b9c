"""Is a feed alive? Judged by its own cadence, also when it was never seen."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.contracts.feed import FeedState
from shared.kernel.campus_time import parse_utc


@dataclass(frozen=True, slots=True)
class Sightings:
    """When a feed was last heard (wall clock), and the time of its newest event."""

    last_received: datetime | None = None
    last_event: str | None = None


def state_of(
    sightings: Sightings, cadence_s: float, registered_at: datetime, now: datetime
) -> FeedState:
    """Return `new` until one cadence after registration, `dead` after a cadence of silence.

    `late` means that it delivers, but its newest event is older than two cadences.
    """
    cadence = timedelta(seconds=cadence_s)
    if sightings.last_received is None:
        return "new" if now - registered_at <= cadence else "dead"
    if now - sightings.last_received > cadence:
        return "dead"
    if sightings.last_event is not None and now - parse_utc(sightings.last_event) > 2 * cadence:
        return "late"
    return "alive"


def state_at(last_event: str | None, cadence_s: float, started: str | None, at: str) -> FeedState:
    """Judge a feed in event time, for a tick at `at`: what a replay would have seen then.

    `started` is the first event time of any feed: a feed that was never seen is `new` until one
    cadence after it.
    """
    reference = last_event or started
    silent_s = (parse_utc(at) - parse_utc(reference)).total_seconds() if reference else 0.0
    if silent_s > cadence_s:
        return "dead"
    return "alive" if last_event else "new"
