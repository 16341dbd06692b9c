"""Look for what lets a label leak into a table. Pure: columns of text in, findings out.

Refused: items of the scale that the label comes from, evidence from after the label, a student on
two sides, duplicate rows, a column that settles the label alone, figures of the whole cohort.
Reported only: what may be honest, such as a column that nearly settles the label.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from training.dataset import leak_numbers as numbers
from training.dataset.scales import items_of

Table = Mapping[str, Sequence[str]]
Severity = Literal["refused", "reported"]
MOST_NAMED = 20
NEARLY = 0.95  # area under the curve of one column alone
_CHANCE = 0.01  # expected coincidences below which equal rows are no coincidence


@dataclass(frozen=True)
class Columns:
    """What the columns of a table are; `scale` is the scale that the label comes from.

    `group` holds the student where `id` names a row; `time` the moment of the evidence,
    `label_time` that of the label. `allowed` columns are not judged,
    `shared` ones may be the same for everybody at a time.
    """

    id: str
    label: str
    group: str | None = None
    time: str | None = None
    label_time: str | None = None
    scale: str | None = None
    allowed: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()

    @property
    def roles(self) -> frozenset[str]:
        named = (self.id, self.label, self.group, self.time, self.label_time)
        return frozenset(name for name in named if name is not None)

    def inputs(self, table: Table) -> list[str]:
        """Return the columns that a model would learn from."""
        return [name for name in table if name not in self.roles and name not in self.allowed]


@dataclass(frozen=True)
class Finding:
    """One thing found: a stable rule name, the columns or rows (at most 20) it concerns."""

    rule: str
    severity: Severity
    part: str
    columns: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    count: int = 0
    detail: str = ""


def check(parts: Mapping[str, Table], columns: Columns) -> list[Finding]:
    """Return what was found in one table or in the parts of a split, refused first."""
    found: list[Finding] = []
    for name, table in parts.items():
        found += _items(name, table, columns)
        found += _after_label(name, table, columns)
        found += _duplicates(name, table, columns)
        found += _whole_cohort(name, table, columns)
        found += _alone(name, table, columns)
    found += _on_two_sides(parts, columns)
    return sorted(found, key=lambda one: one.severity != "refused")


def refused(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings for which a table must not be used."""
    return [one for one in findings if one.severity == "refused"]


def _items(part: str, table: Table, columns: Columns) -> list[Finding]:
    named = items_of(columns.label, columns.scale, columns.inputs(table))
    if not named:
        return []
    detail = "answers or scores of the scale that the label comes from"
    return [Finding("item_of_label_scale", "refused", part, tuple(named), detail=detail)]


def _after_label(part: str, table: Table, columns: Columns) -> list[Finding]:
    if columns.label_time is None:
        return []
    labels = [moment(cell) for cell in table[columns.label_time]]
    found = []
    own = [] if columns.time is None else [columns.time]
    for name in [*own, *columns.inputs(table)]:
        cells = table[name]
        times = [moment(cell) for cell in cells]
        if any(t is None and cell for t, cell in zip(times, cells, strict=True)):
            continue  # not a column of times
        late = [
            row
            for row, t, limit in zip(table[columns.id], times, labels, strict=True)
            if t is not None and limit is not None and t > limit
        ]
        if late:
            detail = f"{name} is later than {columns.label_time}"
            found.append(_rows("after_label", part, (name,), late, detail))
    return found


def _duplicates(part: str, table: Table, columns: Columns) -> list[Finding]:
    ids = table[columns.id]
    keys = list(zip(ids, table[columns.time], strict=True)) if columns.time else list(ids)
    found = []
    if twice := _repeated(keys, ids):
        what = "the same id" + (f" and {columns.time}" if columns.time else "") + " twice"
        found.append(_rows("duplicate_rows", part, (), twice, what))
    inputs = columns.inputs(table)
    others = [name for name in table if name != columns.id]
    equal = list(zip(*(table[name] for name in others), strict=True))
    known = [any(cells) for cells in zip(*(table[name] for name in inputs), strict=True)]
    same = _repeated([row if k else None for row, k in zip(equal, known, strict=True)], ids)
    if same:
        expected = numbers.coincidences([table[name] for name in others])
        refuses = columns.group is not None or expected < _CHANCE
        found.append(
            Finding(
                "duplicate_rows",
                "refused" if refuses else "reported",
                part,
                (),
                tuple(same[:MOST_NAMED]),
                len(same),
                "equal in every column but the id"
                + ("" if refuses else f"; {expected:.1f} such pairs are expected by chance"),
            )
        )
    return found


def _whole_cohort(part: str, table: Table, columns: Columns) -> list[Finding]:
    found = []
    rules: tuple[tuple[str, Callable[[Sequence[str]], bool]], ...] = (
        ("standardised over all rows of the file", numbers.is_standardised),
        ("a rank among all rows of the file", numbers.is_rank),
    )
    for detail, rule in rules:
        named = [name for name in columns.inputs(table) if rule(table[name])]
        if named:
            found.append(Finding("whole_cohort", "refused", part, tuple(named), detail=detail))
    if columns.time is not None:
        times = table[columns.time]
        names = [name for name in columns.inputs(table) if name not in columns.shared]
        named = [name for name in names if numbers.is_shared(table[name], times)]
        if named:
            detail = (
                "the same for everybody at each time: right for a calendar or a feed, wrong for a "
                "figure that later rows went into"
            )
            found.append(Finding("whole_cohort", "reported", part, tuple(named), detail=detail))
    return found


def _alone(part: str, table: Table, columns: Columns) -> list[Finding]:
    truth = numbers.truth_of(table[columns.label])
    if truth is None:
        return []
    found = []
    for name in columns.inputs(table):
        area = numbers.area_alone(table[name], truth)
        if area >= NEARLY:
            severity: Severity = "refused" if area >= 1.0 else "reported"
            detail = f"alone it reaches an area under the curve of {area:.3f}"
            found.append(Finding("settles_the_label", severity, part, (name,), detail=detail))
    return found


def _on_two_sides(parts: Mapping[str, Table], columns: Columns) -> list[Finding]:
    name = columns.group or columns.id
    seen = {part: set(table[name]) for part, table in parts.items()}
    found = []
    listed = list(seen)
    for at, one in enumerate(listed):
        for other in listed[at + 1 :]:
            both = sorted(seen[one] & seen[other])
            if both:
                detail = f"the same {name} in {one} and {other}"
                found.append(_rows("on_two_sides", f"{one}+{other}", (name,), both, detail))
    return found


def _rows(  # noqa: PLR0917 - one private use
    rule: str, part: str, columns: tuple[str, ...], rows: Sequence[str], detail: str
) -> Finding:
    return Finding(rule, "refused", part, columns, tuple(rows[:MOST_NAMED]), len(rows), detail)


def _repeated(keys: Sequence[object], ids: Sequence[str]) -> list[str]:
    """Return the ids of all but the first of equal keys; None is equal to nothing."""
    seen: set[object] = set()
    found = []
    for key, name in zip(keys, ids, strict=True):
        if key is None:
            continue
        if key in seen:
            found.append(name)
        seen.add(key)
    return found


def moment(cell: str) -> datetime | None:
    """Return a cell as a time in UTC, None where it is none; without an offset it is UTC."""
    if len(cell) < len("2026-01-01") or not cell[:4].isdigit():
        return None
    try:
        found = datetime.fromisoformat(cell)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
