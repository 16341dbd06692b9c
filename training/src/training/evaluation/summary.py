"""The figures of an evaluation that a bundle's manifest carries."""

from shared.bundle.manifest import Metric
from training.evaluation.figures import Evaluation, Figure, Scores

NAMES = ("ppv_at_budget", "recall_at_budget", "pr_auc", "roc_auc", "brier", "log_loss", "ece")


def manifest_metrics(found: Evaluation) -> dict[str, Metric]:
    """Return the network's figures with their intervals; what cannot be said is left out."""
    said = _of(found.scores[0])
    said["alerts_per_10000_a_week"] = found.budget.alerts_per_10000
    return _known(said)


def baseline_metrics(found: Evaluation) -> dict[str, Metric]:
    """Return the figures of all that stands beside the network, such as `logistic_roc_auc`."""
    others = found.scores[1:]
    return _known({f"{one.name}_{name}": f for one in others for name, f in _of(one).items()})


def _of(scores: Scores) -> dict[str, Figure]:
    return {name: getattr(scores, name) for name in NAMES}


def _known(said: dict[str, Figure]) -> dict[str, Metric]:
    return {
        name: Metric(one.value, one.low, one.high)
        for name, one in said.items()
        if one.value is not None and one.low is not None and one.high is not None
    }
