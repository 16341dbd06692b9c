"""The card of the starter bundle: what it is, what it reached, what it must not be used for."""

from shared.bundle.manifest import Manifest, Metric

NAMES = {
    "roc_auc": "ROC-AUC",
    "pr_auc": "PR-AUC (average precision)",
    "brier": "Brier score",
    "ece": "ECE (ten equal bins)",
    "ppv_at_2_percent": "PPV of the highest 2 %",
    "recall_at_2_percent": "recall at the highest 2 %",
}


def render(
    manifest: Manifest,
    network: dict[str, Metric],
    logistic: dict[str, Metric],
    rates: dict[str, float],
) -> str:
    """Return the card in Markdown; the manifest's files are not looked at."""
    rows = "\n".join(
        f"| {title} | {_cell(network[name])} | {_cell(logistic[name])} |"
        for name, title in NAMES.items()
    )
    levels = "\n".join(
        f"| {level} | {getattr(manifest.thresholds, level):.4f} | {rates[level] * 10_000:.0f} |"
        for level in ("blue", "yellow", "orange")
    )
    return f"""# {manifest.model}

**This model learned from simulated students only. It has never seen a real person, its figures say
nothing of any real campus, and it exists so that the pipeline runs before a campus has trained a
model of its own. Do not act on its levels.**
本模型只用模拟学生训练,从未见过真实学生,不能用于真实研判。

- What: a BP network (16 sigmoid units beside a linear path, temperature-scaled) over the
  {len(manifest.features)} indicators of catalogue `{manifest.catalogue[:16]}…`, each as value,
  deviation from the student's usual value and a mark for missing. Contributions are exact
  integrated gradients from the typical student.
- Data: `simulator`, seed {manifest.seed}, {manifest.data.students} students,
  {manifest.data.vectors} student-weeks. Label: the simulated student is worsening or unwell on that
  day. Early stopping and temperature on other students in later weeks; the figures below are of a
  third group, another simulated campus (seed {manifest.seed + 1}).
- The simulated signs are weak on purpose (about 0.3 standard deviations in two or three streams,
  none in 30 % of the students at risk, the same in 10 % of the healthy ones). The simulator and
  this model are by the same authors: good figures here would prove nothing.
- Made by `python -m tools.build_starter_bundle`; `--check` rebuilds it and compares. Never edited
  by hand.

## What it reached on the held-out simulated campus

Prevalence {manifest.prevalence:.3f} of student-weeks: always saying "well" is right
{1 - manifest.prevalence:.1%} of the time and finds nobody. 95 % intervals from resampling students.

| figure | BP network | logistic regression on the same inputs |
|---|---|---|
{rows}

Where the intervals overlap the network is **not** shown to beat the logistic baseline: here it
does not, since its hidden layer is kept only as far as it helps other students.

| level | from probability | students of 10,000 at or above it in a week |
|---|---|---|
{levels}

## Signature

Signed by a key that was made for this one build and thrown away: its public part ships as trusted
so that this bundle verifies, and nobody, we included, can sign another one with it. A campus makes
its own key (`lantern model keys --new FILE`), signs its own bundles (`lantern model sign`), and
points `LANTERN_SCORING_TRUSTED_KEYS_FILE` to a file without the starter's key.
"""


def _cell(metric: Metric) -> str:
    return f"{metric.value:.3f} ({metric.low:.3f}-{metric.high:.3f})"
