"""The page of results: a table a task, and whether the network is worse than it may be."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.bundle.manifest import Metric
from training.run import Trained

MODELS = {
    "network": "network",
    "logistic": "logistic regression",
    "trees": "LightGBM",
    "majority": "majority",
}
FIGURES = {"roc_auc": "ROC-AUC", "pr_auc": "PR-AUC", "log_loss": "log-loss", "brier": "Brier"}
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
    """A task with what came out."""

    name: str
    question: str
    rows: int
    trained: Trained


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
        gaps = one.trained.judged.differences
        auc, loss = gaps["roc_auc"][1], gaps["log_loss"][1]
        lines.append(f"| {one.name} | {_gap(auc)} | {_gap(loss)} | {verdict(auc, loss)} |")
    return "\n".join([*lines, ""])


def verdict(auc: Metric, loss: Metric) -> str:
    """Say in words what two paired differences show."""
    if auc.high < 0 or loss.low > 0:
        return "**worse**"
    if auc.low > 0 or loss.high < 0:
        return "better"
    return "no difference shown"


def section(one: Result) -> str:
    """Return the table of one task."""
    valid = one.trained.report["valid"]
    models = [name for name in MODELS if name in one.trained.judged.figures]
    question = f"{one.question[0].upper()}{one.question[1:]}."
    rows = f"Learned from {one.rows} rows, judged on {valid['rows']}"
    judged = f"({valid['prevalence']:.1%} positive), resampled by {valid['unit']}."
    lines = [
        f"## {one.name}",
        "",
        f"{question} {rows} {judged}",
        "",
        "| figure | " + " | ".join(MODELS[name] for name in models) + " |",
        "|---|" + "---|" * len(models),
    ]
    for name, title in FIGURES.items():
        cells = (_cell(one.trained.judged.figures[model][name]) for model in models)
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", network_line(one.trained), ""])


def network_line(trained: Trained) -> str:
    """Say which network it was and what it gained on rows held out of training."""
    own = trained.report["chosen"]
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


def _cell(metric: Metric) -> str:
    return f"{metric.value:.3f} ({metric.low:.3f}–{metric.high:.3f})"


def _gap(metric: Metric) -> str:
    return f"{metric.value:+.3f} ({metric.low:+.3f} to {metric.high:+.3f})"
