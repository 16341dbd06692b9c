"""A second verdict on a resolved alert."""

from dataclasses import replace
from typing import get_args

import pytest
from tests.helpers.alerts import day

from alerts.domain.persons import Action
from alerts.domain.review import Reviewable, review
from shared.contracts.alert import Verdict
from shared.kernel.errors import ConflictError

ALERT = Reviewable(
    id="alert_1", student="s1", status="resolved", level="orange", verdict="confirmed_need",
    sequence=4, resolver="person_1", judges=frozenset({"person_1", "person_3"}),
)  # fmt: skip
ACTION = Action("action_1", day(5), "person_2", "school", "00-trace")


@pytest.mark.parametrize("verdict", get_args(Verdict))
def test_another_persons_verdict_is_a_line_of_the_history(verdict: Verdict) -> None:
    """It keeps the alert's level, says who and why, and is of a kind of its own."""
    entry = review(ALERT, ACTION, verdict)
    assert (entry.kind, entry.reason, entry.verdict) == ("reviewed", "reviewed", verdict)
    assert (entry.alert, entry.student, entry.sequence, entry.level) == (
        "alert_1", "s1", 5, "orange",
    )  # fmt: skip
    assert (entry.actor, entry.tier, entry.at, entry.evidence, entry.traceparent) == (
        "person_2", "school", day(5), "action_1", "00-trace",
    )  # fmt: skip
    assert (entry.track, entry.effect, entry.track_level) == ("person", "action", "none")


def test_who_declines_leaves_a_line_without_a_verdict() -> None:
    """That the others' were shown stands in the history, with its own reason."""
    entry = review(ALERT, ACTION, None)
    assert (entry.kind, entry.reason, entry.verdict) == ("reviewed", "review_declined", None)


@pytest.mark.parametrize(
    ("alert", "actor", "code"),
    [
        (replace(ALERT, status="open", verdict=None, resolver=None), "person_2", "alert_open"),
        (replace(ALERT, status="acknowledged", resolver=None), "person_2", "alert_open"),
        (replace(ALERT, verdict=None, resolver=None), "person_2", "no_first_verdict"),
        (ALERT, "person_1", "own_verdict"),
        (ALERT, "person_3", "already_reviewed"),
    ],
)
@pytest.mark.parametrize("verdict", ["no_need", None])
def test_what_cannot_be_reviewed_says_why(
    alert: Reviewable, actor: str, code: str, verdict: Verdict | None
) -> None:
    """Open, ended by itself, one's own, judged before: each refusal has a stable code."""
    with pytest.raises(ConflictError) as refused:
        review(alert, replace(ACTION, actor=actor), verdict)
    assert refused.value.code == code
