"""Descriptions refuse what could not work, before any row is read."""

from typing import Any

import pytest
from pydantic import ValidationError
from tests.helpers.feed_descriptions import a_description, described

from ingest.domain.mapping_description import FeedDescription


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"type": "lantern.card.swiped.v9"}, "unknown event type"),
        ({"zone": "Mars/Olympus"}, "unknown time zone"),
        ({"subject": {"column": "nobody"}}, "no column 'nobody'"),
        ({"id": ["nothing"]}, "no column 'nothing'"),
        ({"subject": {"column": "student", "lookup": "cards"}}, "no lookup 'cards'"),
        ({"data": {"merchant": "meal"}}, "needs amount"),
        ({"data": {"merchant": "meal", "amount": 1, "price": 1}}, "has no field price"),
        ({"file": {"glob": "../x"}}, "stays inside"),
        ({"file": {"glob": "x", "encoding": "utf-16"}}, "not supported"),
        ({"file": {"glob": "x", "encoding": "klingon"}}, "unknown encoding"),
        ({"columns": {"student": 0}}, "counts from 1"),
        ({"colums": {}}, "Extra inputs"),
        ({"time": {"kind": "text", "columns": "day", "format": "%Q"}}, "not a date format"),
        ({"filters": [{"name": "f", "column": "day"}]}, "either `drop` or `keep`"),
        ({"feed": "Bad Name"}, "pattern"),
    ],
)
def test_what_cannot_work_is_told(changes: dict[str, Any], words: str) -> None:
    """Each mistake is told in words that name it."""
    with pytest.raises(ValidationError, match=words):
        FeedDescription.model_validate(described(**changes))


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("5m", 300), ("12h", 43_200), ("1d", 86_400), (90, 90)]
)
def test_a_cadence_is_written_with_its_unit(text: object, seconds: float) -> None:
    """`1d` is a day."""
    assert a_description(cadence=text).cadence == seconds


def test_a_description_survives_being_sent() -> None:
    """A description as JSON is the same description again."""
    description = a_description()
    document = description.model_dump(mode="json", by_alias=True)
    assert FeedDescription.model_validate(document) == description
