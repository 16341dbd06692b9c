"""The one door: `evaluate` a model's probabilities, beside the majority and other baselines."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from training.evaluation import budget as working_point
from training.evaluation.calibration import curve
from training.evaluation.decision import points
from training.evaluation.figures import AtBudget, DataKind, Evaluation, Figure, Scores
from training.evaluation.groups import ScoredRows, column
from training.evaluation.headline import Trial, comparisons, trial
from training.evaluation.levels import levels
from training.evaluation.missing import Inputs, missing_inputs
from training.evaluation.prevalence import at_prevalences, claims
from training.evaluation.resampling import CONFIDENCE, Resampler, figure, replicates_for
from training.evaluation.sample import Floats, Groups, Sample, columns_of, probability_of, sample_of
from training.evaluation.thinning import SAMPLED, chosen_rows, groups_at

NETWORK, MAJORITY, LOGISTIC = "network", "majority", "logistic"
RECOVERED = 0.95  # ROC-AUC on simulated data above which a model has found the simulator
FEW_CASES = 30  # students with need below which every figure of them is a guess
PER = 10_000.0


def evaluate(  # noqa: PLR0913 - one door; all but three are named and optional
    y_true: ArrayLike,
    probability: ArrayLike,
    students: ArrayLike,
    *,
    weeks: ArrayLike | None = None,
    groups: Groups = None,
    seed: int = 0,
    name: str = "test",
    baselines: Mapping[str, ArrayLike] | None = None,
    thresholds: Mapping[str, float] | None = None,
    inputs: Inputs | None = None,
    data: DataKind = "campus",
    prior: float | None = None,
    budget: float = working_point.SHARE,
    replicates: int | None = None,
) -> Evaluation:
    """Return what a model is worth on `[n]` student-weeks; see the package for the arguments.

    `budget` is the share of students a week that counsellors can answer; `prior` the majority
    baseline's constant (the prevalence in training; without it that of these rows). `replicates`
    of the bootstrap: 1,000, fewer for more than 20,000 rows. More than 500,000 rows are judged on
    a sample of whole students, which the notes say.

    Raises:
        ValueError: rows, probabilities, groups or inputs that do not fit each other.
    """
    sample = sample_of(y_true, students, weeks)
    rows = chosen_rows(sample, seed)
    if rows is not None:
        part = evaluate(
            np.asarray(y_true)[rows],
            np.asarray(probability)[rows],
            sample.student[rows],
            weeks=sample.week[rows],
            groups=groups_at(groups, rows),
            seed=seed,
            name=name,
            baselines={k: np.asarray(p)[rows] for k, p in (baselines or {}).items()},
            thresholds=thresholds,
            inputs=None if inputs is None else (inputs[0], np.asarray(inputs[1])[rows]),
            data=data,
            prior=float(sample.truth.mean()) if prior is None else prior,
            budget=budget,
            replicates=replicates,
        )
        return replace(part, notes=(*part.notes, SAMPLED))
    constant = float(sample.truth.mean()) if prior is None else prior
    predictors = {
        NETWORK: probability_of(probability, sample.rows, NETWORK),
        MAJORITY: np.full(sample.rows, constant),
    } | {k: probability_of(p, sample.rows, k) for k, p in (baselines or {}).items()}
    network = predictors[NETWORK]
    draws = replicates_for(sample.rows, replicates)
    resampler = Resampler(sample.student, sample.students, seed, draws)
    trials = {
        k: trial(k, sample, p, share=budget, resampler=resampler) for k, p in predictors.items()
    }
    alert = working_point.alerted(sample, network, budget)
    scored = ScoredRows(sample, network, alert, resampler)
    scores = tuple(one.scores() for one in trials.values())
    measured = trials[NETWORK].draws
    return Evaluation(
        name=name,
        data=data,
        rows=sample.rows,
        students=sample.students,
        weeks=sample.weeks,
        positive_rows=int(sample.truth.sum()),
        positive_students=_cases(sample),
        prevalence=_prevalence(sample, measured["prevalence"]),
        budget=_at_budget(sample, network, alert, share=budget, trial_of=trials[NETWORK]),
        scores=scores,
        comparisons=comparisons(trials),
        levels=levels(sample, network, thresholds or {}, resampler),
        calibration=curve(sample, network, resampler),
        decision=points(sample, predictors, resampler),
        prevalences=at_prevalences(measured["recall_at_budget"], measured["specificity"]),
        claims=claims(),
        groups=tuple(column(scored, k, v) for k, v in columns_of(groups, sample.rows).items()),
        missing=() if inputs is None else missing_inputs(inputs, sample, resampler),
        notes=_notes(sample, scores, data),
        seed=seed,
        replicates=draws,
        confidence=CONFIDENCE,
    )


def _cases(sample: Sample) -> int:
    return len(np.unique(sample.student[sample.truth > 0]))


def _prevalence(sample: Sample, draws: Floats) -> Figure:
    return figure(draws[0], draws[1:], share_of=sample.students)


def _at_budget(
    sample: Sample, probability: Floats, alert: Floats, *, share: float, trial_of: Trial
) -> AtBudget:
    scores, draws = trial_of.scores(), trial_of.draws
    per = PER * draws["alerts"] * sample.rows / sample.student_weeks
    return AtBudget(
        share=share,
        cut=working_point.cut_of(probability, alert),
        alerts=float(alert.sum()),
        alerts_per_10000=figure(per[0], per[1:]),
        ppv=scores.ppv_at_budget,
        recall=scores.recall_at_budget,
        specificity=figure(draws["specificity"][0], draws["specificity"][1:]),
    )


def _notes(sample: Sample, scores: tuple[Scores, ...], data: DataKind) -> tuple[str, ...]:
    """Return the codes of what has to be said beside the figures."""
    auc = scores[0].roc_auc.value
    cases = _cases(sample)
    said = {
        "one_class_only": auc is None,
        "few_cases": 0 < cases < FEW_CASES,
        "recovers_its_own_generator": data == "simulated" and (auc or 0.0) > RECOVERED,
        "simulated": data == "simulated",
        "no_logistic_baseline": all(one.name != LOGISTIC for one in scores),
        "one_week_only": sample.weeks == 1,
    }
    return tuple(code for code, holds in said.items() if holds)
