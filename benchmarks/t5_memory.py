"""T5: memory of the feature worker a student, at 120 days of history."""

from benchmarks.figure import Figure, at_most, no_value
from benchmarks.in_process import measured
from benchmarks.stand import Say

STUDENTS, MANY, DAYS = 20_000, 100_000, 120
_KIB, _MIB, _GIB = 1024, 1024**2, 1024**3
_TARGET, _ROOM_GIB = 16, 2
_WHAT = "memory of the feature worker a student at 120 days"


def measure(say: Say) -> Figure:
    """Measure resident memory of a filled process less the same process without state.

    The value is that of 20,000 students. 100,000 are really filled too, since the second half of
    the target is about them: the whole process, with interpreter and libraries, in 2 GiB.
    """
    found = measured("memory", STUDENTS, DAYS)
    kib, state = found["bytes"] / _KIB, found["state_bytes"] / _KIB
    say(f"{STUDENTS:,} students: {kib:.2f} KiB a student, {state:.2f} KiB of it state")
    if kib < state:
        why = f"grew by {kib:.1f} KiB a student, but {state:.1f} are known: pages were not touched"
        return no_value("T5", _WHAT, why, target=_TARGET, unit="KiB")
    many = measured("memory", MANY, DAYS)
    gib, many_kib = many["rss"] / _GIB, many["bytes"] / _KIB
    say(f"{MANY:,} students: {many_kib:.2f} KiB a student, {gib:.2f} GiB resident in all")
    return at_most(
        "T5",
        _WHAT,
        kib,
        target=_TARGET,
        unit="KiB",
        students=STUDENTS,
        state_kib=round(state, 2),
        empty_process_mib=round(found["empty_rss"] / _MIB, 1),
        kib_a_student_at_100000=round(many_kib, 2),
        rss_gib_at_100000=round(gib, 3),
        peak_rss_gib_at_100000=round(many["peak_rss"] / _GIB, 3),
        room_gib_at_100000=_ROOM_GIB,
        load="ten events a day within the 14 days of the duplicates' horizon, fewer before",
    )
