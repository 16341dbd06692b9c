"""Feed states."""

from datetime import timedelta

import pytest
from tests.helpers.ingest_kit import NOW

from ingest.domain.status import Sightings, state_at, state_of

HOUR_S = 3_600.0


@pytest.mark.parametrize(
    ("age_s", "state"), [(0, "new"), (HOUR_S, "new"), (HOUR_S + 1, "dead"), (1e9, "dead")]
)
def test_a_feed_never_seen_dies_one_cadence_after_registration(age_s: float, state: str) -> None:
    """Silence from the start is noticed too."""
    assert state_of(Sightings(), HOUR_S, NOW - timedelta(seconds=age_s), NOW) == state


@pytest.mark.parametrize(
    ("silent_s", "behind_s", "state"),
    [(0, 0, "alive"), (HOUR_S, 0, "alive"), (HOUR_S + 1, 0, "dead"), (0, 2 * HOUR_S + 1, "late")],
)
def test_a_feed_is_judged_by_its_own_cadence(silent_s: float, behind_s: float, state: str) -> None:
    """A cadence of silence is death; delivering what is two cadences old is lateness."""
    newest = (NOW - timedelta(seconds=behind_s)).strftime("%Y-%m-%dT%H:%M:%SZ")
    seen = Sightings(NOW - timedelta(seconds=silent_s), newest)
    assert state_of(seen, HOUR_S, NOW - timedelta(days=9), NOW) == state


def test_in_event_time_the_tick_is_the_clock() -> None:
    """A replay judges by the events' own time, and from the first of them for a feed not seen."""
    start, at = "2026-09-01T00:00:00Z", "2026-09-01T02:00:00Z"
    assert state_at("2026-09-01T01:30:00Z", HOUR_S, start, at) == "alive"
    assert state_at("2026-09-01T00:30:00Z", HOUR_S, start, at) == "dead"
    assert state_at(None, HOUR_S, start, at) == "dead"
    assert state_at(None, 3 * HOUR_S, start, at) == "new"
    assert state_at(None, HOUR_S, None, at) == "new"
