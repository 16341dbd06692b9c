"""A few students' campus days, built event by event through the fold and evaluated."""

import numpy as np

from shared.features import fold
from shared.features.catalogue import INDEX
from shared.features.coverage import FULL
from shared.features.evaluate import FRAME_DAYS, Vectors, chronological, evaluate
from shared.features.frame import Frame
from shared.features.slots import MERCHANTS, RING_DAYS, TYPES, empty_days, empty_life

TODAY = 20_000  # a campus day number; days are given as days before it
NOON = 8 * 60  # minute of the campus day


def minute(clock: str) -> int:
    """Return the minute of the campus day of a local clock time."""
    hours, minutes = clock.split(":")
    return (int(hours) * 60 + int(minutes) - 240) % 1440


class Campus:
    """`ago` is a number of campus days before TODAY; every feed is alive unless told otherwise."""

    def __init__(self, students: int = 1) -> None:
        self.ring = empty_days(students)
        self.life = empty_life(students)
        self.yields = np.full((FRAME_DAYS, len(TYPES)), FULL, dtype=np.int32)
        self.masked = np.zeros((students, FRAME_DAYS), dtype=np.bool_)

    def at(self, ago: int, clock: str | None, student: int = 0) -> fold.Moments:
        return fold.Moments(
            np.array([student]),
            np.array([TODAY - ago]),
            np.array([0 if clock is None else minute(clock)], dtype=np.int16),
            np.array([clock is not None]),
        )

    def card(
        self,
        ago: int,
        clock: str | None,
        amount: float = 10.0,
        *,
        kind: str = "meal",
        student: int = 0,
    ) -> None:
        merchant = np.array([MERCHANTS.index(kind)], dtype=np.uint8)
        self._apply(fold.card(self.at(ago, clock, student), merchant, np.array([amount])))

    def gate(
        self,
        ago: int,
        clock: str | None,
        direction: str,
        *,
        gate: str = "dorm",
        place: str = "D1",
        granted: bool = True,
        student: int = 0,
    ) -> None:
        self._apply(
            fold.gate(
                self.at(ago, clock, student),
                np.array([fold.GATES.index(gate)]),
                np.array([fold.place_index(place)]),
                inward=np.array([direction == "in"]),
                granted=np.array([granted]),
            )
        )

    def network(
        self,
        ago: int,
        clock: str | None,
        minutes: int,
        *,
        place: str = "D1",
        octets: int = 10**9,
        leisure: float = 0.0,
        student: int = 0,
    ) -> None:
        place_bits = np.array([fold.place_index(place)])
        at, size = self.at(ago, clock, student), np.array([octets])
        played = np.array([leisure])
        self._apply(fold.network(at, np.array([minutes]), place_bits, size, leisure=played))

    def learn(self, ago: int, clock: str | None, *, lead: float | None = None) -> None:
        hours = np.array([np.nan if lead is None else lead])
        self._apply(fold.learning(self.at(ago, clock), hours))

    def meet(
        self, ago: int, clock: str, *, kind: str = "class", minutes: float = 90, there: bool = True
    ) -> None:
        kinds = np.array([fold.ATTENDANCE_KINDS.index(kind)])
        attended = np.array([there])
        self._apply(
            fold.attendance(self.at(ago, clock), kinds, np.array([minutes]), attended=attended)
        )

    def lend(self, ago: int, *, overdue: bool = False) -> None:
        flags = {"in_person": np.array([not overdue]), "overdue": np.array([overdue])}
        self._apply(fold.loan(self.at(ago, None), **flags))

    def flows(self, ago: int, durations: list[int]) -> None:
        self._apply(fold.flows(self.at(ago, "03:59"), np.array([durations])))

    def _apply(self, updates: list[fold.Update]) -> None:
        fold.apply(self.ring, updates, oldest=TODAY - RING_DAYS + 1, newest=TODAY)

    def kill(self, kind: str, *ago: int) -> None:
        for day in ago:
            self.yields[FRAME_DAYS - 1 - day, TYPES.index(kind)] = 0

    def mask(self, *ago: int, student: int = 0) -> None:
        for day in ago:
            self.masked[student, FRAME_DAYS - 1 - day] = True

    def frame(self, at_minute: int = NOON) -> Frame:
        rows = np.arange(len(self.ring))
        return Frame(chronological(self.ring, rows, TODAY), self.life, TODAY, at_minute)

    def evaluate(self, at_minute: int = NOON) -> Vectors:
        return evaluate(self.frame(at_minute), self.yields, self.masked)

    def value(self, indicator: str, at_minute: int = NOON) -> float:
        return float(self.evaluate(at_minute).values[0, INDEX[indicator]])

    def coverage(self, indicator: str, at_minute: int = NOON) -> float:
        return float(self.evaluate(at_minute).coverage[0, INDEX[indicator]])

    def usual(self, indicator: str, at_minute: int = NOON) -> float:
        return float(self.evaluate(at_minute).usual[0, INDEX[indicator]])
