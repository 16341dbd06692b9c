"""A row's cells to the data fields of an event: lookups, value maps, numbers and scales."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ingest.domain.mapping_description import Ratio, Scalar, Value
from ingest.domain.mapping_outcome import RowRefusedError

Row = Mapping[str, str]
_TRUE = frozenset({"1", "true", "yes", "是"})
_FALSE = frozenset({"0", "false", "no", "否"})
_MAX_DIGITS = 15
MISSING = None


@dataclass(frozen=True)
class LookupTable:
    """What a table file said: a key has one value, or several and then none counts."""

    name: str
    values: Mapping[str, str]
    ambiguous: frozenset[str] = frozenset()

    def find(self, key: str, column: str) -> str:
        """Return the value of a key.

        Raises:
            RowRefusedError: `unknown_<name>`, or `ambiguous_<name>` when it has several values.
        """
        if key in self.ambiguous:
            raise RowRefusedError(f"ambiguous_{self.name}", column)
        value = self.values.get(key)
        if value is None:
            raise RowRefusedError(f"unknown_{self.name}", column)
        return value


def lookup_table(name: str, pairs: list[tuple[str, str]]) -> LookupTable:
    """Build a table from (key, value) pairs; a repeated pair is no ambiguity."""
    values: dict[str, str] = {}
    ambiguous: set[str] = set()
    for key, value in pairs:
        if values.setdefault(key, value) != value:
            ambiguous.add(key)
    return LookupTable(name, values, frozenset(ambiguous))


def read_value(rule: Value, row: Row, lookups: Mapping[str, LookupTable]) -> Scalar | None:
    """Return a data field's value, None when it is optional and the cell is empty.

    Raises:
        RowRefusedError: the cell is empty, unmapped, or not of the kind that it should be.
    """
    if rule.column is None:
        return rule.constant
    text = row[rule.column]
    if not text:
        if rule.optional:
            return MISSING
        raise RowRefusedError("empty_value", rule.column)
    if rule.lookup is not None:
        text = lookups[rule.lookup].find(text, rule.column)
    if rule.map is not None:
        return _mapped(rule.map, text, rule.column)
    return _converted(rule, text, row, lookups)


def _mapped(table: Mapping[str, Scalar], text: str, column: str) -> Scalar:
    value = table.get(text)
    if value is None:
        raise RowRefusedError("unmapped_value", column)
    return value


def _converted(rule: Value, text: str, row: Row, lookups: Mapping[str, LookupTable]) -> Scalar:
    column = rule.column or ""
    match rule.kind:
        case "text":
            return text
        case "boolean":
            return boolean_of(text, column)
        case "integer":
            return int(_scaled(rule, integer_of(text, column), row, lookups))
        case "number":
            return _scaled(rule, number_of(text, column), row, lookups)


def _scaled(rule: Value, number: float, row: Row, lookups: Mapping[str, LookupTable]) -> float:
    scaled = number * rule.scale
    return scaled / _divisor(rule.divide_by, row, lookups) if rule.divide_by else scaled


def _divisor(ratio: Ratio, row: Row, lookups: Mapping[str, LookupTable]) -> float:
    if ratio.constant is not None:
        return ratio.constant
    column = ratio.column or ""
    text = lookups[ratio.lookup].find(row[column], column) if ratio.lookup else row[column]
    divisor = number_of(text, column)
    if divisor == 0:
        raise RowRefusedError("division_by_zero", column)
    return divisor


def number_of(text: str, column: str) -> float:
    """Return a finite decimal number; thousands separators and units are faults."""
    try:
        number = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise RowRefusedError("not_a_number", column)
    return number


def integer_of(text: str, column: str) -> int:
    """Return a whole number; `3.0`, as spreadsheets write it, is one."""
    number = number_of(text, column)
    if not number.is_integer() or abs(number) >= 10**_MAX_DIGITS:
        raise RowRefusedError("not_an_integer", column)
    return int(number)


def boolean_of(text: str, column: str) -> bool:
    """Return what 1, true, yes, 是 and their opposites say."""
    word = text.lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise RowRefusedError("not_a_boolean", column)
