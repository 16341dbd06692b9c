"""What the champion reads of everybody: its drift from what it learned from, and cohorts."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from scoring.domain.cohorts import Cohorts, Peers
from scoring.domain.inputs import Array, unpacked
from scoring.domain.ports import LatestInputs, Model, Seen
from shared.drift.groups import By, Group, measure
from shared.kernel.campus_time import format_utc
from shared.kernel.clock import Clock


@dataclass(frozen=True)
class DriftReport:
    """Drift as it was at a moment; no groups where the bundle has no reference."""

    at: str
    model: str | None
    reference_vectors: int | None
    groups: Sequence[Group]


@dataclass(frozen=True)
class Everybody:
    """The newest inputs, a row a student: `values` is `[n, k]`."""

    values: Array
    colleges: Sequence[str | None]
    intakes: Sequence[int | None]


class Watching:
    """Measures on demand; `intakes` says when a student began, where that is known."""

    def __init__(
        self,
        model: Callable[[], Model | None],
        latest: LatestInputs,
        intakes: Mapping[str, int],
        clock: Clock,
    ) -> None:
        self._model = model
        self._latest = latest
        self._intakes = intakes
        self._clock = clock
        self._cohorts: Cohorts | None = None
        self.last: DriftReport | None = None

    async def measure(self) -> DriftReport:
        """Read everybody's latest inputs and judge them; large ones in a thread."""
        model = self._model()
        at = format_utc(self._clock.now())
        report = DriftReport(at, None, None, ())
        if model is not None:
            seen, intakes = await self._latest.seen(), dict(self._intakes)
            report, self._cohorts = await asyncio.to_thread(_measured, at, model, seen, intakes)
        self.last = report
        return report

    async def peers(self, student: str, college: str | None) -> Mapping[str, Peers]:
        """Return what is usual among a student's peers, by indicator, as last measured."""
        if self._cohorts is None:
            await self.measure()
        if self._cohorts is None:
            return {}
        return self._cohorts.peers(college, self._intakes.get(student))


def _measured(
    at: str, model: Model, seen: Seen, intakes: Mapping[str, int]
) -> tuple[DriftReport, Cohorts]:
    names, reference = model.manifest.features, model.reference
    everybody = _everybody(seen, intakes, len(names))
    cohorts = Cohorts(names, everybody.values, everybody.colleges, everybody.intakes)
    if reference is None:
        return DriftReport(at, model.manifest.model, None, ()), cohorts
    by: dict[By, Sequence[str | None]] = {
        "college": everybody.colleges,
        "intake": [None if year is None else str(year) for year in everybody.intakes],
    }
    groups = measure(reference, names, everybody.values, by)
    return DriftReport(at, model.manifest.model, reference.vectors, groups), cohorts


def _everybody(seen: Seen, intakes: Mapping[str, int], width: int) -> Everybody:
    """Take the rows apart; those of a catalogue of another length are left out."""
    sized = [place for place, row in enumerate(seen.inputs) if len(row) == 4 * width]
    return Everybody(
        unpacked([seen.inputs[place] for place in sized], width),
        [seen.colleges[place] for place in sized],
        [intakes.get(seen.students[place]) for place in sized],
    )
