"""Figures by college, intake year, gender: who is found, who is missed, who is scored in vain.

Alerts are those of the whole sample's budget, so a group's alerts say how much of it the group
takes. Differences are the largest minus the smallest, ratios the smallest through the largest, over
the groups that are shown (as fairlearn's MetricFrame: `difference` and `ratio` between groups);
rows of no known group stand apart. The largest of several noisy figures less the smallest is above
zero by chance alone: read the interval.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from training.evaluation.figures import NOTHING, Figure, Gap, GroupColumn, GroupRow
from training.evaluation.ranking import drawn_areas
from training.evaluation.resampling import Resampler, figure, ratio
from training.evaluation.sample import NOT_GIVEN, Bools, Floats, Sample
from training.evaluation.small_cells import hidden

ALERTS = "alerts_per_10000"
CASE_FIGURES = ("prevalence", "ppv", "recall", "false_positive_rate", "said_minus_came")
PER = 10_000.0
Draws = dict[str, Floats]
"""Name of a figure -> the value, then its draws."""


@dataclass(frozen=True)
class ScoredRows:
    """Rows with the network's probability and each row's alert weight at the budget."""

    sample: Sample
    probability: Floats
    alert: Floats
    resampler: Resampler


def column(scored: ScoredRows, name: str, group_of: NDArray[np.str_]) -> GroupColumn:
    """Return all groups of one kind, and the gaps between those that are shown."""
    members = {str(group): group_of == group for group in np.unique(group_of)}
    sizes = {group: _students(scored.sample, rows) for group, rows in members.items()}
    need = scored.sample.truth > 0
    cases = {g: _students(scored.sample, rows & need) for g, rows in members.items()}
    others = {g: sizes[g] - cases[g] for g in members}
    all_hidden = hidden(sizes)
    cases_hidden = hidden(cases, others, already=all_hidden)
    shown = {g: rows for g, rows in members.items() if g not in all_hidden}
    draws = _draws(scored, shown)
    rows_of = tuple(
        _hidden_row(group)
        if group in all_hidden
        else _row(scored, group, rows, draws[group], cases_shown=group not in cases_hidden)
        for group, rows in members.items()
    )
    known = {g: one for g, one in draws.items() if g != NOT_GIVEN}
    with_cases = {g: one for g, one in known.items() if g not in cases_hidden}
    gaps = (_gap(ALERTS, known), *(_gap(metric, with_cases) for metric in CASE_FIGURES))
    return GroupColumn(name, rows_of, gaps)


def _students(sample: Sample, rows: Bools) -> int:
    return len(np.unique(sample.student[rows]))


def _draws(scored: ScoredRows, members: dict[str, Bools]) -> dict[str, Draws]:
    """Return the figures of each group, the value first; one pass over all draws."""
    if not members:
        return {}
    truth, alert = scored.sample.truth, scored.alert
    parts = np.stack([np.ones_like(truth), truth, alert, alert * truth, scored.probability], axis=1)
    columns = np.concatenate([parts * rows[:, None] for rows in members.values()], axis=1)
    totals = np.vstack([columns.sum(axis=0), scored.resampler.sums(columns)])
    each = totals.reshape(len(totals), len(members), -1)
    return {group: _figures(each[:, place]) for place, group in enumerate(members)}


def _figures(totals: Floats) -> Draws:
    rows, need, alerts, right, said = totals.T
    return {
        ALERTS: PER * ratio(alerts, rows),
        "prevalence": ratio(need, rows),
        "ppv": ratio(right, alerts),
        "recall": ratio(right, need),
        "false_positive_rate": ratio(alerts - right, rows - need),
        "said_minus_came": ratio(said, rows) - ratio(need, rows),
    }


def _row(
    scored: ScoredRows, group: str, rows: Bools, draws: Draws, *, cases_shown: bool
) -> GroupRow:
    sample, need = scored.sample, scored.sample.truth > 0
    behind = {
        "ppv": _students(sample, rows & (scored.alert > 0)),
        "recall": _students(sample, rows & need),
        "false_positive_rate": _students(sample, rows & ~need),
    }

    def told(name: str) -> Figure:
        if name != ALERTS and not cases_shown:
            return NOTHING
        return figure(draws[name][0], draws[name][1:], share_of=behind.get(name))

    return GroupRow(
        group=group,
        suppressed="no" if cases_shown else "cases",
        students=_students(scored.sample, rows),
        rows=int(rows.sum()),
        prevalence=told("prevalence"),
        roc_auc=_auc(scored, rows) if cases_shown else NOTHING,
        ppv=told("ppv"),
        recall=told("recall"),
        false_positive_rate=told("false_positive_rate"),
        alerts_per_10000=told(ALERTS),
        said_minus_came=told("said_minus_came"),
    )


def _hidden_row(group: str) -> GroupRow:
    suppressed: Literal["all"] = "all"
    return GroupRow(group, suppressed, None, None, *[NOTHING] * 7)


def _auc(scored: ScoredRows, members: Bools) -> Figure:
    rows = np.flatnonzero(members)
    drawn = drawn_areas(scored.sample.truth, scored.probability, scored.resampler, rows)
    return figure(drawn[0, 0], drawn[1:, 0])


def _gap(metric: str, draws: dict[str, Draws]) -> Gap:
    names = list(draws)
    if len(names) < 2:  # noqa: PLR2004 - a gap is between two
        return Gap(metric, None, None, NOTHING, NOTHING)
    table = np.stack([draws[name][metric] for name in names], axis=1)
    known = np.isfinite(table)
    high = np.where(known, table, -np.inf).max(axis=1)
    low = np.where(known, table, np.inf).min(axis=1)
    enough = known.sum(axis=1) >= 2  # noqa: PLR2004 - a gap is between two
    if not enough[0]:
        return Gap(metric, None, None, NOTHING, NOTHING)
    difference = np.where(enough, high - low, np.nan)
    quotient = np.where(enough & (low >= 0), ratio(low, high), np.nan)
    return Gap(
        metric,
        names[int(np.where(known[0], table[0], -np.inf).argmax())],
        names[int(np.where(known[0], table[0], np.inf).argmin())],
        figure(difference[0], difference[1:]),
        figure(quotient[0], quotient[1:]),
    )
