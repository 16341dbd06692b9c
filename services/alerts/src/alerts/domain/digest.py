"""One hash of all alerts, for comparing runs.

It does not depend on the wall clock, nor on which of an urgent signal and an assessment came first.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One history row as far as it counts; `at` is event time."""

    student: str
    track: str
    effect: str
    level: str
    reason: str
    at: str
    evidence: str


@dataclass(frozen=True)
class Standing:
    """How a student's open alert stands."""

    student: str
    level: str
    status: str


def digest_of(standings: Iterable[Standing], lines: Iterable[Line]) -> tuple[str, int]:
    """Return the SHA-256 and the number of students that it covers.

    `lines` come in the order in which each track was decided. The model's track keeps that order,
    which is the order of positions; urgent signals are sorted by event time.
    """
    students: dict[str, dict[str, list[list[str]]]] = {}
    for line in lines:
        tracks = students.setdefault(line.student, {})
        shown = [line.effect, line.level, line.reason]
        if line.track == "model":
            shown.append(line.at)
        elif line.track == "rule":
            shown = [line.at, line.evidence, line.level, line.reason]
        tracks.setdefault(line.track, []).append(shown)
    standing = {s.student: [s.level, s.status] for s in standings}
    total = hashlib.sha256()
    for student in sorted(students):
        tracks = students[student]
        if "rule" in tracks:
            tracks["rule"].sort()
        content = [student, standing.get(student, ["none", "none"]), tracks]
        total.update(json.dumps(content, sort_keys=True, separators=(",", ":")).encode())
        total.update(b"\n")
    return total.hexdigest(), len(students)
