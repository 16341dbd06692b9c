"""`vle` (OULAD, CC BY 4.0): the first 56 days of an enrolment against failing or withdrawing."""

from collections import defaultdict
from pathlib import Path

from training.realdata.source import Cell, Task, parts_of, records

CUT_DAY = 56
_Key = tuple[str, str, str]
PERSON = (
    "code_module",
    "gender",
    "region",
    "highest_education",
    "imd_band",
    "age_band",
    "num_of_prev_attempts",
    "studied_credits",
    "disability",
)


def tasks(data: Path) -> list[Task]:
    folder = data / "vle"
    parts = parts_of(folder)
    dates = {_key(row): row for row in records(folder / "studentRegistration.csv")}
    before = {_key(row): row for row in records(folder / "vle_pre_course_features.csv")}
    marks = Marks(folder)
    rows: list[dict[str, Cell]] = []
    chosen: list[str] = []
    for row in records(folder / "features_day56_by_enrolment.csv.gz"):
        key, student = _key(row), row["id_student"]
        left = dates[key]["date_unregistration"]
        if student not in parts or (left and float(left) <= CUT_DAY):
            continue  # who has withdrawn by the cut is no question any more
        early = before.get(key)
        rows.append(
            {
                "id": "-".join(key),
                "student": student,
                **{name: row[name] for name in PERSON},
                "starts": row["code_presentation"][-1],
                "registered": dates[key]["date_registration"],
                "clicks": row["vle_total"],
                "clicks_mean": row["vle_mean"],
                "clicks_spread": row["vle_std"],
                "clicks_before": early["pre_course_clicks"] if early else None,
                "records_before": early["pre_course_interaction_rows"] if early else None,
                **marks.figures(key),
                "y": int(row["final_result"] in {"Fail", "Withdrawn"}),
            }
        )
        chosen.append(parts[student])
    question = f"fails or withdraws after day {CUT_DAY} of the course; what is known by that day"
    return [Task("vle", question, rows, chosen, "student")]


def _key(row: dict[str, str]) -> _Key:
    return row["code_module"], row["code_presentation"], row["id_student"]


_Work = tuple[float, float | None, float]  # day, mark, days late


class Marks:
    """Figures of the work handed in by the cut; marks carried over from before are left out."""

    def __init__(self, folder: Path) -> None:
        self._due: dict[tuple[str, str], int] = defaultdict(int)
        self._handed: dict[_Key, list[_Work]] = defaultdict(list)
        known = {row["id_assessment"]: row for row in records(folder / "assessments.csv")}
        for one in known.values():
            if one["date"] and float(one["date"]) <= CUT_DAY:
                self._due[one["code_module"], one["code_presentation"]] += 1
        for row in records(folder / "student_assessment_processed.csv.gz"):
            of = known.get(row["id_assessment"])
            if of and row["is_banked"] == "0" and float(row["date_submitted"]) <= CUT_DAY:
                day = float(row["date_submitted"])
                late = day - float(of["date"]) if of["date"] else 0.0
                key = (of["code_module"], of["code_presentation"], row["id_student"])
                mark = float(row["score"]) if row["score"] else None
                self._handed[key].append((day, mark, late))

    def figures(self, key: _Key) -> dict[str, Cell]:
        work = sorted(self._handed.get(key, []), key=lambda one: one[0])
        marks = [mark for _, mark, _ in work if mark is not None]
        due = self._due.get(key[:2], 0)
        return {
            "handed_in": len(work),
            "due": due,
            "handed_share": len(work) / due if due else None,
            "mark_mean": sum(marks) / len(marks) if marks else None,
            "mark_least": min(marks, default=None),
            "mark_last": marks[-1] if marks else None,
            "lateness": sum(late for *_, late in work) / len(work) if work else None,
        }
