"""T9: what an event costs as students and history grow."""

from collections.abc import Mapping
from statistics import median
from typing import Any

from benchmarks.figure import Figure, at_most
from benchmarks.in_process import measured
from benchmarks.stand import Say

_BASE = (1_000, 1)
_LARGER = ((100_000, 1), (1_000, 120), (10_000, 120))
_REPEATS = 3
Place = tuple[int, int]


def measure(say: Say) -> Figure:
    """Compare decoding and folding, polls of 10,000, at the ends of both axes.

    Each place is measured in processes of its own that take turns, so that a machine which becomes
    busier or slower meanwhile touches all alike.
    """
    runs: dict[Place, list[Mapping[str, Any]]] = {place: [] for place in (_BASE, *_LARGER)}
    for _ in range(_REPEATS):
        for place, found in runs.items():
            found.append(measured("cost", *place))
    cost = {place: median(one["us"] for one in found) for place, found in runs.items()}
    parts = {place: _parts(found) for place, found in runs.items()}
    growth = {place: 100 * (cost[place] / cost[_BASE] - 1) for place in _LARGER}
    for place, us in cost.items():
        grown = {name: round(v - parts[_BASE][name], 2) for name, v in parts[place].items()}
        text = "parts" if place == _BASE else "grown"
        shown = parts[place] if place == _BASE else grown
        say(f"{_name(place)}: {us:.2f} us an event; {text} (us): {shown}")
    return at_most(
        "T9",
        "growth of the cost of an event, 1,000 to 100,000 students and 1 to 120 days",
        max(0.1, *growth.values()),
        target=10,
        unit="%",
        growth_percent={_name(place): round(percent, 1) for place, percent in growth.items()},
        us_an_event={_name(place): round(us, 3) for place, us in cost.items()},
        us_by_part={_name(place): found for place, found in parts.items()},
        repeats_us={_name(p): [round(one["us"], 3) for one in found] for p, found in runs.items()},
        scope="decode, duplicates, fold; evaluation is a cost a student, not an event",
    )


def _name(place: Place) -> str:
    return f"{place[0]} students, {place[1]} days"


def _parts(runs: list[Mapping[str, Any]]) -> dict[str, float]:
    """Return the median of every part over the runs."""
    return {name: round(median(one["parts_us"][name] for one in runs), 3)
            for name in runs[0]["parts_us"]}  # fmt: skip
