"""The figures of an evaluation that a bundle's manifest carries."""

from shared.bundle.manifest import Metric
from training.evaluation.figures import Evaluation, Figure

NAMES = ("ppv_at_budget", "recall_at_budget", "pr_auc", "roc_auc", "brier", "log_loss", "ece")


def manifest_metrics(found: Evaluation) -> dict[str, Metric]:
    """Return the network's figures with their intervals; what cannot be said is left out."""
    network = found.scores[0]
    said: dict[str, Figure] = {name: getattr(network, name) for name in NAMES}
    said["alerts_per_10000_a_week"] = found.budget.alerts_per_10000
    return {
        name: Metric(one.value, one.low, one.high)
        for name, one in said.items()
        if one.value is not None and one.low is not None and one.high is not None
    }
