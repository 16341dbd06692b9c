"""A row and a feed description → a CloudEvent, or the reason why there is none. Pure."""

import hashlib
import hmac
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from ingest.domain.mapping_contract import data_fault
from ingest.domain.mapping_description import (
    SUBJECT_PART,
    TIME_PART,
    FeedDescription,
    value_columns,
)
from ingest.domain.mapping_outcome import Mapped, Outcome, Refused, RowRefusedError
from ingest.domain.mapping_time import Moment, time_reader
from ingest.domain.mapping_values import LookupTable, Row, read_value
from shared.kernel.campus_time import format_utc

_ID_CHARACTERS = 32  # 128 bits
_SEPARATOR = "\x1f"


class RowMapper:
    """Maps the rows of one feed.

    `id_key` keys the digest that becomes an event's id: a plain hash of a student number and a
    date could be tried out by anybody who reads the topic.
    """

    def __init__(
        self, description: FeedDescription, lookups: Mapping[str, LookupTable], id_key: bytes
    ) -> None:
        self._description = description
        self._lookups = lookups
        self._mac = hmac.new(id_key, digestmod=hashlib.sha256)
        zone = ZoneInfo(description.zone)
        self._moment = time_reader(description.time, zone, description.precision)

    def map(self, row: Row) -> Outcome:
        """Return the row's event, or why it has none; filters first, then checks."""
        try:
            self._filter(row)
            moment = self._moment(row)
            subject = self._subject(row)
            return Mapped(self._event(row, moment, subject), format_utc(moment.at))
        except RowRefusedError as refusal:
            return Refused(refusal.reason, refusal.column)

    def column_of(self, place: str | None) -> str | None:
        """Return the column behind a place in an event, such as `$.data.amount`."""
        if place is None:
            return None
        name = place.removeprefix("$.").removeprefix("data.")
        if name == "subject":
            return self._description.subject.column
        value = self._description.data.get(name)
        columns = value_columns(value) if value is not None else []
        return columns[0] if columns else None

    def _filter(self, row: Row) -> None:
        for rule in self._description.filters:
            value = row[rule.column]
            if value in rule.drop or (rule.keep and value not in rule.keep):
                raise RowRefusedError(f"filtered:{rule.name}", rule.column)
        for check in self._description.checks:
            if row[check.column] not in check.values:
                raise RowRefusedError("unexpected_value", check.column)

    def _subject(self, row: Row) -> str:
        rule = self._description.subject
        number = row[rule.column]
        if not number:
            raise RowRefusedError("no_subject", rule.column)
        if rule.lookup is not None:
            number = self._lookups[rule.lookup].find(number, rule.column)
        return rule.prefix + number

    def _event(self, row: Row, moment: Moment, subject: str) -> dict[str, object]:
        description = self._description
        read = {n: read_value(rule, row, self._lookups) for n, rule in description.data.items()}
        data: dict[str, object] = {name: value for name, value in read.items() if value is not None}
        fault = data_fault(description.type, data)
        if fault is not None:
            raise RowRefusedError("bad_value", self.column_of(fault[0]))
        return {
            "specversion": "1.0",
            "id": self._id(row, moment, subject),
            "source": description.source,
            "type": description.type,
            "subject": subject,
            "time": format_utc(moment.at),
            "timeprecision": moment.precision,
            "data": data,
        }

    def _id(self, row: Row, moment: Moment, subject: str) -> str:
        special = {TIME_PART: format_utc(moment.at), SUBJECT_PART: subject}
        parts = (special[p] if p in special else row[p] for p in self._description.id)
        mac = self._mac.copy()
        mac.update(_SEPARATOR.join((self._description.feed, *parts)).encode())
        return mac.hexdigest()[:_ID_CHARACTERS]
