"""The academic calendar: terms of 20 weeks and breaks of 6, laid so that the run ends mid-term."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from shared.kernel.campus_time import DAY_STARTS_AT_S, campus_day, day_start
from simulator.config import TERM_CYCLE_WEEKS, CampusConfig

TERM_WEEKS = 20
MIDTERM_WEEK = 9
EXAM_WEEKS = (MIDTERM_WEEK, 19, 20)
# (week of the term, first weekday, days): short public holidays
HOLIDAYS = ((5, 3, 4), (14, 4, 3))
_WEEK_FACTORS = {1: 0.8, 2: 0.93, 18: 0.95, 19: 0.85, 20: 0.6}

EntryKind = Literal["holiday", "exam"]


@dataclass(frozen=True)
class CalendarEntry:
    """A period of the academic calendar, both days included."""

    kind: EntryKind
    title: str
    start: date
    end: date


@dataclass(frozen=True)
class Term:
    """A term with the code that grades carry, such as `2026-1`."""

    code: str
    title: str
    start: date
    end: date

    @property
    def year(self) -> int:
        """Return the calendar year in which the academic year began: the newest intake."""
        return int(self.code[:4])


@dataclass(frozen=True)
class CampusDay:
    """What the calendar says of one campus day; `midnight` is its local midnight in epoch seconds.

    `number` counts from the first day of the run and may be negative; `week` is the week of the
    term cycle from 1 (weeks after the 20th are a break).
    """

    number: int
    date: date
    midnight: int
    weekday: int
    week: int
    holiday: bool
    vacation: bool
    exam: bool

    @property
    def factor(self) -> float:
        """How much of ordinary activity this day sees."""
        if self.vacation:
            return 0.45
        if self.holiday:
            return 0.6
        return _WEEK_FACTORS.get(self.week, 1.0)


class AcademicCalendar:
    """Dates of a run and of everything before and after it."""

    def __init__(self, config: CampusConfig) -> None:
        self._zone = config.zone
        last = campus_day(config.end, config.zone)
        self.first_day = last - timedelta(days=config.days - 1)
        self._anchor = last - timedelta(days=last.weekday()) - timedelta(weeks=config.end_week - 1)

    def day(self, number: int) -> CampusDay:
        """Describe day `number` of the run (0 is its first)."""
        when = self.first_day + timedelta(days=number)
        week = (when - self._anchor).days // 7 % TERM_CYCLE_WEEKS + 1
        vacation = week > TERM_WEEKS
        holiday = any(
            week == at and first <= when.weekday() < first + length
            for at, first, length in HOLIDAYS
        )
        return CampusDay(
            number=number,
            date=when,
            midnight=int(day_start(when, self._zone).timestamp()) - DAY_STARTS_AT_S,
            weekday=when.weekday(),
            week=week,
            holiday=holiday,
            vacation=vacation,
            exam=week in EXAM_WEEKS and not holiday,
        )

    def number_of(self, when: date) -> int:
        return (when - self.first_day).days

    def term(self, offset: int = 0) -> Term:
        """Return the term of the run's end, or one `offset` terms away."""
        start = self._anchor + timedelta(weeks=TERM_CYCLE_WEEKS * offset)
        autumn = 1 if start.month >= 7 else 2  # noqa: PLR2004 - July begins the academic year
        year = start.year if autumn == 1 else start.year - 1
        return Term(
            code=f"{year}-{autumn}",
            title=f"{year}-{year + 1} {'autumn' if autumn == 1 else 'spring'} term",
            start=start,
            end=start + timedelta(weeks=TERM_WEEKS, days=-1),
        )

    def entries(self, first: int = -1, last: int = 1) -> list[CalendarEntry]:
        """Return holidays, breaks and exam weeks of the terms `first` to `last`."""
        return [
            entry for offset in range(first, last + 1) for entry in self._of_term(self.term(offset))
        ]

    def _of_term(self, term: Term) -> list[CalendarEntry]:
        entries = [
            CalendarEntry(
                "holiday",
                f"public holiday, {term.title}",
                start := term.start + timedelta(weeks=week - 1, days=weekday),
                start + timedelta(days=length - 1),
            )
            for week, weekday, length in HOLIDAYS
        ]
        entries += [
            CalendarEntry(
                "exam",
                f"exams, {term.title}",
                start := term.start + timedelta(weeks=week - 1),
                start + timedelta(days=6),
            )
            for week in EXAM_WEEKS
        ]
        entries.append(
            CalendarEntry(
                "holiday",
                f"break after the {term.title}",
                term.end + timedelta(days=1),
                term.start + timedelta(weeks=TERM_CYCLE_WEEKS, days=-1),
            )
        )
        return sorted(entries, key=lambda entry: (entry.start, entry.kind))
