"""The card of a vector model: what it is, what it reached, what it must not be used for."""

from typing import TYPE_CHECKING

from shared.bundle.manifest import Manifest
from training.evaluation.figures import Figure, Scores
from training.network.weights import told as told_network
from training.starter.learning import LEVEL_SHARES, Learned

if TYPE_CHECKING:
    from training.starter.writing import Told

FIGURES = {
    "roc_auc": "ROC-AUC",
    "pr_auc": "PR-AUC (average precision)",
    "brier": "Brier score",
    "log_loss": "log-loss",
    "ece": "ECE",
    "ppv_at_budget": "PPV at the alert budget",
    "recall_at_budget": "recall at the alert budget",
}
_SIMULATED = """**This model learned from simulated students only. It has never seen a real person,
its figures say nothing of any real campus, and it exists so that the pipeline runs before a campus
has trained a model of its own. Do not act on its levels.**
本模型只用模拟学生训练,从未见过真实学生,不能用于真实研判。
"""
_WEAK = """- The simulated signs are weak on purpose (about 0.3 standard deviations in two or three
  streams, none in 30 % of the students at risk, the same in 10 % of the healthy ones). The
  simulator and this model are by the same authors: good figures here would prove nothing.
"""
_SIGNATURE = """
## Signature

Signed by a key that was made for this one build and thrown away: its public part ships as trusted
so that this bundle verifies, and nobody, we included, can sign another one with it. A campus makes
its own key (`lantern model keys --new FILE`), signs its own bundles (`lantern model sign`), and
points `LANTERN_SCORING_TRUSTED_KEYS_FILE` to a file without the starter's key.
"""


def render(manifest: Manifest, learned: Learned, told: "Told") -> str:
    """Return the card in Markdown."""
    scores = learned.evaluation.scores
    heads = " | ".join(one.name for one in scores)
    rows = "\n".join(
        f"| {title} | {' | '.join(_cell(getattr(one, name)) for one in scores)} |"
        for name, title in FIGURES.items()
    )
    levels = "\n".join(
        f"| {level} | {getattr(manifest.thresholds, level):.4f} "
        f"| {learned.rates[level] * 10_000:.0f} |"
        for level in LEVEL_SHARES
    )
    terms = "\n".join(f"- {line}" for line in told.terms)
    network = told_network(learned.fitted.weights)
    simulated = told.data == "simulated"
    return f"""# {manifest.model}

{_SIMULATED if simulated else ""}
- What: a BP network ({network}) over the {len(manifest.features)} indicators of
  catalogue `{manifest.catalogue[:16]}…`, each as value, deviation from the student's usual value
  and a mark for missing. Contributions are integrated gradients from the typical student.
{terms}
- Levels were set on a campus of the same term that nothing was learned from, by the share of
  students that can be answered in a week; the figures below are of the judged term alone.
{_WEAK if simulated else ""}- The whole report is `report.html` beside this card, for machines
  `report.json`.

## What it reached on the later term

Prevalence {manifest.prevalence:.3f} of student-weeks: always saying "well" is right
{1 - manifest.prevalence:.1%} of the time and finds nobody. 95 % intervals from resampling students.
The alert budget is {learned.evaluation.budget.share:.1%} of the students a week.

| figure | {heads} |
|---|{"---|" * len(scores)}
{rows}

{_verdict(scores)}

| level | from probability | students of 10,000 at or above it in a week |
|---|---|---|
{levels}
{_SIGNATURE if simulated else ""}"""


def _verdict(scores: tuple[Scores, ...]) -> str:
    """Say whether the network beats the logistic baseline; overlapping intervals show nothing."""
    network = scores[0].roc_auc
    logistic = next((one.roc_auc for one in scores if one.name == "logistic"), None)
    if logistic is None or network.low is None or logistic.high is None:
        return "There is no logistic baseline to compare with."
    if network.low > logistic.high:
        return "The network ranks better than the logistic regression on the same inputs."
    return (
        "The network is **not** shown to beat the logistic regression on the same inputs: their\n"
        "intervals overlap, and its hidden part is kept only as far as it helps students held out."
    )


def _cell(figure: Figure) -> str:
    if figure.value is None or figure.low is None or figure.high is None:
        return "–"
    return f"{figure.value:.3f} ({figure.low:.3f}-{figure.high:.3f})"
