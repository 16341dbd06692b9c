"""Who learns, who watches, who judges: students apart and times apart, by a stable draw."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Part = Literal["train", "valid", "test"]
PARTS: tuple[Part, ...] = ("train", "valid", "test")
_SPAN = 2.0**64
Shares = tuple[float, float, float]


@dataclass(frozen=True)
class Split:
    """Shares of students and of mornings for train, valid and test.

    A row belongs to a part when its student and its morning do; the others are left out, so that
    no student and no morning is on two sides. With too few mornings only students are split.
    """

    students: Shares = (0.7, 0.15, 0.15)
    times: Shares = (0.6, 0.2, 0.2)
    seed: int = 2026

    def part_of_student(self, student: str) -> Part:
        """Return a student's part: the same in every build with this seed, whoever else is in."""
        text = f"{self.seed}|{student}".encode()
        drawn = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little") / _SPAN
        return _part(drawn, self.students)

    def parts_of_days(self, days: Sequence[int]) -> dict[int, Part] | None:
        """Return each morning's part, in order of time; None where there are fewer than three."""
        ordered = sorted(set(days))
        if len(ordered) < len(PARTS):
            return None
        first = max(1, min(round(self.times[0] * len(ordered)), len(ordered) - 2))
        second = round((self.times[0] + self.times[1]) * len(ordered))
        second = max(first + 1, min(second, len(ordered) - 1))
        return {
            day: "train" if at < first else "valid" if at < second else "test"
            for at, day in enumerate(ordered)
        }


def _part(drawn: float, shares: Shares) -> Part:
    edge = 0.0
    for part, share in zip(PARTS[:-1], shares[:-1], strict=True):
        edge += share
        if drawn < edge:
            return part
    return PARTS[-1]
