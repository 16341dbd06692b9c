"""The card of the starter bundle: what it is, what it reached, what it must not be used for."""

from shared.bundle.manifest import Metric, Thresholds

NAMES = {
    "roc_auc": "ROC-AUC",
    "pr_auc": "PR-AUC (average precision)",
    "brier": "Brier score",
    "ece": "ECE (ten equal bins)",
    "ppv_at_2_percent": "PPV of the highest 2 %",
    "recall_at_2_percent": "recall at the highest 2 %",
}


def render(
    *,
    model: str,
    catalogue: str,
    students: int,
    vectors: int,
    seed: int,
    prevalence: float,
    thresholds: Thresholds,
    network: dict[str, Metric],
    logistic: dict[str, Metric],
    rates: dict[str, float],
) -> str:
    """Return the card in Markdown."""
    rows = "\n".join(
        f"| {title} | {_cell(network[name])} | {_cell(logistic[name])} |"
        for name, title in NAMES.items()
    )
    levels = "\n".join(
        f"| {level} | {getattr(thresholds, level):.4f} | {rates[level] * 10_000:.0f} |"
        for level in ("blue", "yellow", "orange")
    )
    return f"""# {model}

**This model learned from simulated students only. It has never seen a real person, its figures say
nothing of any real campus, and it exists so that the pipeline runs before a campus has trained a
model of its own. Do not act on its levels.** 本模型只用模拟学生训练,从未见过真实学生,不能用于真实研判。

- What: a BP network (one hidden layer of 16 sigmoid units beside a linear path, temperature-scaled) over the
  indicators of catalogue `{catalogue}`, each as value, deviation from the student's usual value
  and a mark for missing. Contributions are exact integrated gradients from the typical student.
- Data: `simulator`, seed {seed}, {students} students, {vectors} student-weeks. Label: the simulated student is
  worsening or unwell on that day. Early stopping and temperature on other students in later weeks; the figures below
  are of a third group: another simulated campus (seed {seed + 1}).
- Made by `python -m tools.build_starter_bundle`; `--check` rebuilds it and compares. Never edited by hand.

## What it reached on the held-out simulated campus

Prevalence {prevalence:.3f} of student-weeks (so always saying "well" is right {1 - prevalence:.1%} of the time, finds nobody).
95 % intervals from resampling students.

| figure | BP network | logistic regression on the same inputs |
|---|---|---|
{rows}

Where the intervals overlap the network is **not** shown to beat the logistic baseline.

| level | from probability | students of 10,000 at or above it in a week |
|---|---|---|
{levels}

## Signature

Signed by a key that was made for this one build and thrown away: its public part ships as trusted so that this bundle
verifies, and nobody, we included, can sign another one with it. A campus makes its own key
(`lantern model keys new`), signs its own bundles (`lantern model sign`), and points
`LANTERN_SCORING_TRUSTED_KEYS_FILE` to a file without the starter's key.
"""


def _cell(metric: Metric) -> str:
    return f"{metric.value:.3f} ({metric.low:.3f}-{metric.high:.3f})"
