"""`phd_survey`: circumstances of PhD students against having sought help (No or Yes)."""

from pathlib import Path

from training.realdata.source import Cell, Task, parts_of, records

INPUTS = (
    "age",
    "bullied",
    "discriminated",
    "dual_degree",
    "employed",
    "enjoy",
    "gender",
    "hours",
    "next_position",
    "reason",
    "satisfaction",
)


def tasks(data: Path) -> list[Task]:
    folder = data / "phd_survey"
    parts = parts_of(folder)
    answered = [
        row
        for row in records(folder / "survey.csv")
        if row["mental_health_help"] in {"Yes", "No"} and row["respondent"] in parts
    ]
    rows: list[dict[str, Cell]] = []
    for row in answered:
        asked: dict[str, Cell] = {name: row[name] for name in INPUTS}
        y = int(row["mental_health_help"] == "Yes")
        rows.append({"id": row["respondent"], **asked, "y": y})
    question = "has sought help for anxiety or depression; same sitting, people chose to answer"
    return [Task("phd_survey", question, rows, [parts[row["respondent"]] for row in answered])]
