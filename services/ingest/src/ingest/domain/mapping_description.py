"""What a feed description says: how a row of a source's file becomes a CloudEvent.

Plain values, validated as they are built; reading YAML (with its line numbers) is `readers`' work.
"""

import codecs
import re
from datetime import UTC, date, datetime
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from ingest.domain.feed import FEED_ID
from ingest.domain.mapping_contract import fields_of, required_fields_of
from shared.contracts.event import EVENT_TYPES, Precision

FEED_PATTERN = FEED_ID
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SAMPLE = datetime(2020, 1, 2, 13, 4, 5, tzinfo=UTC)
TIME_PART = "@time"
SUBJECT_PART = "@subject"
Scalar = bool | int | float | str
Short = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class Described(BaseModel):
    """Base: unknown keys are faults, numbers are welcome where a text is meant (`1: 2012`)."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


def _seconds(value: object) -> object:
    match = (
        re.fullmatch(r"(\d{1,6})\s*([smhdw])", value.strip()) if isinstance(value, str) else None
    )
    return int(match[1]) * _UNITS[match[2]] if match else value


Duration = Annotated[float, BeforeValidator(_seconds), Field(gt=0, le=400 * 86_400)]


class Title(Described):
    """A name in the two languages that people read."""

    zh: Short
    en: Short


class FileShape(Described):
    """How the bytes of a file become rows; `skip` rows come before the header (or the data)."""

    glob: tuple[Short, ...] = Field(min_length=1, max_length=50)
    format: Literal["text", "xlsx"] = "text"
    encoding: str = Field(default="utf-8", max_length=32)
    separator: str = Field(default=",", min_length=1, max_length=1)
    quote: str | None = Field(default='"', min_length=1, max_length=1)
    skip: int = Field(default=0, ge=0, le=1000)
    header: bool = True
    sheet: Short | None = None

    @field_validator("glob", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @field_validator("glob")
    @classmethod
    def _stays_inside(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(g.startswith(("/", "\\")) or ".." in g.split("/") for g in value):
            raise ValueError("a path is relative to the folder and stays inside it")
        return value

    @field_validator("encoding")
    @classmethod
    def _lines_are_visible(cls, value: str) -> str:
        try:
            name = codecs.lookup(value).name
            visible = "1\t,\n".encode(value) == b"1\t,\n" or name == "utf-8-sig"
        except LookupError:
            raise ValueError(f"unknown encoding {value!r}") from None
        if not visible:
            raise ValueError(f"{value!r} is not supported: convert the file to UTF-8 or GBK first")
        return value


class Lookup(Described):
    """A table file in the same folder: `key` column → `value` column.

    `name` stands in the reasons: an absent key is `unknown_<name>`, a key with several values
    `ambiguous_<name>`.
    """

    file: FileShape
    key: Short
    value: Short
    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")


class Subject(Described):
    """Which column names the student; `prefix` keeps two ranges of numbers apart."""

    column: Short
    prefix: str = Field(default="", max_length=40, pattern=r"^[^\x00]*$")
    lookup: Short | None = None


class Term(Described):
    """First and last day of a term; the year of a date without one follows from it."""

    start: date
    end: date

    @model_validator(mode="after")
    def _is_one_year_at_most(self) -> Self:
        if not 0 <= (self.end - self.start).days < 365:  # noqa: PLR2004 - a year
            raise ValueError("a term starts before it ends and lasts less than a year")
        return self


class TermTime(Described):
    """A term's name, MMDD and perhaps HHMMSS; without a clock the precision is the day."""

    kind: Literal["term"]
    term: Short
    month_day: Short
    clock: Short | None = None
    terms: dict[str, Term] = Field(min_length=1, max_length=100)


class PostedTime(Described):
    """One day for all rows of a term, such as the day on which grades are posted."""

    kind: Literal["posted"]
    term: Short
    days: dict[str, date] = Field(min_length=1, max_length=100)


class EpochTime(Described):
    """Seconds (or milliseconds) since 1970 in UTC; a decimal point is tolerated."""

    kind: Literal["epoch"]
    column: Short
    unit: Literal["s", "ms"] = "s"


class TextTime(Described):
    """A written date and time, in one column or in several joined by a space.

    `missing_clock` is how the source writes that it does not know the time of day.
    """

    kind: Literal["text"]
    columns: tuple[Short, ...] = Field(min_length=1, max_length=4)
    format: Short
    missing_clock: Short | None = None

    @field_validator("columns", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @field_validator("format")
    @classmethod
    def _format_reads_what_it_writes(cls, value: str) -> str:
        try:
            datetime.strptime(_SAMPLE.strftime(value), value)  # noqa: DTZ007 - only tried
        except ValueError:
            raise ValueError("not a date format such as %Y/%m/%d %H:%M") from None
        return value


TimeRule = Annotated[TermTime | PostedTime | EpochTime | TextTime, Field(discriminator="kind")]


class Ratio(Described):
    """What a number is divided by: a constant, another column, or what a lookup says of one."""

    constant: float | None = Field(default=None, gt=0)
    column: Short | None = None
    lookup: Short | None = None

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if (self.constant is None) == (self.column is None) or (self.lookup and not self.column):
            raise ValueError("give either `constant` or `column` (with or without `lookup`)")
        return self


class Value(Described):
    """One data field: a constant, or a column perhaps looked up, mapped, converted and scaled."""

    constant: Scalar | None = None
    column: Short | None = None
    lookup: Short | None = None
    map: dict[str, Scalar] | None = None
    kind: Literal["text", "integer", "number", "boolean"] = Field(default="text", alias="as")
    scale: float = 1.0
    divide_by: Ratio | None = None
    optional: bool = False

    @model_validator(mode="after")
    def _says_whence(self) -> Self:
        if (self.constant is None) == (self.column is None):
            raise ValueError("give either `constant` or `column`")
        return self


def _constant(value: object) -> object:
    return {"constant": value} if isinstance(value, bool | int | float | str) else value


class Check(Described):
    """Values that a column may have; any other is refused as `unexpected_value`."""

    column: Short
    values: tuple[str, ...] = Field(min_length=1, max_length=500)


class Filter(Described):
    """Rows that are left out on purpose: counted as rejected, reason `filtered:<name>`."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")
    column: Short
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _drops_or_keeps(self) -> Self:
        if bool(self.drop) == bool(self.keep):
            raise ValueError("give either `drop` or `keep`")
        return self


class FeedDescription(Described):
    """One file feed, from its bytes to its events."""

    feed: str = Field(pattern=FEED_PATTERN)
    title: Title
    owner: Short
    cadence: Duration
    source: Short
    note: str = Field(default="", max_length=2000)
    file: FileShape
    columns: dict[str, int | str] = Field(min_length=1, max_length=200)
    lookups: dict[str, Lookup] = {}
    subject: Subject
    id: tuple[Short, ...] = Field(min_length=1, max_length=50)
    time: TimeRule
    zone: str = Field(default="Asia/Shanghai", max_length=64)
    precision: Precision = "second"
    type: str
    data: dict[str, Annotated[Value, BeforeValidator(_constant)]]
    checks: tuple[Check, ...] = ()
    filters: tuple[Filter, ...] = ()

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"unknown time zone {value!r}") from None
        return value

    @field_validator("columns")
    @classmethod
    def _positions_count_from_one(cls, value: dict[str, int | str]) -> dict[str, int | str]:
        if any(isinstance(where, int) and not 1 <= where <= 1000 for where in value.values()):  # noqa: PLR2004 - a bound
            raise ValueError("a position counts from 1")
        return value

    @field_validator("type")
    @classmethod
    def _type_is_known(cls, value: str) -> str:
        if value not in EVENT_TYPES:
            raise ValueError(f"unknown event type; one of {', '.join(EVENT_TYPES)}")
        return value

    @model_validator(mode="after")
    def _names_what_exists(self) -> Self:
        for place, column in self.column_uses():
            if column not in self.columns:
                raise ValueError(f"{place}: no column {column!r} under `columns`")
        for place, lookup in self._lookup_uses():
            if lookup not in self.lookups:
                raise ValueError(f"{place}: no lookup {lookup!r} under `lookups`")
        unknown = set(self.data) - fields_of(self.type)
        if unknown:
            raise ValueError(f"data: {self.type} has no field {', '.join(sorted(unknown))}")
        missing = required_fields_of(self.type) - set(self.data)
        if missing:
            raise ValueError(f"data: {self.type} needs {', '.join(sorted(missing))}")
        return self

    def column_uses(self) -> list[tuple[str, str]]:
        """Return (place in the description, column name) for every column that a rule reads."""
        uses = [("subject.column", self.subject.column)]
        uses += [("id", part) for part in self.id if not part.startswith("@")]
        uses += [("time", column) for column in time_columns(self.time)]
        uses += [("checks", check.column) for check in self.checks]
        uses += [("filters", rule.column) for rule in self.filters]
        for name, value in self.data.items():
            uses += [(f"data.{name}", column) for column in value_columns(value)]
        return uses

    def _lookup_uses(self) -> list[tuple[str, str]]:
        uses = [("subject.lookup", self.subject.lookup)]
        uses += [(f"data.{name}", value.lookup) for name, value in self.data.items()]
        uses += [(f"data.{n}", v.divide_by.lookup) for n, v in self.data.items() if v.divide_by]
        return [(place, lookup) for place, lookup in uses if lookup]


def time_columns(rule: TermTime | PostedTime | EpochTime | TextTime) -> list[str]:
    """Return the columns that a time rule reads, most telling first."""
    match rule:
        case TermTime():
            return [rule.month_day, rule.term, *([rule.clock] if rule.clock else [])]
        case PostedTime():
            return [rule.term]
        case EpochTime():
            return [rule.column]
        case TextTime():
            return list(rule.columns)


def value_columns(value: Value) -> list[str]:
    """Return the columns that a data field reads."""
    divisor = value.divide_by.column if value.divide_by else None
    return [column for column in (value.column, divisor) if column]


class SkippedFile(Described):
    """A file of the folder that holds no events, and why."""

    file: Short
    reason: Title


class FeedSet(Described):
    """The feeds of one kind of folder; `feeds` are description files beside this one."""

    set: str = Field(pattern=FEED_PATTERN)
    title: Title
    feeds: tuple[Short, ...] = Field(min_length=1, max_length=100)
    skipped: tuple[SkippedFile, ...] = ()
