"""`report.json` and its schema."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from training.report.context import Context, Words
from training.report.document import from_json, report_of, schema, to_json
from training.report.fitting import Checks, Fitting

SCHEMA = Path("docs/api/report.schema.json")


def test_reads_back_what_it_wrote(evaluation: Any, context: Context) -> None:
    """Encoding and decoding is the identity, and the same report gives the same bytes."""
    report = report_of([evaluation, evaluation], context)
    assert from_json(to_json(report)) == report
    assert to_json(report) == to_json(report_of([evaluation, evaluation], context))


def test_fits_its_published_schema(evaluation: Any, context: Context) -> None:
    """The schema in the documents is the code's, and a report fits it."""
    published = json.loads(SCHEMA.read_bytes())
    assert published == json.loads(schema()), f"run: python -m training.report > {SCHEMA}"
    jsonschema_rs.validator_for(published).validate(
        json.loads(to_json(report_of([evaluation], context)))
    )


def test_prevalence_comes_first(evaluation: Any, context: Context) -> None:
    """The first sentence is the base rate, in both languages."""
    first = report_of([evaluation], context).in_short[0][0].text
    assert "First the base rate" in first.en
    assert "先看基数" in first.zh


def test_says_that_data_are_simulated_and_the_network_no_better(
    evaluation: Any, context: Context
) -> None:
    """What must not be overlooked is among the sentences."""
    said = [one.text.en for one in report_of([evaluation], context).in_short[0]]
    assert "The data are simulated." in said
    assert any("does not beat logistic regression" in text for text in said)
    assert any("no alert does not mean no need" in text for text in said)


@pytest.mark.parametrize("data", ["simulated", "campus", "table"])
def test_what_it_does_not_know_is_never_empty(evaluation: Any, data: Any) -> None:
    """Every kind of data has its limits, and the model's own come with them."""
    own = Words("甲", "own")
    context = Context(title=Words("题", "title"), model="m", data=data, limits=(own,))
    unknown = report_of([evaluation], context).unknown
    assert len(unknown) >= 2
    assert unknown[-1] == own


def test_a_report_of_nothing_is_refused(context: Context) -> None:
    """Without an evaluation there is nothing to report."""
    with pytest.raises(ValueError, match="at least one"):
        report_of([], context)


def test_what_training_found_is_said_after_the_base_rate(evaluation: Any, context: Context) -> None:
    """Rows on both sides are a warning with their number; where nothing was found nothing is."""
    fitting = Fitting({"hidden": 0}, (), Checks(equal_rows=1200))
    report = report_of([evaluation], context, fitting)
    assert from_json(to_json(report)) == report
    last = report.in_short[0][-1]
    assert last.tone == "warning"
    assert "1,200 rows of the judged part have the very inputs" in last.text.en
    assert "1,200" in last.text.zh
    clean = report_of([evaluation], context, Fitting({"hidden": 0}, (), Checks()))
    assert clean.in_short == report_of([evaluation], context).in_short
