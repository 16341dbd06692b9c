"""`report.json`: the whole report for machines, and its schema."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from training.evaluation.figures import Evaluation
from training.report.context import Context, Words
from training.report.fitting import Fitting, warnings_of
from training.report.limits import limits_of
from training.report.verdict import Finding, findings


@dataclass(frozen=True)
class Report:
    """The context, every evaluation, and what both come to in plain sentences.

    `in_short` has one list of sentences an evaluation, prevalence first; `unknown` says what the
    model does not know. `fitting` is there when the model was trained in the same run. `format`
    rises when a field changes its meaning.
    """

    format: Literal[1]
    context: Context
    evaluations: tuple[Evaluation, ...]
    in_short: tuple[tuple[Finding, ...], ...]
    unknown: tuple[Words, ...]
    fitting: Fitting | None = None


def report_of(
    evaluations: Sequence[Evaluation], context: Context, fitting: Fitting | None = None
) -> Report:
    """Put a report together.

    Raises:
        ValueError: no evaluation.
    """
    if not evaluations:
        raise ValueError("a report needs at least one evaluation")
    odd = () if fitting is None else warnings_of(fitting.checks)
    return Report(
        format=1,
        context=context,
        evaluations=tuple(evaluations),
        in_short=tuple((*findings(one), *odd) for one in evaluations),
        unknown=limits_of(context),
        fitting=fitting,
    )


def to_json(report: Report) -> bytes:
    """Return the bytes of `report.json`: indented, keys in the order of the types."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"


def from_json(text: bytes) -> Report:
    """Read a `report.json`, strictly."""
    return msgspec.json.decode(text, type=Report)


def schema() -> bytes:
    """Return the JSON schema of `report.json`; descriptions are the types' docstrings."""
    return msgspec.json.format(msgspec.json.encode(msgspec.json.schema(Report)), indent=2) + b"\n"
