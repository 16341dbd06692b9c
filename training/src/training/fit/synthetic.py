"""Rows nobody lived: each a real one with some cells of another row, for the teacher to label.

(After Bucilua, Caruana and Niculescu-Mizil, Model compression, 2006.)
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.table.reading import Table

Array = NDArray[Any]
SWAPPED = 0.25


@dataclass(frozen=True)
class Invented:
    """Numbers and codes as in a table."""

    numbers: Array
    codes: Array

    def __len__(self) -> int:
        return len(self.numbers)


def invent(table: Table, count: int, seed: int, swapped: float = SWAPPED) -> Invented:
    """Return `count` rows, the same for the same seed."""
    rng = np.random.default_rng(seed)
    base = np.sort(rng.integers(0, len(table), count))
    other = rng.integers(0, len(table), count)
    numbers, codes = np.array(table.numbers[base]), np.array(table.codes[base])
    for own, source in ((numbers, table.numbers), (codes, table.codes)):
        taken = rng.random(own.shape) < swapped
        own[taken] = np.asarray(source[other])[taken]
    return Invented(numbers, codes)
