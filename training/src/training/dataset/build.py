"""From labels and history to the tables of a data set: the use case behind `dataset build`."""

import bisect
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from shared.features.catalogue import CATALOGUE, catalogue_hash
from shared.features.evaluate import FRAME_DAYS
from shared.kernel.errors import ConfigError
from training.dataset.asof import Vector, vectors
from training.dataset.labels import EPOCH, Label, Labels
from training.dataset.leaks import Columns, Finding, check, refused
from training.dataset.splits import PARTS, Part, Split
from training.dataset.store import History, Rows, partitions

FORMAT = 1
ROLES = ("id", "student", "time", "label")
_INDICATORS = [one.id for one in CATALOGUE]
COLUMNS = Columns(
    id="id",
    label="label",
    group="student",
    time="time",
    label_time="label_time",
    shared=frozenset({"exam", "masked", *(f"{name}.coverage" for name in _INDICATORS)}),
)
INPUTS = [
    *_INDICATORS,
    *(f"{name}.usual" for name in _INDICATORS),
    *(f"{name}.coverage" for name in _INDICATORS),
    "masked",
    "exam",
]
Table = dict[str, list[str]]


@dataclass(frozen=True)
class Ask:
    """What is asked for; `days` (campus days) leaves out labels of other days, None takes all.

    The vector of a label is that of the newest kept morning at least `lead` days before the label's
    day, at most `max_age` days older than that.
    """

    labels: Labels
    split: Split = field(default_factory=Split)
    days: Callable[[int], bool] | None = None
    lead: int = 0
    max_age: int = 7
    skip_early: bool = False


@dataclass(frozen=True)
class Built:
    """Tables by part, what became of each label, and what the check found."""

    tables: dict[Part, Table]
    document: dict[str, Any]
    findings: list[Finding]

    @property
    def is_refused(self) -> bool:
        return bool(refused(self.findings))


@dataclass(frozen=True)
class _Asked:
    """One label with the morning whose vector answers it."""

    place: int
    morning: int
    label: Label


def build(rows: Rows, ask: Ask, tell: Callable[[str, int, int], None] = lambda *_: None) -> Built:
    """Make the tables; the same history, labels and seed give the same bytes.

    Raises:
        ConfigError: no history, labels from before it, or nothing left in a part.
    """
    histories = [History(rows, number) for number in partitions(rows)]
    if not histories:
        raise ConfigError("features history", "is empty: no tick of a campus day was kept yet")
    skipped = Counter(ask.labels.skipped)
    asked = _asked(histories, ask, skipped)
    found = list(_answered(histories, asked, skipped, tell))
    days = ask.split.parts_of_days([vector.day for vector, _ in found])
    tables: dict[Part, Table] = {part: _empty() for part in PARTS}
    for vector, label in sorted(found, key=lambda one: (one[0].day, one[0].student)):
        part = ask.split.part_of_student(vector.student)
        if days is not None and days[vector.day] != part:
            skipped["student and morning of different parts"] += 1
            continue
        _add(tables[part], vector, label)
    for part in PARTS:
        if not tables[part]["id"]:
            raise ConfigError("dataset", f"no row is left for {part}; skipped: {dict(skipped)}")
    findings = check({str(part): table for part, table in tables.items()}, COLUMNS)
    return Built(tables, _document(histories, ask, tables, skipped, findings), findings)


def _asked(histories: list[History], ask: Ask, skipped: Counter[str]) -> dict[int, list[_Asked]]:
    """Return by place of the history which mornings answer which labels."""
    where = {
        name: (h, at) for h, one in enumerate(histories) for at, name in enumerate(one.students)
    }
    asked: dict[int, list[_Asked]] = {}
    early = 0
    for label in ask.labels.rows:
        if ask.days is not None and not ask.days(label.day):
            skipped["day not asked for"] += 1
            continue
        if label.student not in where:
            skipped["student without any event"] += 1
            continue
        number, place = where[label.student]
        days, wanted = histories[number].days, label.day - ask.lead
        at = bisect.bisect_right(days, wanted) - 1
        if at < 0:
            early += 1
        elif wanted - days[at] > ask.max_age:
            skipped[f"no morning kept in the {ask.max_age} days before"] += 1
        else:
            asked.setdefault(number, []).append(_Asked(place, days[at], label))
    if early and not ask.skip_early:
        raise ConfigError("labels", _too_early(early, histories))
    skipped["before the history"] += early
    return asked


def _too_early(count: int, histories: list[History]) -> str:
    first = min(one.days[0] for one in histories)
    return (
        f"{count} are from before {_date(first)}, the first morning that was kept: what was known "
        "then cannot be computed; --skip-early leaves them out"
    )


def _answered(
    histories: list[History],
    asked: Mapping[int, list[_Asked]],
    skipped: Counter[str],
    tell: Callable[[str, int, int], None],
) -> Iterator[tuple[Vector, Label]]:
    for done, (number, wanted) in enumerate(sorted(asked.items())):
        tell("vectors", done, len(asked))
        history = histories[number]
        labels: dict[tuple[str, int], list[Label]] = {}
        for one in wanted:
            key = history.students[one.place], one.morning
            labels.setdefault(key, []).append(one.label)
        there = 0
        for vector in vectors(history, {(one.place, one.morning) for one in wanted}):
            for label in labels[vector.student, vector.day]:
                there += 1
                if vector.as_of > label.second:
                    skipped["label from before that morning's tick"] += 1
                else:
                    yield vector, label
        skipped["not enrolled or not yet known that morning"] += len(wanted) - there
    tell("vectors", len(asked), len(asked))


def _empty() -> Table:
    return {name: [] for name in (*ROLES, "label_time", *INPUTS)}


def _add(table: Table, vector: Vector, label: Label) -> None:
    named = {
        "id": f"{vector.student}|{_date(vector.day)}|{label.second}",
        "student": vector.student,
        "time": _moment(vector.as_of),
        "label": str(label.label),
        "label_time": _moment(label.second),
        "masked": str(int(vector.masked is not None)),
        "exam": str(int(vector.exam)),
    }
    for name, cell in named.items():
        table[name].append(cell)
    for name, value, usual, share in zip(
        _INDICATORS, vector.values, vector.usual, vector.coverage, strict=True
    ):
        table[name].append(_cell(value))
        table[f"{name}.usual"].append(_cell(usual))
        table[f"{name}.coverage"].append(_cell(share))


def _document(  # noqa: PLR0917 - one private use
    histories: list[History],
    ask: Ask,
    tables: Mapping[Part, Table],
    skipped: Counter[str],
    findings: list[Finding],
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "catalogue": catalogue_hash(),
        "indicators": _INDICATORS,
        "window_days": FRAME_DAYS,
        "history": {
            "first": _date(min(one.days[0] for one in histories)),
            "last": _date(max(one.days[-1] for one in histories)),
        },
        "labels": {
            "kind": ask.labels.kind,
            "scale": ask.labels.scale,
            "rows": len(ask.labels.rows),
            "lead_days": ask.lead,
            "max_age_days": ask.max_age,
        },
        "parts": {part: _told(tables[part]) for part in PARTS},
        "split": asdict(ask.split),
        "seed": ask.split.seed,
        "skipped": {reason: count for reason, count in sorted(skipped.items()) if count},
        "findings": [asdict(one) for one in findings],
    }


def _told(table: Table) -> dict[str, Any]:
    positive = table["label"].count("1")
    return {
        "rows": len(table["id"]),
        "students": len(set(table["student"])),
        "positives": positive,
        "prevalence": round(positive / len(table["id"]), 6),
        "first": min(table["time"]),
        "last": max(table["time"]),
    }


def write(built: Built, folder: Path) -> None:
    """Write tables and document; a refused data set leaves `dataset.json` alone, with the reasons.

    `label_time` is kept in `index.csv` only, since no model may learn from it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    document = dict(built.document)
    for name in ("train.csv", "valid.csv", "test.csv", "index.csv", "dataset.json"):
        (folder / name).unlink(missing_ok=True)
    if not built.is_refused:
        files = {
            f"{part}.csv": _csv(table, (*ROLES, *INPUTS)) for part, table in built.tables.items()
        }
        files["index.csv"] = _index(built.tables)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        document["files"] = {n: hashlib.sha256(c).hexdigest() for n, c in files.items()}
    encoded = msgspec.json.encode(document, order="sorted")
    (folder / "dataset.json").write_bytes(msgspec.json.format(encoded, indent=2) + b"\n")


def _csv(table: Table, names: tuple[str, ...]) -> bytes:
    lines = [",".join(names)]
    lines += [",".join(row) for row in zip(*(table[name] for name in names), strict=True)]
    return ("\n".join(lines) + "\n").encode()


def _index(tables: Mapping[Part, Table]) -> bytes:
    names = ("id", "student", "time", "label", "label_time")
    parts = [_csv(table, names).decode().splitlines()[1:] for table in tables.values()]
    lines = [f"{part},{line}" for part, rows in zip(tables, parts, strict=True) for line in rows]
    return ("\n".join([",".join(("part", *names)), *lines]) + "\n").encode()


def _cell(value: float | None) -> str:
    return "" if value is None else repr(value)


def _date(day: int) -> str:
    return date.fromordinal(day + EPOCH).isoformat()


def _moment(second: int) -> str:
    return f"{np.datetime64(second, 's')}Z"
