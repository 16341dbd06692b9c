"""What an entry of the catalogue holds."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from shared.features.frame import Array, Bools, Frame
from shared.features.meaning import meaning
from shared.features.slots import DAY_MINUTES

CARD = ("lantern.card.swiped.v1",)
GATE = ("lantern.gate.passed.v1",)
LOANS = ("lantern.library.loaned.v1",)
NETWORK = ("lantern.network.used.v1",)
FLOWS = ("lantern.network.flows.v1",)
GRADES = ("lantern.grade.posted.v1",)
MILESTONES = ("lantern.milestone.set.v1",)
STUDY = GRADES + MILESTONES
LEARNING = ("lantern.learning.acted.v1",)
ATTENDANCE = ("lantern.attendance.recorded.v1",)
ADVISOR = ("lantern.advisor.contacted.v1",)
LITERATURE = ("lantern.literature.progressed.v1",)
Function = Callable[[Frame, Bools], Array]


@dataclass(frozen=True)
class Indicator:
    """One entry of the catalogue.

    `rule` says which evidence is due on a day. `all`: from every one of `streams`; `usual`: from
    the types that usually see this student; `record`: from the life record, whatever the day.
    `closes_at` is the minute of the campus day from which today counts, `clockless` the marks that
    leave a day's hours unknown. `own_past`: the value has past windows and so a usual value;
    without them the formula compares with the past itself, or there is nothing to compare.
    """

    id: str
    zh: str
    en: str
    unit: str
    streams: tuple[str, ...]
    window_days: int
    direction: Literal["up", "down", "both"]
    grade: str
    sources: tuple[str, ...]
    formula: str
    function: Function
    rule: Literal["all", "usual", "record"] = "all"
    closes_at: int = DAY_MINUTES
    clockless: int = 0
    has_floor: bool = True
    spans_night: bool = False
    own_past: bool = True

    @cached_property
    def observation(self) -> str:
        """What tells on which days it is observed from that of others."""
        return f"{self.rule} {self.streams} {self.clockless} {self.spans_night} {self.closes_at}"

    def semantics(self) -> str:
        """Return what the hash covers: everything but names, evidence and prose."""
        parts = (self.id, self.unit, self.streams, self.window_days, self.direction, self.rule)
        more = (self.closes_at, self.clockless, self.has_floor, self.spans_night)
        return f"{parts + more}\n{meaning(self.function)}"
