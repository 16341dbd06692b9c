"""The card of a table's model: what it is, what it reached, what it is not."""

from shared.bundle.manifest import Metric
from training.bundle.manifest import TableManifest
from training.evaluation.figures import Evaluation
from training.report.fitting import Fitting

FIGURES = {
    "roc_auc": "ROC-AUC",
    "pr_auc": "PR-AUC (average precision)",
    "log_loss": "log-loss",
    "brier": "Brier score",
}
MODELS = {
    "": "network",
    "logistic_": "logistic regression",
    "trees_": "boosted trees",
    "majority_": "majority",
}


def unit_of(judged: Evaluation) -> str:
    """Say what was drawn for the intervals: rows, or the groups that rows stay together in."""
    return "rows" if judged.students == judged.rows else f"{judged.students} groups"


def samples_of(rows: int, fitting: Fitting) -> str:
    """Say who learned from a sample of so many rows; nothing where all learned from all."""
    linear, trees = (int(fitting.chosen.get(f"{one}_rows", rows)) for one in ("linear", "trees"))
    if rows <= min(linear, trees):
        return ""
    return (
        f"Of {rows:,} rows the network learned from all, linear path and logistic regression from "
        f"{linear:,} (a fold), teacher and LightGBM from {trees:,}: samples spread over the file"
    )


def render(manifest: TableManifest, judged: Evaluation, fitting: Fitting) -> str:
    """Return the card in Markdown, from what manifest and report hold alone."""
    chosen = fitting.chosen
    heads = " | ".join(MODELS.values())
    rows = "\n".join(
        f"| {title} | "
        + " | ".join(_cell(manifest.metrics.get(f"{model}{name}")) for model in MODELS)
        + " |"
        for name, title in FIGURES.items()
    )
    sampled = samples_of(manifest.rows, fitting)
    part = f"{chosen['hidden']} {chosen.get('activation', '')} units a member"
    hidden = part if chosen["hidden"] else "none: it did not earn its place over the linear path"
    return f"""# {manifest.title}

- Answers: the probability of `{manifest.label}` = `{manifest.positive}` (against
  `{manifest.negative}`), from {len(manifest.columns)} columns.
- Learned from {manifest.rows} rows, {manifest.prevalence:.1%} of them positive.
  Seed {manifest.seed}.{chr(10) + "- " + sampled + "." if sampled else ""}
- A BP network: a linear path (penalised logistic regression) beside a hidden part ({hidden});
  folds and seeds averaged into one graph, temperature-scaled on rows held out.
- Contributions: integrated gradients of the logit from the typical row, summed by column.
- Judged on {judged.rows} rows that nothing was fitted or chosen on; 95 % intervals from
  resampling {unit_of(judged)}.

| figure | {heads} |
|---|{"---|" * len(MODELS)}
{rows}

Where intervals overlap no model is shown to be better than another. Accuracy never stands alone:
always saying `{manifest.negative}` is right in {1 - manifest.prevalence:.1%} of the rows and
finds nobody.
"""


def _cell(metric: Metric | None) -> str:
    if metric is None:
        return "–"
    return f"{metric.value:.3f} ({metric.low:.3f}-{metric.high:.3f})"
