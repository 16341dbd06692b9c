"""Labels: screening outcomes as CSV, case verdicts as alert events, or a simulation's truth."""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from shared.contracts.alert import AlertEvent, Verdict
from shared.kernel.campus_time import campus_day, day_start, parse_utc
from shared.kernel.errors import ConfigError

Kind = Literal["screening", "verdicts", "truth"]
EPOCH = date(1970, 1, 1).toordinal()
_TRUTH = ("student", "day", "state", "label")
_POSITIVE: tuple[Verdict, ...] = ("confirmed_need", "already_in_care")
_NEGATIVE: tuple[Verdict, ...] = ("no_need",)
_LABELS = {"1": 1, "1.0": 1, "true": 1, "yes": 1, "0": 0, "0.0": 0, "false": 0, "no": 0}


@dataclass(frozen=True)
class Label:
    """What became known of a student at a moment (seconds since 1970), on a campus day."""

    student: str
    second: int
    day: int
    label: int


@dataclass(frozen=True)
class Labels:
    """All labels of one source; `scale` names the scale they come from, `skipped` counts why."""

    kind: Kind
    rows: list[Label]
    scale: str | None = None
    skipped: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Reader:
    """Reads labels; `pseudonym` turns a student number into the pseudonym of the events."""

    zone: ZoneInfo
    pseudonym: Callable[[str], str]

    def truth(self, path: Path) -> Labels:
        """Read `truth.csv` of `lantern simulate`: one row a student and day.

        Raises:
            ConfigError: not such a file; names the line.
        """
        rows, names = _table(path)
        if not set(_TRUTH) <= set(names):
            raise ConfigError(path.name, f"is no truth: it has no column {_absent(_TRUTH, names)}")
        return Labels("truth", [self._row(path, line, row, "day") for line, row in rows])

    def screening(self, path: Path) -> Labels:
        """Read outcomes: `student,time,label` and, if known, `scale`; a time may be a date.

        Raises:
            ConfigError: a missing column, a bad cell, two scales; names the line.
        """
        rows, names = _table(path)
        for name in ("student", "time", "label"):
            if name not in names:
                raise ConfigError(path.name, f"has no column {name!r}; there are {names}")
        listed = list(rows)
        scales = {row["scale"].strip() for _, row in listed if row.get("scale", "").strip()}
        if len(scales) > 1:
            raise ConfigError(path.name, f"one label comes from one scale, not from {scales}")
        labels = [self._row(path, line, row, "time") for line, row in listed]
        return Labels("screening", labels, next(iter(scales), None))

    def verdicts(self, path: Path) -> Labels:
        """Read `alerts.events.v1` as JSON lines: verdicts of people, as of the alert's opening.

        `confirmed_need` and `already_in_care` are 1, `no_need` is 0; `data_error` and
        `unreachable` say nothing of the student and are skipped, and so is an alert that the file
        does not open: its label would have a later date.

        Raises:
            ConfigError: a line that is no alert event.
        """
        opened: dict[str, str] = {}
        last: dict[str, AlertEvent] = {}
        for event in _events(path):
            if event.kind == "opened":
                opened.setdefault(event.alert, event.at)
            if event.kind == "resolved" and event.verdict is not None:
                last[event.alert] = event
        skipped: Counter[str] = Counter()
        rows = []
        for alert, event in sorted(last.items()):
            if event.verdict not in {*_POSITIVE, *_NEGATIVE}:
                skipped[f"verdict {event.verdict}"] += 1
            elif alert not in opened:
                skipped["opening not in the file"] += 1
            else:
                second = int(parse_utc(opened[alert]).timestamp())
                label = int(event.verdict in _POSITIVE)
                rows.append(Label(event.student, second, self._day(second), label))
        return Labels("verdicts", rows, None, skipped)

    def _row(self, path: Path, line: int, row: dict[str, str], when: str) -> Label:
        label = _LABELS.get(row["label"].strip().lower())
        if label is None:
            raise ConfigError(f"{path.name} line {line} column 'label'", "is not 0 or 1")
        if not row["student"].strip():
            raise ConfigError(f"{path.name} line {line}", "no student")
        try:
            second, day = self._when(row[when].strip())
        except ValueError:
            raise ConfigError(
                f"{path.name} line {line} column {when!r}", "is neither a date nor a time"
            ) from None
        return Label(self.pseudonym(row["student"].strip()), second, day, label)

    def _when(self, text: str) -> tuple[int, int]:
        """Return second and campus day; a date means the end of that campus day's first hour.

        A morning's vector is made within that hour and knows nothing of the day itself.
        """
        try:
            day = date.fromisoformat(text)
        except ValueError:
            second = int(parse_utc(text).timestamp())
            return second, self._day(second)
        opens = day_start(day, self.zone) + timedelta(hours=1)
        return int(opens.timestamp()), day.toordinal() - EPOCH

    def _day(self, second: int) -> int:
        moment = datetime.fromtimestamp(second, UTC)
        return campus_day(moment, self.zone).toordinal() - EPOCH


def _table(path: Path) -> tuple[Iterator[tuple[int, dict[str, str]]], list[str]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), f"cannot be read: {type(error).__name__}") from None
    reader = csv.DictReader(lines, restval="", restkey="")
    names = list(reader.fieldnames or ())
    return enumerate(reader, start=2), names


def _absent(wanted: Iterable[str], names: list[str]) -> str:
    return next(repr(name) for name in wanted if name not in names)


def _events(path: Path) -> Iterator[AlertEvent]:
    decode = msgspec.json.Decoder(AlertEvent).decode
    with path.open("rb") as file:
        for line, raw in enumerate(file, start=1):
            try:
                yield decode(raw)
            except msgspec.DecodeError as error:
                raise ConfigError(f"{path.name} line {line}", f"no alert event: {error}") from None
