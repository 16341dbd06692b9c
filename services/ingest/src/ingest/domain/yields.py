"""What a feed delivered for a campus day, as a share of what it usually delivers."""

from collections.abc import Mapping
from datetime import date, timedelta
from statistics import median

from shared.contracts.event import FeedDay
from shared.contracts.feed import FeedState

DAYS_IN_TICK = 7
HISTORY_DAYS = 28
LEAST_HISTORY = 3
DAILY_S = 86_400.0
RARE_S = 2 * DAILY_S
_DIGITS = 4
_SATURDAY = 5


def expected(received: Mapping[str, int], day: date) -> float | None:
    """Return the median of the same kind of day (working day, weekend) in the four weeks before.

    Days without any event say nothing of a usual day and are left out; None with fewer than three.
    """
    before = (day - timedelta(days=n) for n in range(1, HISTORY_DAYS + 1))
    same = (received.get(d.isoformat(), 0) for d in before if _is_weekend(d) == _is_weekend(day))
    usual = [count for count in same if count]
    return float(median(usual)) if len(usual) >= LEAST_HISTORY else None


def share(received: Mapping[str, int], day: date, cadence_s: float, state: FeedState) -> float:
    """Return a closed day's yield in 0..1; what cannot be judged is taken as whole.

    A feed of rare events (cadence above two days) has no yield a day. A day without events of a
    feed that is due daily yields nothing, and so does an empty day of a dead feed.
    """
    if cadence_s > RARE_S:
        return 1.0
    count = received.get(day.isoformat(), 0)
    if count == 0:
        return 0.0 if cadence_s <= DAILY_S or state == "dead" else 1.0
    usual = expected(received, day)
    return 1.0 if usual is None else round(min(1.0, count / usual), _DIGITS)


def closed_days(
    received: Mapping[str, int], today: date, cadence_s: float, state: FeedState
) -> list[FeedDay]:
    """Return the last seven closed campus days before `today`, oldest first."""
    days = (today - timedelta(days=n) for n in range(DAYS_IN_TICK, 0, -1))
    return [
        FeedDay(d.isoformat(), received.get(d.isoformat(), 0), share(received, d, cadence_s, state))
        for d in days
    ]


def _is_weekend(day: date) -> bool:
    return day.weekday() >= _SATURDAY
