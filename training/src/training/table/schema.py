"""What the columns of a table are: decided once, on the training file."""

from dataclasses import dataclass
from pathlib import Path

from training.table.parsing import TableError, all_numbers, canonical, chunks, header, number


@dataclass(frozen=True)
class Roles:
    """Columns that are no inputs; the label is absent where scores are asked for."""

    id: str
    label: str
    group: str | None = None
    time: str | None = None

    def named(self) -> list[str]:
        return [n for n in (self.id, self.label, self.group, self.time) if n is not None]


@dataclass(frozen=True)
class Schema:
    """Names of the inputs by kind, in the order of the file, and which label counts as 1."""

    roles: Roles
    numbers: list[str]
    texts: list[str]
    positive: str
    negative: str


_YES = ("1", "1.0", "true", "yes", "y", "t", "positive", "case")
_TWO = 2


def schema_of(path: Path, roles: Roles) -> tuple[Schema, int]:
    """Return the schema of a training file and its number of rows.

    Raises:
        TableError: a role's column is missing, no inputs or rows, or not two labels.
    """
    names = header(path)
    for role in roles.named():
        if role not in names:
            raise TableError(f"{path.name} line 1: no column {role!r}; there are {names}")
    inputs = [name for name in names if name not in roles.named()]
    if not inputs:
        raise TableError(f"{path.name}: no column is left as an input")
    numeric = dict.fromkeys(inputs, True)
    labels: dict[str, int] = {}
    rows = 0
    for chunk in chunks(path, [roles.label, *inputs]):
        rows += chunk.rows
        _collect_labels(path, roles.label, chunk.columns[0], chunk.lines, labels)
        for name, column in zip(inputs, chunk.columns[1:], strict=True):
            if numeric[name] and not _is_numeric(column):
                numeric[name] = False
    positive, negative = _two_values(path, roles.label, labels, rows)
    numbers = [name for name in inputs if numeric[name]]
    texts = [name for name in inputs if not numeric[name]]
    return Schema(roles, numbers, texts, positive, negative), rows


def _is_numeric(column: list[str]) -> bool:
    try:
        all_numbers(column)
    except ValueError:
        return False
    return True


def _collect_labels(  # noqa: PLR0917 - one private use
    path: Path, name: str, column: list[str], lines: list[int], labels: dict[str, int]
) -> None:
    for raw, line in zip(column, lines, strict=True):
        cell = canonical(raw)
        if cell not in labels:
            where = f"{path.name} line {line} column {name!r}"
            if not cell:
                raise TableError(f"{where}: the label is empty")
            if len(labels) == _TWO:
                one, other = labels.values()
                what = f"a third label; the two others are in lines {one} and {other}"
                raise TableError(f"{where}: {what}")
            labels[cell] = line


def _two_values(path: Path, name: str, labels: dict[str, int], rows: int) -> tuple[str, str]:
    if rows == 0:
        raise TableError(f"{path.name}: no rows")
    if len(labels) < _TWO:
        raise TableError(f"{path.name} column {name!r}: only one label, {next(iter(labels))!r}")
    first, second = sorted(labels, key=_rank)
    return second, first


def _rank(label: str) -> tuple[int, float, str]:
    """Order labels: yes after anything else, larger numbers after smaller, text by alphabet."""
    try:
        return (0, number(label), label)
    except ValueError:
        return (1 if label.lower() in _YES else 0, 0.0, label)
