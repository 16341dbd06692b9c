"""`weekly_behaviour`: counts of weeks 1-8 and earlier grades against failing courses this term."""

import statistics
from pathlib import Path

from training.realdata.source import Cell, Task, parts_of, records

WEEKS = [f"week{number:02d}" for number in range(1, 9)]
STREAMS = (
    "SmartCard",
    "BorrowBook",
    "Library",
    "Dormitory",
    "SchoolGate",
    "GoOutEarly",
    "ComeBackLate",
)
GRADES = (
    "AveGradeTerm01",
    "AveGradeTerm02",
    "AveGradeTerm03",
    "AveGradeTerm04",
    "AveGradeTerm05",
    "AllTermAveGrade",
    "EntranceGrade",
    "HigherLocGrade",
    "NolEntranceGrade",
    "FailedCsTerm01",
)


def tasks(data: Path) -> list[Task]:
    folder = data / "weekly_behaviour"
    parts = parts_of(folder)
    grades = {row["s_id"]: row for row in records(folder / "GradeInfos.csv")}
    behaviour = {student: {} for student in grades}  # type: dict[str, dict[str, Cell]]
    for stream in STREAMS:
        for row in records(folder / f"{stream}Time.csv"):
            behaviour[row["s_id"]].update(_figures(stream, [float(row[week]) for week in WEEKS]))
    students = [student for student in grades if student in parts]
    earlier = {s: {name: grades[s][name] for name in GRADES} for s in students}
    failed = {s: int(grades[s]["Term06IsFailed"]) for s in students}
    many = {s: int(float(grades[s]["FailedCsTerm06"]) >= 3) for s in students}  # noqa: PLR2004 - the label
    made = []
    for name, question, label, inputs in (
        (
            "weekly_behaviour",
            "fails a course this term; behaviour of weeks 1-8 and earlier grades",
            failed,
            {s: {**earlier[s], **behaviour[s]} for s in students},
        ),
        (
            "weekly_behaviour (3+)",
            "fails three courses or more; the same inputs",
            many,
            {s: {**earlier[s], **behaviour[s]} for s in students},
        ),
        (
            "weekly_behaviour (behaviour only)",
            "fails a course this term; behaviour alone",
            failed,
            behaviour,
        ),
    ):
        rows = [{"id": s, **inputs[s], "y": label[s]} for s in students]
        made.append(Task(name, question, rows, [parts[s] for s in students]))
    return made


def _figures(stream: str, weeks: list[float]) -> dict[str, Cell]:
    early, late = weeks[:4], weeks[4:]
    return {
        **{f"{stream}_{week}": value for week, value in zip(WEEKS, weeks, strict=True)},
        f"{stream}_mean": statistics.fmean(weeks),
        f"{stream}_spread": statistics.pstdev(weeks),
        f"{stream}_change": statistics.fmean(late) - statistics.fmean(early),
        f"{stream}_silent": sum(value == 0 for value in weeks),
    }
