"""A student's feature vector on `student.features.v1` (compacted: the last one is the state)."""

from typing import Literal

from msgspec import Struct


class FeatureVector(Struct, gc=False, frozen=True, kw_only=True):
    """Values and coverage in the order of the catalogue with hash `catalogue`.

    `values[i]` is None where the indicator is missing (zero is a value); `coverage[i]` in 0..1.
    `usual[i]` is the student's own median before the window, None with too few days.
    `as_of` is the moment for which silence was judged; `window_start` the first campus day used.
    `masked` names the calendar entry in force (`holiday`, `leave`, …), None on an ordinary day.
    `position` is the offset in `campus.events.v1` of the last record applied: a reader ignores
    a vector whose position is not above the last one it saw of the student. `id` is deterministic
    in (student, position): a vector published twice has the same id.
    `traceparent` is of the last event it waited for in a small batch, else None; no digest has it.
    """

    id: str
    student: str
    position: int
    as_of: str
    event_time: str | None
    window_start: str
    catalogue: str
    values: list[float | None]
    coverage: list[float]
    usual: list[float | None]
    college: str | None
    masked: Literal["holiday", "leave", "internship", "exempt"] | None = None
    exam: bool = False
    dead_feeds: list[str] = []
    traceparent: str | None = None
