"""The page of results: a table a task, and whether the network is worse than it may be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from training.bundle.card import unit_of
from training.evaluation.figures import Comparison, Evaluation, Figure
from training.evaluation.headline import LESS_IS_BETTER
from training.report.document import Report

MODELS = {
    "network": "network",
    "logistic": "logistic regression",
    "trees": "LightGBM",
    "majority": "majority",
}
RIVALS = ("logistic", "trees")
FIGURES = {"roc_auc": "ROC-AUC", "pr_auc": "PR-AUC", "log_loss": "log-loss", "brier": "Brier"}
MISSING = "–"
HEAD = """# What the model reaches on real tables

Written by one command, never by hand:

    make results

Fitted on the `train` part of each set's own split, with all its choices; judged on `valid`. One
constant of the method (how many standard errors a hidden part must win by) was settled after a
first look at these parts, so that is where the figures flatter. Persons kept back by the data's
owner were never seen; inputs from before the cut only. 95 % intervals from resampling persons,
all models on the same resamples. The baselines are a ridge logistic regression (penalty by
cross-validation on `train`) and LightGBM (kind and number of trees by cross-validation on `train`)
on the same inputs. The tables are for development only, no row of them is kept here; `vle` is
computed from OULAD (Kuzilek, Hlosta and Zdrahal, 2017, CC BY 4.0).

These labels are failed courses, ranks, final results and having sought help: no figure here says
how well anybody's need is recognised. Accuracy is left out on purpose: it is that of the majority.
"""


@dataclass(frozen=True)
class Result:
    """A task with the report of its bundle."""

    name: str
    question: str
    rows: int
    report: Report

    @property
    def judged(self) -> Evaluation:
        return self.report.evaluations[0]


def page(results: Sequence[Result], notes: str) -> str:
    """Return the page in Markdown."""
    return "\n".join([HEAD, summary(results), *(section(one) for one in results), notes])


def summary(results: Sequence[Result]) -> str:
    """Return the network against the better baseline, a line a task."""
    lines = [
        "## In short",
        "",
        "The network's figure less that of the better of the two baselines (the better one *on the",
        "judged part*, so a little harsh). Worse means: the whole interval on the wrong side of 0.",
        "",
        "| task | ROC-AUC | log-loss | verdict |",
        "|---|---|---|---|",
    ]
    for one in results:
        auc, loss = (against_better(one.judged, metric) for metric in ("roc_auc", "log_loss"))
        gaps = f"{_gap(auc.difference)} | {_gap(loss.difference)}"
        lines.append(f"| {one.name} | {gaps} | {verdict(auc, loss)} |")
    return "\n".join([*lines, ""])


def against_better(judged: Evaluation, metric: str) -> Comparison:
    """Return the network less the better of the two baselines, the better by this figure."""
    sign = -1.0 if metric in LESS_IS_BETTER else 1.0
    values = {one.name: getattr(one, metric).value or 0.0 for one in judged.scores}
    best = max(RIVALS, key=lambda name: sign * values[name])
    return next(one for one in judged.comparisons if (one.other, one.metric) == (best, metric))


def verdict(auc: Comparison, loss: Comparison) -> str:
    """Say in words what two paired differences show."""
    if "worse" in {auc.verdict, loss.verdict}:
        return "**worse**"
    if "better" in {auc.verdict, loss.verdict}:
        return "better"
    return "no difference shown"


def section(one: Result) -> str:
    """Return the table of one task."""
    judged = one.judged
    scores = {score.name: score for score in judged.scores}
    question = f"{one.question[0].upper()}{one.question[1:]}."
    rows = f"Learned from {one.rows} rows, judged on {judged.rows}"
    drawn = f"({judged.prevalence.value:.1%} positive), resampled by {unit_of(judged)}."
    lines = [
        f"## {one.name}",
        "",
        f"{question} {rows} {drawn}",
        "",
        "| figure | " + " | ".join(MODELS.values()) + " |",
        "|---|" + "---|" * len(MODELS),
    ]
    for name, title in FIGURES.items():
        cells = (_cell(getattr(scores[model], name)) for model in MODELS)
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", network_line(one.report), ""])


def network_line(report: Report) -> str:
    """Say which network it was and what it gained on rows held out of training."""
    own: dict[str, Any] = {} if report.fitting is None else report.fitting.chosen
    if own["hidden"]:
        what = (
            f"{own['hidden']} {own['activation']} units a member, {own['bins']} bins a number,"
            f" a teacher of {own['teacher_trees_share']:.0%} trees"
        )
    else:
        what = "the hidden part did not earn its place; the linear path alone"
    return (
        f"Network: {what}. Held-out log-loss on `train`: linear {own['linear_loss']:.4f}, trees"
        f" {own['trees_loss']:.4f}, network {own['held_out_loss']:.4f},"
        f" {own['gain_in_standard_errors']:.1f} standard errors below the linear path."
    )


def _cell(metric: Figure) -> str:
    return _told(metric, ".3f", "–")


def _gap(metric: Figure) -> str:
    return _told(metric, "+.3f", " to ")


def _told(metric: Figure, form: str, between: str) -> str:
    """Return a figure with its interval; what cannot be said is a dash."""
    value, low, high = metric.value, metric.low, metric.high
    if value is None:
        return MISSING
    ends = MISSING if low is None or high is None else f"{low:{form}}{between}{high:{form}}"
    return f"{value:{form}} ({ends})"
