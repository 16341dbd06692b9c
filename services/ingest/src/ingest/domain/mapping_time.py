"""Date pieces to one moment: terms without a year, epoch seconds, written dates, missing clocks.

A moment known to the day only is set to noon local time, which lies inside the campus day of its
date (a campus day begins at 04:00), and says so in its precision.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from ingest.domain.mapping_description import EpochTime, PostedTime, Term, TermTime, TextTime
from ingest.domain.mapping_outcome import RowRefusedError
from shared.contracts.event import Precision

NOON = time(12)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_EPOCH_S = 32_503_680_000  # year 3000
_MMDD = 4
_HHMMSS = 6
Row = Mapping[str, str]
TimeReader = Callable[[Row], "Moment"]


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant in UTC and how precisely it is known."""

    at: datetime
    precision: Precision


def time_reader(
    rule: TermTime | PostedTime | EpochTime | TextTime, zone: ZoneInfo, precision: Precision
) -> TimeReader:
    """Return the function that reads a row's moment; it raises RowRefusedError."""
    match rule:
        case TermTime():
            return lambda row: _term_moment(rule, row, zone, precision)
        case PostedTime():
            return lambda row: _posted_moment(rule, row, zone)
        case EpochTime():
            return lambda row: _epoch_moment(rule, row, precision)
        case TextTime():
            return lambda row: _text_moment(rule, row, zone, precision)
    assert_never(rule)


def _term_moment(rule: TermTime, row: Row, zone: ZoneInfo, precision: Precision) -> Moment:
    term = rule.terms.get(row[rule.term])
    if term is None:
        raise RowRefusedError("unknown_term", rule.term)
    day = day_in_term(row[rule.month_day], term)
    if day is None:
        raise RowRefusedError("bad_date", rule.month_day)
    if not term.start <= day <= term.end:
        raise RowRefusedError("date_outside_term", rule.month_day)
    if rule.clock is None:
        return _known_to_the_day(day, zone)
    clock = clock_of(row[rule.clock])
    if clock is None:
        raise RowRefusedError("bad_clock", rule.clock)
    return Moment(_in_utc(day, clock, zone), precision)


def day_in_term(month_day: str, term: Term) -> date | None:
    """Return the day that an MMDD means in a term, or the nearest such day outside it.

    Spreadsheets drop the leading zero (`901`). None when it is no date.
    """
    digits = month_day.zfill(_MMDD)
    if len(digits) != _MMDD or not (digits.isascii() and digits.isdigit()):
        return None
    for year in (term.start.year, term.end.year):
        try:
            day = date(year, int(digits[:2]), int(digits[2:]))
        except ValueError:
            continue
        if year == term.end.year or day >= term.start:
            return day
    return None


def clock_of(text: str) -> time | None:
    """Return the time of day that HHMMSS (or HMMSS, leading zeros dropped) means."""
    digits = text.zfill(_HHMMSS)
    if not text or len(digits) != _HHMMSS or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        return time(int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    except ValueError:
        return None


def _posted_moment(rule: PostedTime, row: Row, zone: ZoneInfo) -> Moment:
    day = rule.days.get(row[rule.term])
    if day is None:
        raise RowRefusedError("unknown_term", rule.term)
    return _known_to_the_day(day, zone)


def _epoch_moment(rule: EpochTime, row: Row, precision: Precision) -> Moment:
    try:
        seconds = float(row[rule.column]) / (1000 if rule.unit == "ms" else 1)
    except ValueError:
        raise RowRefusedError("bad_time", rule.column) from None
    if not (math.isfinite(seconds) and 0 <= seconds < _MAX_EPOCH_S):
        raise RowRefusedError("bad_time", rule.column)
    return Moment(_EPOCH + timedelta(seconds=int(seconds)), precision)


def _text_moment(rule: TextTime, row: Row, zone: ZoneInfo, precision: Precision) -> Moment:
    text = " ".join(row[column] for column in rule.columns)
    try:
        written = datetime.strptime(text, rule.format)  # noqa: DTZ007 - the zone is the feed's
    except ValueError:
        raise RowRefusedError("bad_time", rule.columns[0]) from None
    if rule.missing_clock is not None and text.rpartition(" ")[2] == rule.missing_clock:
        return _known_to_the_day(written.date(), zone)
    if written.tzinfo is not None:
        return Moment(_checked_utc(written, rule.columns[0]), precision)
    return Moment(_in_utc(written.date(), written.time(), zone), precision)


def _known_to_the_day(day: date, zone: ZoneInfo) -> Moment:
    return Moment(_in_utc(day, NOON, zone), "day")


def _in_utc(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return _checked_utc(datetime.combine(day, clock, tzinfo=zone), None)


def _checked_utc(moment: datetime, column: str | None) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # year 1 or 9999, pushed over the edge by the offset
        raise RowRefusedError("bad_time", column) from None
