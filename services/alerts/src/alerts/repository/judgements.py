"""Lines of the history by which a person has judged an alert."""

from sqlalchemy import ColumnElement, and_, exists, or_, select

from alerts.tables import alerts, history


def is_judgement() -> ColumnElement[bool]:
    """Recognise who resolved an alert, gave a second verdict, or declined to."""
    return history.c.kind.in_(("resolved", "reviewed"))


def is_judged(*, by: str) -> ColumnElement[bool]:
    """Recognise alerts that have a second verdict, or that one person judged or declined to."""
    has_second = and_(history.c.kind == "reviewed", history.c.verdict.is_not(None))
    by_person = and_(is_judgement(), history.c.actor == by)
    lines = select(history.c.number).where(history.c.alert == alerts.c.id)
    return exists(lines.where(or_(has_second, by_person)))
