"""Lines of the history by which a person has judged an alert."""

from sqlalchemy import ColumnElement

from alerts.tables import history


def is_judgement() -> ColumnElement[bool]:
    """Recognise who resolved an alert, gave a second verdict, or declined to."""
    return history.c.kind.in_(("resolved", "reviewed"))
