"""The honest report: `report.json` for machines, `report.html` for people, in Chinese and English.

    from training.report import Context, Part, Words, write

    context = Context(
        title=Words("演示模型", "The model of the demonstration"),
        model="demo-2026.11", data="simulated", seed=0, created="2026-11-24T12:00:00Z",
        parts=(Part("train", students=2000, rows=32000, prevalence=0.06, start=…, end=…), …),
        inputs=18, catalogue="…", network="40 → 32 tanh → 1, weight decay 0.01",
        thresholds={"blue": 0.1, "yellow": 0.2, "orange": 0.4},
        limits=(Words("…", "…"),),          # what this very model does not know
        versions={"torch": "…"},
    )
    files([evaluation, later_term], context)              # -> the bytes of both, by name
    write([evaluation, later_term], context, folder)      # -> (report.json, report.html)

Of `Context` only title, model and data are needed; `created` is handed in, so that the same run
gives the same bytes. The run that trains adds `Fitting`: settings tried, and checks of the tables.
`report.json` is `training.report.document.Report`; its JSON schema is
`docs/api/report.schema.json`. `report.html` asks no other host, needs no script, and is read at 390
pixels as at 1280.
"""

from collections.abc import Sequence
from pathlib import Path

from training.evaluation.figures import Evaluation
from training.report.context import Context, Part, Words
from training.report.document import report_of, to_json
from training.report.fitting import Checks, Fitting

__all__ = ["Checks", "Context", "Fitting", "Part", "Words", "files", "write"]
MACHINE, PEOPLE = "report.json", "report.html"


def files(
    evaluations: Sequence[Evaluation], context: Context, fitting: Fitting | None = None
) -> dict[str, bytes]:
    """Return both files by name; the one way in which any report is made."""
    from training.report.page import to_html  # noqa: PLC0415 - the JSON needs no plots

    report = report_of(evaluations, context, fitting)
    return {MACHINE: to_json(report), PEOPLE: to_html(report).encode()}


def write(evaluations: Sequence[Evaluation], context: Context, folder: Path) -> tuple[Path, Path]:
    """Write `report.json` and `report.html` into a folder and return their paths."""
    made = files(evaluations, context)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in made.items():
        (folder / name).write_bytes(content)
    return folder / MACHINE, folder / PEOPLE
