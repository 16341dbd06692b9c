"""T9: what an event costs as students and history grow."""

from benchmarks.figure import Figure, at_most
from benchmarks.in_process import measured
from benchmarks.stand import Say

_BASE = (1_000, 1)
_LARGER = ((100_000, 1), (1_000, 120), (10_000, 120))


def measure(say: Say) -> Figure:
    """Compare decoding and folding, polls of 10,000, at the ends of both axes."""
    cost = {}
    for students, days in (_BASE, *_LARGER):
        cost[students, days] = measured("cost", students, days)["us"]
        say(f"{students:>7,} students, {days:>3} days: {cost[students, days]:.2f} us an event")
    growth = {place: 100 * (cost[place] / cost[_BASE] - 1) for place in _LARGER}
    return at_most(
        "T9",
        "growth of the cost of an event, 1,000 to 100,000 students and 1 to 120 days",
        max(0.1, *growth.values()),
        target=10,
        unit="%",
        us_an_event={f"{s} students, {d} days": round(us, 3) for (s, d), us in cost.items()},
        scope="decode, duplicates, fold; evaluation is a cost a student, not an event",
    )
