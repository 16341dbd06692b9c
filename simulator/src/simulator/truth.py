"""The truth, kept apart from the events: how each student really was on each day."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np

from simulator.health import STATES, UNWELL, WORSENING
from simulator.simulation import Simulation

HEADER = "student,day,state,onset,label_day,label,signs"


def truth_rows(simulation: Simulation, number: int) -> Iterator[str]:
    """Yield one CSV line a student for day `number`.

    `label` is 1 from onset until recovery begins (worsening or unwell); `label_day` is the day on
    which the state is at its worst; `signs` is 1 when any behaviour is shifted on that day,
    also in healthy students.
    """
    day = simulation.health.day(number)
    date = simulation.calendar.day(number).date.isoformat()
    label = np.isin(day.state, (WORSENING, UNWELL)).astype(np.int64)
    for student, state, onset, worst, flag, signs in zip(
        simulation.campus.numbers,
        day.state.tolist(),
        _dates(simulation, day.onset.tolist()),
        _dates(simulation, day.label_day.tolist()),
        label.tolist(),
        day.signs.astype(np.int64).tolist(),
        strict=True,
    ):
        yield f"{student},{date},{STATES[state]},{onset},{worst},{flag},{signs}"


def _dates(simulation: Simulation, days: list[int]) -> list[str]:
    known: dict[int, str] = {-1: ""}
    first = simulation.calendar.first_day
    for day in set(days) - {-1}:
        known[day] = (first + timedelta(days=day)).isoformat()
    return [known[day] for day in days]


def write_truth(simulation: Simulation, path: Path, *, every: int = 1) -> int:
    """Write `truth.csv` for every `every`-th day of the run; return the number of rows."""
    rows = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER + "\n")
        for number in range(0, simulation.config.days, every):
            lines = list(truth_rows(simulation, number))
            file.write("\n".join(lines) + "\n")
            rows += len(lines)
    return rows
