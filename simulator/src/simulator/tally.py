"""Counts of a run by student and day, for checking it and for a plain model."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from simulator.table import Bools, Floats, Ints, Table

_DAY_S = 86_400
_HOUR_S = 3600
MEALS = ("breakfast", "lunch", "dinner", "late")
_MEAL_EDGES = np.array([6, 10, 14, 20])
STREAMS = (
    "card",
    "meal",
    "breakfast",
    "lunch",
    "dinner",
    "late",
    "spend",
    "dorm",
    "late_return",
    "early_leave",
    "campus_gate",
    "library",
    "loans",
    "network",
    "night_minutes",
    "learning",
    "missed",
    "attended",
    "contact",
    "other",
)


@dataclass
class Tally:
    """Sums by (student, day) a stream, and card and door events by hour of the day.

    Day `d` of the arrays is campus day `first + d`; `midnight` is the local midnight of `first`.
    `ordinary[d]` says that it was neither a holiday nor in a break.
    """

    students: int
    days: int
    midnight: int
    ordinary: list[bool] = field(default_factory=list)
    counts: dict[str, Floats] = field(default_factory=dict)
    hours: dict[str, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin at nothing."""
        self.counts = {name: np.zeros((self.students, self.days)) for name in STREAMS}
        self.hours = {name: np.zeros((self.students, 24)) for name in ("card", "dorm", "library")}

    def add(self, tables: Iterable[Table]) -> None:
        """Count the rows of tables by event time; rows outside the days are left out."""
        for rows in tables:
            counter = _COUNTERS.get(rows.kind, _other)
            counter(self, rows)

    def count(
        self, name: str, rows: Table, chosen: Bools | None = None, weights: Floats | None = None
    ) -> None:
        day = (rows.time - self.midnight - 4 * _HOUR_S) // _DAY_S
        use = (day >= 0) & (day < self.days)
        if chosen is not None:
            use &= chosen
        for number in np.unique(day[use]).tolist():  # one or two: rows come day by day
            here = use & (day == number)
            some = None if weights is None else weights[here]
            total = np.bincount(rows.student[here], some, minlength=self.students)
            self.counts[name][:, number] += total

    def by_hour(self, name: str, rows: Table, chosen: Bools) -> None:
        cell = rows.student[chosen] * 24 + self.hour(rows)[chosen].astype(np.int64)
        self.hours[name] += np.bincount(cell, minlength=self.students * 24).reshape(-1, 24)

    def hour(self, rows: Table) -> Floats:
        """Return the local hour of each row, 0 to 24."""
        out: Floats = ((rows.time - self.midnight) % _DAY_S) / _HOUR_S
        return out


def _card(tally: Tally, rows: Table) -> None:
    hour = tally.hour(rows)
    meal = rows.fields["merchant"] == "meal"
    tally.count("card", rows)
    tally.count("meal", rows, meal)
    window = np.searchsorted(_MEAL_EDGES, hour, side="right") - 1
    for index, name in enumerate(MEALS):
        tally.count(name, rows, meal & (window == index))
    tally.count("spend", rows, weights=rows.fields["amount"].astype(np.float64))
    tally.by_hour("card", rows, np.ones(len(rows), dtype=np.bool_))


def _gate(tally: Tally, rows: Table) -> None:
    hour = tally.hour(rows)
    dorm = rows.fields["gate"] == "dorm"
    inward = rows.fields["direction"] == "in"
    entry = inward & (rows.fields["gate"] == "library")
    tally.count("dorm", rows, dorm)
    tally.count("campus_gate", rows, rows.fields["gate"] == "campus")
    tally.count("library", rows, entry)
    tally.count("late_return", rows, dorm & inward & (hour < 5))  # noqa: PLR2004 - 00-05 h
    tally.count("early_leave", rows, dorm & ~inward & (hour >= 5) & (hour < 7))  # noqa: PLR2004
    tally.by_hour("dorm", rows, dorm)
    tally.by_hour("library", rows, entry)


def _network(tally: Tally, rows: Table) -> None:
    tally.count("network", rows)
    end = rows.fields["end"].astype(np.int64)
    midnight = (rows.time - tally.midnight) // _DAY_S * _DAY_S + tally.midnight + _DAY_S
    minutes = np.clip(end - np.maximum(midnight, rows.time), 0, 5 * _HOUR_S) / 60
    tally.count("night_minutes", rows, weights=minutes)


def _attendance(tally: Tally, rows: Table) -> None:
    missed = rows.fields["status"] == "missed"
    tally.count("missed", rows, missed)
    tally.count("attended", rows, ~missed)


def _plain(name: str, tally: Tally, rows: Table) -> None:
    tally.count(name, rows)


def _other(tally: Tally, rows: Table) -> None:
    _plain("other", tally, rows)


_COUNTERS: dict[str, Callable[[Tally, Table], None]] = {
    "lantern.card.swiped.v1": _card,
    "lantern.gate.passed.v1": _gate,
    "lantern.network.used.v1": _network,
    "lantern.attendance.recorded.v1": _attendance,
    "lantern.library.loaned.v1": lambda tally, rows: _plain("loans", tally, rows),
    "lantern.learning.acted.v1": lambda tally, rows: _plain("learning", tally, rows),
    "lantern.advisor.contacted.v1": lambda tally, rows: _plain("contact", tally, rows),
}
ALL_EVENTS = (
    "card",
    "dorm",
    "campus_gate",
    "library",
    "loans",
    "network",
    "learning",
    "missed",
    "attended",
    "contact",
    "other",
)


def weekly(daily: Floats) -> Floats:
    """Return (students, whole weeks) sums."""
    weeks = daily.shape[1] // 7
    out: Floats = daily[:, : weeks * 7].reshape(len(daily), weeks, 7).sum(axis=2)
    return out


def longest_silence(daily: Floats) -> Ints:
    """Return each student's longest run of days without any event."""
    run = np.zeros(len(daily), dtype=np.int64)
    longest = run.copy()
    for day in range(daily.shape[1]):
        run = np.where(daily[:, day] == 0, run + 1, 0)
        longest = np.maximum(longest, run)
    return longest


def week_autocorrelation(daily: Floats) -> float:
    """Return the median over students of the lag-1 autocorrelation of weekly sums."""
    weeks = weekly(daily)
    weeks = weeks[weeks.std(axis=1) > 0]
    centred = weeks - weeks.mean(axis=1, keepdims=True)
    return float(
        np.median((centred[:, 1:] * centred[:, :-1]).sum(axis=1) / (centred**2).sum(axis=1))
    )
