"""Which college, intake year or gender a judged student is of: a table that no model ever reads."""

import csv
from collections.abc import Sequence
from pathlib import Path

from shared.kernel.errors import ConfigError

STUDENT = "student"


def read_groups(path: Path, students: Sequence[str]) -> dict[str, list[str]]:
    """Return each column of a CSV of `student,…` for these rows; empty where nobody said.

    Raises:
        ConfigError: not such a table, a student twice, or none of these students in it.
    """
    known = _read(path)
    columns = [name for name in next(iter(known.values()), {}) if name != STUDENT]
    if not columns:
        raise ConfigError(str(path), "has no rows, or no column beside `student`")
    if not any(student in known for student in students):
        raise ConfigError(str(path), "knows none of the judged students: are the names the same?")
    return {
        name: [known.get(student, {}).get(name) or "" for student in students] for name in columns
    }


def _read(path: Path) -> dict[str, dict[str, str]]:
    known: dict[str, dict[str, str]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if STUDENT not in (reader.fieldnames or ()):
                raise ConfigError(str(path), "has no column `student`")
            for row in reader:
                if None in row or row[STUDENT] in known:
                    what = "has more cells than columns" if None in row else "is of a student twice"
                    raise ConfigError(f"{path} line {reader.line_num}", what)
                known[row[STUDENT]] = row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(str(path), f"is no CSV: {type(error).__name__}") from None
    return known
