"""What a reader gives: columns of text by person, and the part that the person belongs to."""

import csv
import gzip
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

Cell = str | float | int | None


@dataclass(frozen=True)
class Task:
    """Rows of one prediction task; `group` names the column of the person."""

    name: str
    question: str
    rows: list[dict[str, Cell]]
    parts: list[str]
    group: str | None = None

    def write(self, part: str, path: Path) -> int:
        """Write one part as CSV and return its number of rows."""
        chosen = [row for row, own in zip(self.rows, self.parts, strict=True) if own == part]
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(self.rows[0]))
            writer.writeheader()
            writer.writerows(_texts(row) for row in chosen)
        return len(chosen)


def _texts(row: Mapping[str, Cell]) -> dict[str, str]:
    return {
        k: "" if v is None else repr(v) if isinstance(v, float) else str(v) for k, v in row.items()
    }


def records(path: Path, delimiter: str = ",") -> Iterator[dict[str, str]]:
    """Yield the rows of a file with a header."""
    with _opened(path) as file:
        yield from csv.DictReader(file, delimiter=delimiter)


def lines(path: Path) -> Iterator[list[str]]:
    """Yield the tab-separated rows below the header, which may have a field fewer."""
    with _opened(path) as file:
        reader = csv.reader(file, delimiter="\t")
        next(reader)
        yield from reader


def parts_of(folder: Path) -> dict[str, str]:
    return {row["id"]: row["part"] for row in records(folder / "splits.csv")}


def _opened(path: Path) -> io.TextIOWrapper:
    if path.suffix == ".gz":
        return io.TextIOWrapper(gzip.open(path, "rb"), encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")
