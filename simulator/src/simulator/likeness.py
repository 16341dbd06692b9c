"""A two-sample test: whether a plain classifier tells real students from synthetic ones."""

import numpy as np

from simulator.scores import cross_validated_auc
from simulator.table import Floats

NAMES = (
    "events a day",
    "active share",
    "events an active day",
    "weekend share",
    "morning share",
    "noon share",
    "afternoon share",
    "night share",
)
_PARTS = ((5, 10), (10, 14), (14, 21))


def profile(daily: Floats, hours: Floats, *, first_weekday: int = 0) -> Floats:
    """Return one row of `NAMES` a student who has any event.

    `daily` is (students x days) counts from a day with `first_weekday`, `hours` (students x 24).
    """
    used = daily.sum(axis=1) > 0
    daily, hours = daily[used], hours[used]
    active = (daily > 0).sum(axis=1)
    total = daily.sum(axis=1)
    weekend = (np.arange(daily.shape[1]) + first_weekday) % 7 >= 5  # noqa: PLR2004 - Saturday on
    parts = [hours[:, first:last].sum(axis=1) / hours.sum(axis=1) for first, last in _PARTS]
    return np.column_stack(
        [
            np.log(total / daily.shape[1]),
            active / daily.shape[1],
            total / active,
            daily[:, weekend].sum(axis=1) / total,
            *parts,
            1 - sum(parts),
        ]
    )


def distinguishability(real: Floats, synthetic: Floats, *, seed: int = 0) -> float:
    """Return the cross-validated AUC of real against synthetic rows: 0.5 is perfect likeness."""
    rows = np.vstack([real, synthetic])
    return cross_validated_auc(rows, np.arange(len(rows)) < len(real), seed=seed)
