"""Lookup tables from files, such as access card → student number."""

from collections.abc import Mapping
from pathlib import Path

from ingest.domain.mapping_description import Lookup
from ingest.domain.mapping_outcome import RowRefusedError
from ingest.domain.mapping_values import LookupTable, lookup_table
from ingest.readers.rows import FeedFile
from shared.kernel.errors import RuleBrokenError

MAX_ENTRIES = 2_000_000


def read_lookup(lookup: Lookup, paths: list[Path]) -> LookupTable:
    """Read a lookup from its files; rows without key or value, and bad rows, say nothing.

    Raises:
        RuleBrokenError: a file cannot be read, lacks a column or is far too long.
    """
    pairs: list[tuple[str, str]] = []
    columns: Mapping[str, str] = {"key": lookup.key, "value": lookup.value}
    for path in paths:
        file = FeedFile(path, lookup.file, columns)
        for raw in file:
            try:
                row = file.layout.row(raw.cells())
            except RowRefusedError:
                continue
            if row["key"] and row["value"]:
                pairs.append((row["key"], row["value"]))
            if len(pairs) > MAX_ENTRIES:
                raise RuleBrokenError("too_large", f"more than {MAX_ENTRIES} rows in a lookup")
    return lookup_table(lookup.name, pairs)
