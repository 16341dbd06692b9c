"""What directory says of students: where they belong, if they are enrolled, what masks them."""

from collections.abc import Sequence
from sys import intern
from typing import NamedTuple

from features.domain.state import PartitionState
from shared.contracts.student import Mask, StudentFacts
from shared.features.coverage import day_number
from shared.features.masking import Masking, masking_of


class Known(NamedTuple):
    """The part of a student's facts that is needed here; `masks` is a number of `FactBook`."""

    partition: int
    school: str
    college: str
    team: str
    enrolled: bool
    masks: int


class FactBook:
    """Facts of all students; equal mask sets are kept once, number 0 is the empty one."""

    def __init__(self) -> None:
        self.students: dict[str, Known] = {}
        self._sets: list[tuple[Mask, ...]] = [()]
        self._numbers: dict[tuple[Mask, ...], int] = {(): 0}
        self._pending: dict[int, set[str]] = {}
        self._maskings: dict[tuple[int, int, int], Masking] = {}

    def learn(self, partition: int, facts: StudentFacts) -> None:
        """Take over a student's facts; they count from the next evaluation on.

        Raises:
            ValueError: a mask has no readable date.
        """
        for mask in facts.masks:  # refused here, not in the middle of an evaluation
            day_number(mask.start), day_number(mask.end)
        masks = tuple(sorted(facts.masks, key=lambda mask: (mask.start, mask.end, mask.kind)))
        number = self._numbers.get(masks)
        if number is None:
            number = self._numbers[masks] = len(self._sets)
            self._sets.append(masks)
        self.students[facts.student] = Known(
            partition, intern(facts.school), intern(facts.college), intern(facts.team),
            facts.enrolled, number,
        )  # fmt: skip
        self._pending.setdefault(partition, set()).add(facts.student)

    def forget(self, partition: int, student: str) -> None:
        """Take note that directory has deleted a student."""
        known = self.students.pop(student, None)
        if known is not None:
            self._pending.setdefault(partition, set()).add(student)

    def take_over(self, state: PartitionState) -> None:
        """Prepare a partition just loaded: all its students are to be looked at."""
        own = (name for name, known in self.students.items() if known.partition == state.number)
        self._pending.setdefault(state.number, set()).update(own)
        self.sync(state)

    def sync(self, state: PartitionState) -> None:
        """Bring what was learnt since the last time into the partition's rows."""
        pool = state.pool
        for name in sorted(self._pending.pop(state.number, ())):
            known = self.students.get(name)
            if name not in state.rows and (known is None or not known.enrolled):
                continue
            row = state.row(name)
            pool.active[row] = known is not None and known.enrolled
            pool.masks[row] = 0 if known is None else known.masks
            pool.changed[row] = True

    def masks(self, number: int) -> Sequence[Mask]:
        """Return the masks of a set."""
        return self._sets[number]

    def masking(self, number: int, end_day: int, days: int) -> Masking:
        """Return a mask set over the days that end with `end_day`."""
        key = (number, end_day, days)
        found = self._maskings.get(key)
        if found is None:
            if len(self._maskings) > 10 * len(self._sets) + 100:
                self._maskings.clear()
            found = self._maskings[key] = masking_of(self._sets[number], end_day, days)
        return found
