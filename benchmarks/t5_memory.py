"""T5: memory of the feature worker a student, at 120 days of history."""

from benchmarks.figure import Figure, at_most
from benchmarks.in_process import measured
from benchmarks.stand import Say

STUDENTS, DAYS = 20_000, 120
_KIB, _GIB = 1024, 1024**3
_WISHED = 100_000


def measure(say: Say) -> Figure:
    """Measure by growth of resident memory: state, names, duplicates, and what Python adds."""
    found = measured("memory", STUDENTS, DAYS)
    kib = found["bytes"] / _KIB
    say(f"{kib:.1f} KiB a student, {found['state_bytes'] / _KIB:.1f} KiB of it state")
    return at_most(
        "T5",
        "memory of the feature worker a student at 120 days",
        kib,
        target=16,
        unit="KiB",
        students=STUDENTS,
        state_kib=round(found["state_bytes"] / _KIB, 2),
        extrapolated_gib_at_100000=round(found["bytes"] * _WISHED / _GIB, 2),
        load="ten events a day within the 14 days of the duplicates' horizon, fewer before",
    )
