"""Which cells are hidden, so that nobody is found by counting.

A cell of fewer than ten students is hidden. The total is published too, so that a single hidden
cell, or hidden cells that sum to fewer than ten, could be found by subtraction: then the smallest
cell still shown is hidden as well (complementary suppression; Hundepool et al. 2012, chapter 4).
"""

from collections.abc import Iterable, Mapping

FLOOR = 10
Counts = Mapping[str, int]


def hidden(*tables: Counts, already: Iterable[str] = (), floor: int = FLOOR) -> frozenset[str]:
    """Return the cells to hide in all of some tables of the same cells.

    `already` are hidden for another reason.
    """
    names = sorted(tables[0], key=lambda name: (tables[0][name], name))
    out = set(already) | {n for n in names if any(table[n] < floor for table in tables)}
    for name in names:
        if not out or (len(out) > 1 and all(_sum(table, out) >= floor for table in tables)):
            break
        out.add(name)
    return frozenset(out)


def _sum(table: Counts, names: Iterable[str]) -> int:
    return sum(table[name] for name in names)
