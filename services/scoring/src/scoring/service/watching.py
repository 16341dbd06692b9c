"""Drift of what the champion reads, beside what it learned from."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from scoring.domain.inputs import unpacked
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
        self.last: DriftReport | None = None

    async def measure(self) -> DriftReport:
        """Read everybody's latest inputs and judge them; large ones in a thread."""
        model = self._model()
        at = format_utc(self._clock.now())
        if model is None or model.reference is None:
            self.last = DriftReport(at, model.manifest.model if model else None, None, ())
            return self.last
        seen = await self._latest.seen()
        groups = await asyncio.to_thread(_groups, model, seen, dict(self._intakes))
        vectors = model.reference.vectors
        self.last = DriftReport(at, model.manifest.model, vectors, groups)
        return self.last


def _groups(model: Model, seen: Seen, intakes: Mapping[str, int]) -> Sequence[Group]:
    """Judge by college and intake; rows of a catalogue of another length are left out."""
    names, reference = model.manifest.features, model.reference
    if reference is None:
        return ()
    sized = [place for place, row in enumerate(seen.inputs) if len(row) == 4 * len(names)]
    values = unpacked([seen.inputs[place] for place in sized], len(names))
    years = [intakes.get(seen.students[place]) for place in sized]
    by: dict[By, Sequence[str | None]] = {
        "college": [seen.colleges[place] for place in sized],
        "intake": [None if year is None else str(year) for year in years],
    }
    return measure(reference, names, values, by)
