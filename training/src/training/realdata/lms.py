"""`lms_log`: submissions before 13 November against low attainment afterwards."""

import statistics
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

from training.realdata.source import Cell, Task, parts_of, records

CUT = 1_699_804_800  # 2023-11-13 in Asia/Shanghai, in epoch seconds (UTC 2023-11-12 16:00)
START = 1_693_411_200
_DAY, _ZONE = 86_400, 8 * 3600
_RIGHT, _PART, _WRONG = "Absolutely_Correct", "Partially_Correct", "Absolutely_Error"


def tasks(data: Path) -> list[Task]:
    folder = data / "lms_log"
    parts = parts_of(folder)
    label = {r["id"]: int(r["low_attainment"]) for r in records(folder / "labels.csv")}
    people = {r["student_ID"]: r for r in records(folder / "Data_StudentInfo.csv")}
    acts: dict[str, set[tuple[int, str, str, str, float]]] = defaultdict(set)
    for file in sorted(folder.glob("SubmitRecord-*.csv.gz")):
        for row in records(file):
            time = int(float(row["time"]))
            if time < CUT and row["student_ID"] in label:
                key = (time, row["state"], row["title_ID"], row["method"], float(row["score"]))
                acts[row["student_ID"]].add(key)  # 676 rows repeat another one
    students = [student for student in label if student in parts]
    rows = [
        {
            "id": s,
            "sex": people[s]["sex"],
            "age": people[s]["age"],
            "major": people[s]["major"],
            **_figures(sorted(acts[s])),
            "y": label[s],
        }
        for s in students
    ]
    question = "among the lowest fifth by correct submissions from 13 November on"
    return [Task("lms_log", question, rows, [parts[s] for s in students])]


def _figures(acts: list[tuple[int, str, str, str, float]]) -> dict[str, Cell]:
    times = [time for time, *_ in acts]
    days = sorted({(time + _ZONE) // _DAY for time in times})
    hours = Counter((time + _ZONE) % _DAY // 3600 // 6 for time in times)
    states = Counter(state for _, state, *_ in acts)
    solved = {title for _, state, title, *_ in acts if state == _RIGHT}
    tried = {title for _, _, title, *_ in acts}
    total = max(len(acts), 1)
    last = [time for time in times if time >= CUT - 14 * _DAY]
    gaps = [b - a for a, b in pairwise(days)]
    return {
        "submissions": len(acts),
        "active_days": len(days),
        "correct": states[_RIGHT],
        "partly": states[_PART],
        "wrong": states[_WRONG],
        "errors": len(acts) - states[_RIGHT] - states[_PART] - states[_WRONG],
        "correct_share": states[_RIGHT] / total,
        "solved": len(solved),
        "tried": len(tried),
        "solved_share": len(solved) / max(len(tried), 1),
        "mean_score": statistics.fmean(score for *_, score in acts) if acts else None,
        "night": hours[0] / total,
        "morning": hours[1] / total,
        "afternoon": hours[2] / total,
        "evening": hours[3] / total,
        "last_14_days": len(last),
        "last_14_days_correct": sum(s == _RIGHT for t, s, *_ in acts if t >= CUT - 14 * _DAY),
        "last_7_days": sum(time >= CUT - 7 * _DAY for time in times),
        "days_since_last": (CUT - max(times)) / _DAY if times else None,
        "days_to_first": (min(times) - START) / _DAY if times else None,
        "longest_gap": max(gaps, default=None),
        "languages": len({m for _, _, _, m, _ in acts}),
    }
