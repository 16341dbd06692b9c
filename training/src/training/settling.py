"""Refuse a table in which one column alone settles the label: it was made from it."""

from collections.abc import Collection

from shared.kernel.errors import LanternError
from training.dataset import leak_numbers as numbers
from training.table.reading import Table
from training.table.schema import Schema


class LeakError(LanternError):
    """A table that must not be learned from; the text names its columns."""


def refuse_settled(table: Table, schema: Schema, allowed: Collection[str]) -> None:
    """Look at every column that is not allowed.

    Raises:
        LeakError: some of them tell the labels apart without an error.
    """
    named = [name for name in settling(table, schema) if name not in allowed]
    if named:
        listed = ", ".join(map(repr, named))
        raise LeakError(
            f"{listed}: alone tells the label without an error, so it was made from it or comes "
            "after it; leave it out, or give --allow COLUMN"
        )


def settling(table: Table, schema: Schema) -> list[str]:
    """Return the columns that rank the label perfectly; none where rows are too few to judge."""
    truth = table.label == 1.0
    if not numbers.judgeable(truth):
        return []
    found = [
        name
        for at, name in enumerate(schema.numbers)
        if numbers.area_of_numbers(table.numbers[:, at], truth) >= 1.0
    ]
    for at, name in enumerate(schema.texts):
        codes = table.codes[:, at] + 1  # what is unknown is a level of its own
        if numbers.area_of_codes(codes, len(table.levels[at]) + 1, truth) >= 1.0:
            found.append(name)
    return found
